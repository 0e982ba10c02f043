package dev.andon.server.token;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Gets an admin token back on the server's own machine, for whoever may write to its data directory. A request with the
 * hash of a new secret is put there; the server takes it up within a second or, if it isn't running, when it next starts,
 * and issues the token through the ledger like any other. Nothing is revoked. Blocks.
 */
public final class Recovery {
    private static final int LOOK_AGAIN_MS = 100;
    private static final String TOKEN_FILE = "admin.token";

    /** Every server that has ever started on a directory has left this file there. */
    private static final String NODE_KEY = "node.key";

    private final RecoveryFiles files;
    private final String secret;

    private Recovery(RecoveryFiles files, String secret) {
        this.files = files;
        this.secret = secret;
    }

    /** What became of a request. */
    public sealed interface Outcome {
        /** The secret is an admin's now. */
        record Accepted(String token, long version) implements Outcome {}

        /** It never will be. */
        record Refused(String why) implements Outcome {}

        /** Not yet: it will be as soon as the server runs and reaches its ledger. */
        record Waiting(String why) implements Outcome {}
    }

    /**
     * Puts a request into the data directory.
     *
     * @param random cryptographically strong
     * @param reason for the log
     * @throws NoSuchFileException if no server has ever used the directory: none would answer
     * @throws IOException if it can't be written to
     */
    public static Recovery ask(Path dataDirectory, String reason, RandomGenerator random) throws IOException {
        Path nodeKey = dataDirectory.resolve(NODE_KEY);
        if (!Files.exists(nodeKey)) {
            throw new NoSuchFileException(nodeKey.toString());
        }
        RecoveryFiles files = new RecoveryFiles(dataDirectory);
        String secret = Secret.generate(Role.ADMIN, random);
        Files.deleteIfExists(files.answer());
        files.write(
                files.request(),
                new RecoveryFiles.Request(Secret.hash(secret), reason).toJson().utf8());
        return new Recovery(files, secret);
    }

    /** What to use as the token once it is accepted. */
    public String secret() {
        return secret;
    }

    /** Waits for the server's answer, and leaves the secret in {@code admin.token} unless it was refused. */
    public Outcome await(Duration atMost, LongSupplier nanoTime) throws IOException, InterruptedException {
        long end = nanoTime.getAsLong() + atMost.toNanos();
        Outcome outcome = new Outcome.Waiting("no server has answered: it will be accepted when the server starts");
        while (outcome instanceof Outcome.Waiting && nanoTime.getAsLong() < end) {
            outcome = look().orElse(outcome);
            Thread.sleep(LOOK_AGAIN_MS);
        }
        if (!(outcome instanceof Outcome.Refused)) {
            files.write(files.directory().resolve(TOKEN_FILE), (secret + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return outcome;
    }

    private Optional<Outcome> look() throws IOException {
        Optional<Json> answer = files.read(files.answer());
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        Fields fields = Fields.lenient(answer.get());
        Outcome outcome = switch (fields.text("outcome")) {
            case "accepted" -> new Outcome.Accepted(fields.text("token"), fields.whole("version", 0, Long.MAX_VALUE));
            case "refused" -> new Outcome.Refused(fields.text("why"));
            case "waiting" -> new Outcome.Waiting(fields.text("why"));
            default ->
                throw new InvalidInput(
                        files.answer().toString(), fields.text("outcome"), "accepted, refused or waiting");
        };
        if (!(outcome instanceof Outcome.Waiting)) {
            Files.deleteIfExists(files.answer());
        }
        return Optional.of(outcome);
    }
}
