package dev.andon.cli;

import dev.andon.cli.start.RunningServer;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "server",
        description = "Run a server, until it is told to end. Logs go to standard error.",
        footer = {
            "",
            "Prints one line on standard output when it is ready. SIGTERM and Ctrl-C end it in order, with exit code"
                    + " 0.",
            "",
            "Examples:",
            "  andon server --data /var/lib/andon",
            "  andon server --data /var/lib/andon --host 0.0.0.0 --port 8443 \\",
            "      --tls-cert cert.pem --tls-key key.pem",
            "  andon server --data /var/lib/andon --flagd-evaluation 8013 --flagd-sync 8015 \\",
            "      --flagd-environment production",
            "  andon server --data /var/lib/andon \\",
            "      --store \"jdbc:postgresql://db/andon?user=andon\" \\",
            "      --host 0.0.0.0 --advertise http://andon-1.example:8080"
        })
final class ServerCommand implements Callable<Integer> {
    @Mixin
    private final Serving serving = new Serving();

    @Option(
            names = "--store",
            paramLabel = "URL",
            description = "JDBC address of the ledger's PostgreSQL. Otherwise SQLite in the data folder.")
    private Optional<String> store = Optional.empty();

    @Option(
            names = "--advertise",
            paramLabel = "URL",
            description =
                    "Where the other servers on this ledger reach this one, such as https://andon-1.example:8080, so"
                        + " that kills get to it while the store is gone (default: --host and --port, if the ledger is"
                        + " in PostgreSQL and --host is one address that isn't of this machine alone).")
    private Optional<String> advertise = Optional.empty();

    @Option(
            names = "--peer-ca",
            paramLabel = "FILE",
            description = "Certificates (PEM) that those of the other servers are signed by (default: those that Java"
                    + " trusts).")
    private Optional<String> peerAuthority = Optional.empty();

    private final Shell shell;

    ServerCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws InterruptedException {
        store.filter(url -> !url.startsWith("jdbc:postgresql:")).ifPresent(url -> {
            throw CommandFailure.usage(
                    "--store",
                    '"' + url + '"',
                    "an address such as jdbc:postgresql://host/database",
                    "Nothing was started.");
        });
        advertise.ifPresent(address -> Serving.requireAddress("--advertise", address));
        return serving.run(
                shell,
                new RunningServer.Ledger.Stored(
                        store, new RunningServer.Peers(advertise, peerAuthority.map(shell.directory()::resolve))));
    }
}
