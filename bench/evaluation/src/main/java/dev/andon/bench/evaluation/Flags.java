package dev.andon.bench.evaluation;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The flags that all engines have: {@code constant}, which is on; {@code split}, which is on for half of those whose country is DE or AT;
 * and as many others like {@code split} as the process is told.
 */
final class Flags {
    static final String CONSTANT = "constant";
    static final String SPLIT = "split";

    private Flags() {}

    /** How many beside those that are evaluated. */
    static int others() {
        return Integer.getInteger("andon.bench.others", 0);
    }

    static List<String> splits() {
        List<String> keys = new ArrayList<>(List.of(SPLIT));
        for (int i = 0; i < others(); i++) {
            keys.add("other-" + i);
        }
        return keys;
    }

    /** The text that all flags come to in a format, with commas between. */
    static String all(String constant, Function<String, String> split) {
        return constant + "," + splits().stream().map(split).collect(Collectors.joining(","));
    }

    /** A file of this process. */
    static Path file(String text) {
        try {
            Path file = Files.createTempFile("andon-bench", ".json");
            file.toFile().deleteOnExit();
            return Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file that isn't there yet: an engine that finds what an earlier process left there may take it for the newest. */
    static String absentFile() {
        try {
            Path folder = Files.createTempDirectory("andon-bench");
            folder.toFile().deleteOnExit();
            Path file = folder.resolve("state.json");
            file.toFile().deleteOnExit();
            return file.toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether about half of the users are in: an engine that doesn't read the flag as it was meant isn't to be measured. */
    static void check(boolean constant, int in) {
        if (!constant || in < Caller.USERS / 4 || in > Caller.USERS * 3 / 4) {
            throw new IllegalStateException("flags: constant is " + constant + ", and split is on for " + in + " of "
                    + Caller.USERS + " (expected: true, and about half)");
        }
    }
}
