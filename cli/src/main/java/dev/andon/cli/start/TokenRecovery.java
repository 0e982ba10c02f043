package dev.andon.cli.start;

import dev.andon.server.token.Recovery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** Getting an admin token back, for whoever may write to the server's data folder. */
public final class TokenRecovery {
    private TokenRecovery() {}

    /**
     * @param accepted whether the server has taken the token up; otherwise it will when it next starts
     * @param note what is still to be done, if anything
     */
    public record Recovered(String secret, boolean accepted, String note) {}

    /**
     * Asks the server for a new admin token and waits for its answer. The token is left in {@code admin.token}.
     *
     * @param random must be cryptographically strong
     */
    public static Recovered recover(
            Path data, String reason, Duration atMost, RandomGenerator random, LongSupplier nanoTime) {
        try {
            Recovery recovery = Recovery.ask(data, reason, random);
            return switch (recovery.await(atMost, nanoTime)) {
                case Recovery.Outcome.Accepted accepted -> new Recovered(recovery.secret(), true, "");
                case Recovery.Outcome.Waiting(String why) -> new Recovered(recovery.secret(), false, why);
                case Recovery.Outcome.Refused(String why) ->
                    throw new StartRefused("recovery: " + why, new IllegalStateException(why));
            };
        } catch (NoSuchFileException e) {
            String what = Files.isDirectory(data) ? "no server has used this folder" : "no such folder";
            throw new StartRefused("data: " + data + ": " + what + " (expected: the server's data folder)", e);
        } catch (IOException e) {
            throw new StartRefused(
                    "data: " + data + " (expected: the server's data folder, writable by this user; " + e + ")", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartRefused("interrupted", e);
        }
    }
}
