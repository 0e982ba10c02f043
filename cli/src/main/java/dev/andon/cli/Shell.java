package dev.andon.cli;

import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
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
        StringBuilder line = new StringBuilder();
        try {
            Reader reader = new InputStreamReader(standardInput, StandardCharsets.UTF_8);
            int next = reader.read();
            while (next >= 0 && next != '\n') {
                line.append((char) next);
                next = reader.read();
            }
            return next < 0 && line.isEmpty() ? Optional.empty() : Optional.of(line.toString());
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
