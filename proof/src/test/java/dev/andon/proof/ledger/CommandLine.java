package dev.andon.proof.ledger;

import dev.andon.cli.Andon;
import dev.andon.cli.Shell;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Json;
import dev.andon.server.AndonServer;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.SplittableRandom;

/** The command line in this process, as the admin of a server, in a folder. */
record CommandLine(AndonServer server, Path folder) {

    /** What came of a command. */
    record Run(int exitCode, String out, String err) {
        /** A member of the document on standard output, as JSON; nothing if there is none. */
        String member(String name) {
            Json.Members document = (Json.Members) Json.parse(out.getBytes(StandardCharsets.UTF_8));
            Json value = document.members().get(name);
            return value == null ? "" : value.text();
        }
    }

    Run run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Shell shell = new Shell(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                InputStream.nullInputStream(),
                Map.of(
                        "ANDON_SERVER",
                        server.uri().toString(),
                        "ANDON_DATA",
                        server.adminTokenFile().getParent().toString()),
                folder,
                Terminal.PLAIN,
                InstantSource.system(),
                System::nanoTime,
                new SplittableRandom(1));
        int exitCode = Andon.run(shell, arguments);
        shell.out().flush();
        shell.err().flush();
        return new Run(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
