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
            return Json.parse(bytes(shell, file));
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage(option, file, "a file that exists", "Nothing has been changed.");
        } catch (IOException e) {
            throw CommandFailure.usage(
                    option, file, "a file that can be read: " + e.getMessage(), "Nothing has been changed.");
        } catch (InvalidInput e) {
            throw CommandFailure.usage(
                    option, file + ": " + e.value(), e.expected(), "Correct the file; nothing has been changed.");
        }
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
