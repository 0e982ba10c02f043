package dev.andon.cli;

import dev.andon.cli.start.RunningServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "relay",
        description =
                "Run a relay, a server without a ledger of its own near its clients, until it is told to end. Logs go"
                        + " to standard error.",
        footer = {
            "",
            "It serves and kills by itself, also after a restart with the upstream gone; changes and restores are the"
                    + " upstream's. The upstream may be a relay, too.",
            "",
            "Prints one line on standard output when it is ready. SIGTERM and Ctrl-C end it in order, with exit code"
                    + " 0.",
            "",
            "Examples:",
            "  andon token create eu --role relay --reason \"relays in Europe\"",
            "  andon relay --data /var/lib/andon --upstream https://andon.example:8443 \\",
            "      --token-file /etc/andon/relay.token --region eu-west"
        })
final class RelayCommand implements Callable<Integer> {
    @Mixin
    private final Serving serving = new Serving();

    @Option(
            names = "--upstream",
            required = true,
            paramLabel = "URL",
            description = "The server that feeds it, or what stands before several of one ledger, such as"
                    + " https://andon.example:8443.")
    private String upstream = "";

    @Option(
            names = "--region",
            required = true,
            paramLabel = "REGION",
            description = "Where it and its clients are, such as eu-west; for lists and receipts.")
    private String region = "";

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description =
                    "A token of role relay. Otherwise --token-file, or ANDON_TOKEN, which other users of the machine"
                            + " can't see.")
    private Optional<String> token = Optional.empty();

    @Option(names = "--token-file", paramLabel = "FILE", description = "A file with that token.")
    private Optional<String> tokenFile = Optional.empty();

    @Option(
            names = "--peer-ca",
            paramLabel = "FILE",
            description = "Certificates (PEM) that the upstream's is signed by (default: those that Java trusts).")
    private Optional<String> authority = Optional.empty();

    private final Shell shell;

    RelayCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        Serving.requireAddress("--upstream", upstream);
        return serving.run(
                shell,
                new RunningServer.Ledger.Relayed(
                        upstream, secret(), region, authority.map(shell.directory()::resolve)));
    }

    private String secret() {
        if (token.isPresent()) {
            return secret("--token", token.get());
        }
        if (tokenFile.isPresent()) {
            Path file = shell.directory().resolve(tokenFile.get());
            try {
                return secret("--token-file", Files.readString(file));
            } catch (IOException e) {
                throw CommandFailure.usage(
                        "--token-file",
                        file.toString(),
                        "a file that can be read, with a token",
                        "Nothing was started.");
            }
        }
        return secret(
                "--token, --token-file or ANDON_TOKEN",
                shell.variable("ANDON_TOKEN").orElse(""));
    }

    private static String secret(String where, String text) {
        if (text.isBlank()) {
            throw CommandFailure.usage(
                    where,
                    "nothing",
                    "the secret of a token of role relay",
                    "'andon token create NAME --role relay' makes one at the upstream.");
        }
        return text.strip();
    }
}
