package dev.andon.cli;

import dev.andon.cli.demo.Demo;
import dev.andon.cli.demo.DemoFailure;
import dev.andon.cli.start.RunningServer;
import dev.andon.cli.start.StartRefused;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description =
                "See it at work in half a minute: a server, a small shop, a feature that goes wrong, and its end.",
        footer = {
            "",
            "Everything runs on this machine, in a temporary folder, and is gone afterwards. All numbers are measured."
                    + " With --json, the story goes to standard error.",
            "",
            "Example:",
            "  andon demo --keep"
        })
final class DemoCommand implements Callable<Integer> {
    @Option(names = "--keep", description = "Go on afterwards until Ctrl-C, with addresses and tokens to play with.")
    private boolean keep;

    @Option(names = "--json", description = "Print what was measured as one JSON document.")
    private boolean json;

    private final Shell shell;

    DemoCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        Demo demo = new Demo(
                json ? shell.err() : shell.out(),
                shell.err(),
                shell.terminal(),
                shell.clock(),
                shell.nanoTime(),
                shell.random(),
                new DemoAndon());
        try {
            demo.run(keep, this::told);
            return Exit.DONE;
        } catch (DemoFailure e) {
            throw CommandFailure.of(
                    e.exitCode(), "the story ends here", String.valueOf(e.getMessage()), "Nothing was left behind.");
        }
    }

    private void told(Json measured) {
        if (json) {
            shell.print(measured.text() + "\n");
        }
    }

    /** The real server and the real command. */
    private final class DemoAndon implements Demo.Andon {
        @Override
        public Demo.Server start(Path directory) {
            Logging.toFile(directory.resolveSibling("server.log"));
            try {
                return new DemoServer(RunningServer.start(new RunningServer.Settings(
                                directory, "127.0.0.1", 0, Optional.empty())
                        .withFlagd(new RunningServer.Flagd(Optional.of(0), Optional.of(0), List.of("production")))));
            } catch (StartRefused e) {
                throw CommandFailure.of(
                        Exit.REFUSED, "not started", String.valueOf(e.getMessage()), "Nothing was left behind.");
            }
        }

        @Override
        public int run(Demo.Server server, Demo.Place place, List<String> words) {
            Map<String, String> environment = new HashMap<>(shell.environment());
            environment.put("ANDON_SERVER", server.address().toString());
            environment.put("ANDON_TOKEN", server.token());
            Shell typed = new Shell(
                    place.out(),
                    place.err(),
                    shell.standardInput(),
                    environment,
                    place.directory(),
                    shell.terminal(),
                    shell.clock(),
                    shell.nanoTime(),
                    shell.random());
            return Andon.run(typed, words.toArray(String[]::new));
        }
    }

    private record DemoServer(RunningServer running) implements Demo.Server {
        @Override
        public URI address() {
            return running.address();
        }

        @Override
        public String token() {
            try {
                return Files.readString(running.adminTokenFile().orElseThrow()).strip();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String flagdEvaluation() {
            return running.flagdEvaluation().orElseThrow();
        }

        @Override
        public String flagdSync() {
            return running.flagdSync().orElseThrow();
        }

        @Override
        public void close() {
            running.close();
        }
    }
}
