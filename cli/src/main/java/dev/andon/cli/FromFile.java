package dev.andon.cli;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;

/** Reads JSON documents that people have written. */
final class FromFile {
    private FromFile() {}

    /** The document in a file; {@code -} is standard input. */
    static Json json(Shell shell, String option, String file) {
        try {
            return parsed(option, file, bytes(shell, file));
        } catch (IOException e) {
            throw unreadable(option, file, e);
        }
    }

    /** A document in JSON, or else its text, for the server to read as YAML. */
    static Json jsonOrText(Shell shell, String option, String file) {
        try {
            byte[] bytes = bytes(shell, file);
            String text = new String(bytes, StandardCharsets.UTF_8);
            boolean yaml = file.endsWith(".yaml")
                    || file.endsWith(".yml")
                    || !text.strip().startsWith("{");
            return yaml ? Json.of(text) : parsed(option, file, bytes);
        } catch (IOException e) {
            throw unreadable(option, file, e);
        }
    }

    private static Json parsed(String option, String file, byte[] bytes) {
        try {
            return Json.parse(bytes);
        } catch (InvalidInput e) {
            throw CommandFailure.usage(
                    option, file + ": " + e.value(), e.expected(), "Correct the file; nothing has been changed.");
        }
    }

    private static CommandFailure unreadable(String option, String file, IOException e) {
        String expected =
                e instanceof NoSuchFileException ? "a file that exists" : "a file that can be read: " + e.getMessage();
        return CommandFailure.usage(option, file, expected, "Nothing has been changed.");
    }

    private static byte[] bytes(Shell shell, String file) throws IOException {
        return file.equals("-")
                ? shell.standardInput().readAllBytes()
                : Files.readAllBytes(shell.directory().resolve(file));
    }

    /** A document that was given as an argument. */
    static Json parse(String option, String text) {
        try {
            return Json.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (InvalidInput e) {
            throw CommandFailure.usage(
                    option,
                    e.value(),
                    e.expected(),
                    "In a shell, JSON stands between single quotes. Nothing has been changed.");
        }
    }
}
