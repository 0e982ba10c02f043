package dev.andon.cli;

import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** One command line, run in this process, and what came of it. */
record Run(int exitCode, String out, String err) {

    /** A shell's environment for tests; immutable. */
    record Place(Map<String, String> environment, Terminal terminal, String typed, Path directory) {
        Run andon(String... arguments) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            ByteArrayOutputStream err = new ByteArrayOutputStream();
            Shell shell = new Shell(
                    new PrintStream(out, false, StandardCharsets.UTF_8),
                    new PrintStream(err, false, StandardCharsets.UTF_8),
                    new ByteArrayInputStream(typed.getBytes(StandardCharsets.UTF_8)),
                    environment,
                    directory,
                    terminal,
                    InstantSource.system(),
                    System::nanoTime,
                    new SplittableRandom());
            int exitCode = Andon.run(shell, arguments);
            shell.out().flush();
            shell.err().flush();
            return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        }

        Place with(String variable, String value) {
            Map<String, String> more = new LinkedHashMap<>(environment);
            more.put(variable, value);
            return new Place(more, terminal, typed, directory);
        }

        Place on(Terminal other) {
            return new Place(environment, other, typed, directory);
        }

        Place typing(String text) {
            return new Place(environment, terminal, text, directory);
        }

        Place in(Path other) {
            return new Place(environment, terminal, typed, other);
        }
    }

    static Place place() {
        return new Place(Map.of(), Terminal.PLAIN, "", Path.of(""));
    }

    /** The one document on standard output. */
    Json json() {
        return Json.parse(out.getBytes(StandardCharsets.UTF_8));
    }
}
