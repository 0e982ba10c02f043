package dev.andon.cli;

import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Where a command runs: its streams, its environment, its terminal, its clocks.
 *
 * @param out what was asked for, and nothing else
 * @param err everything that accompanies it
 */
public record Shell(
        PrintStream out,
        PrintStream err,
        InputStream standardInput,
        Map<String, String> environment,
        Path directory,
        Terminal terminal,
        InstantSource clock,
        LongSupplier nanoTime,
        RandomGenerator random) {

    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    /** The line that a person types; nothing at the end of input. */
    Optional<String> readLine() {
        // Byte by byte: a reader would take more than the line, and the next question would miss it.
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            int next = standardInput.read();
            while (next >= 0 && next != '\n') {
                line.write(next);
                next = standardInput.read();
            }
            return next < 0 && line.size() == 0 ? Optional.empty() : Optional.of(line.toString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    String paint(Paint paint, String text) {
        return terminal.paint(paint, text);
    }

    /** Prints to {@code out} at once: whoever reads may be waiting for it. */
    void print(String text) {
        out.print(text);
        out.flush();
    }

    /** Prints a line to {@code err}. */
    void note(String line) {
        err.println(line);
        err.flush();
    }
}
