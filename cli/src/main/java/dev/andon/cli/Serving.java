package dev.andon.cli;

import dev.andon.cli.start.RunningServer;
import dev.andon.cli.start.StartRefused;
import dev.andon.cli.text.Times;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Option;

/** What every server is told, one with a ledger and a relay, and how it runs: until it is told to end. */
final class Serving {
    private static final int MAX_PORT = 65_535;

    /** What a relay's options are called where they are checked. */
    private static final Set<String> RELAYED = Set.of("upstream", "token", "region");

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Folder of this server alone: journal, image, ledger, admin token. Made if it isn't there.")
    private String data = "";

    @Option(
            names = "--host",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}; 0.0.0.0: all).")
    private String host = "";

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8080",
            description = "Port to listen on (default: ${DEFAULT-VALUE}; 0: any that is free).")
    private int port;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Certificate chain (PEM); read again when it changes.")
    private Optional<String> certificate = Optional.empty();

    @Option(names = "--tls-key", paramLabel = "FILE", description = "The certificate's private key (PEM).")
    private Optional<String> key = Optional.empty();

    @Option(
            names = "--confirm-share",
            paramLabel = "PERCENT",
            defaultValue = "100",
            description =
                    "A kill of one flag with more than this share of the evaluations takes a confirmation, as wider"
                            + " ones always do (default: ${DEFAULT-VALUE}: none does).")
    private int confirmShare;

    @Option(
            names = "--cors-origin",
            paramLabel = "ORIGIN",
            description = "Web pages of this origin, such as https://shop.example, may evaluate flags by OFREP; may be"
                    + " repeated; * for all (default: none).")
    private List<String> origins = new ArrayList<>();

    @Option(
            names = "--ofrep-rate",
            paramLabel = "REQUESTS",
            defaultValue = "10000",
            description = "Requests a second that one key may make by OFREP (default: ${DEFAULT-VALUE}).")
    private int ofrepRate;

    @Option(
            names = "--ofrep",
            paramLabel = "PORT",
            description = "Offer OFREP on this port too, with nothing else; 8016 is usual, 0 any that is free (default:"
                    + " on --port alone).")
    private Optional<Integer> ofrepPort = Optional.empty();

    @Option(
            names = "--flagd-evaluation",
            paramLabel = "PORT",
            description =
                    "Port where flags are evaluated for flagd's clients, usually 8013 (default: closed; 0: any that"
                            + " is free).")
    private Optional<Integer> flagdEvaluation = Optional.empty();

    @Option(
            names = "--flagd-sync",
            paramLabel = "PORT",
            description = "Port where flagd's in-process clients get their flags, usually 8015 (default: closed; 0: any"
                    + " that is free).")
    private Optional<Integer> flagdSync = Optional.empty();

    @Option(
            names = "--flagd-environment",
            paramLabel = "ENV",
            description = "Environment that flagd's clients may read without a key; may be repeated; the first is meant"
                    + " where they select none (default: none).")
    private List<String> flagdEnvironments = new ArrayList<>();

    @Option(
            names = "--drain",
            paramLabel = "TIME",
            defaultValue = "0s",
            description = "On SIGTERM, not to be ready any more and to hand the clients over to other nodes within this"
                    + " time, such as 10s, before it ends (default: ends at once).")
    private String drain = "0s";

    @Option(names = "--json", description = "Print the ready line as one JSON document.")
    private boolean json;

    /** Runs it. Doesn't return before the process ends. */
    int run(Shell shell, RunningServer.Ledger ledger) throws InterruptedException {
        Duration leaving = Times.duration("--drain", drain);
        RunningServer server = start(settings(shell, ledger));
        // Ends the process here: what called for the end expects exit code 0, and not the signal's.
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            server.end(leaving);
                            Runtime.getRuntime().halt(Exit.DONE);
                        },
                        "server's end"));
        shell.print(ready(server) + "\n");
        new CountDownLatch(1).await();
        return Exit.DONE;
    }

    private RunningServer.Settings settings(Shell shell, RunningServer.Ledger ledger) {
        requirePort("--port", port);
        ofrepPort.ifPresent(own -> requirePort("--ofrep", own));
        flagdEvaluation.ifPresent(asked -> requirePort("--flagd-evaluation", asked));
        flagdSync.ifPresent(asked -> requirePort("--flagd-sync", asked));
        if (!flagdEnvironments.isEmpty() && flagdEvaluation.isEmpty() && flagdSync.isEmpty()) {
            throw CommandFailure.usage(
                    "--flagd-environment",
                    String.join(", ", flagdEnvironments),
                    "a port, too",
                    "Give --flagd-evaluation 8013, --flagd-sync 8015, or both.");
        }
        if (confirmShare < 0 || confirmShare > 100) {
            throw CommandFailure.usage("--confirm-share", "" + confirmShare, "0 to 100", "Nothing was started.");
        }
        if (ofrepRate < 1) {
            throw CommandFailure.usage("--ofrep-rate", "" + ofrepRate, "at least 1", "Nothing was started.");
        }
        if (certificate.isPresent() != key.isPresent()) {
            throw CommandFailure.usage(
                    certificate.isPresent() ? "--tls-key" : "--tls-cert",
                    "nothing",
                    "a PEM file, as the other one is given",
                    "Give both for HTTPS, or neither for HTTP.");
        }
        Path folder = shell.directory().resolve(data);
        return new RunningServer.Settings(
                folder,
                host,
                port,
                ledger,
                certificate.map(file -> new RunningServer.Tls(
                        shell.directory().resolve(file), shell.directory().resolve(key.orElseThrow()))),
                confirmShare / 100.0,
                origins,
                ofrepRate,
                ofrepPort.map(OptionalInt::of).orElse(OptionalInt.empty()),
                new RunningServer.Flagd(flagdEvaluation, flagdSync, flagdEnvironments));
    }

    static void requireAddress(String option, String address) {
        try {
            Node.address(option, address);
        } catch (InvalidInput e) {
            throw CommandFailure.usage(option, '"' + address + '"', e.expected(), "Nothing was started.");
        }
    }

    private static void requirePort(String option, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw CommandFailure.usage(option, "" + port, "0 to " + MAX_PORT, "Nothing was started.");
        }
    }

    private static RunningServer start(RunningServer.Settings settings) {
        try {
            return RunningServer.start(settings);
        } catch (InvalidInput e) {
            String option = RELAYED.contains(e.path()) ? "--" + e.path() : "--cors-origin";
            throw CommandFailure.usage(option, e.value(), e.expected(), "Nothing was started.");
        } catch (StartRefused e) {
            throw CommandFailure.of(
                    Exit.REFUSED, "not started", String.valueOf(e.getMessage()), "The server was not started.");
        }
    }

    private String ready(RunningServer server) {
        String token = server.adminTokenFile().map(Path::toString).orElse("");
        if (json) {
            return Json.object()
                    .put("address", server.address().toString())
                    .put("ofrep", server.ofrepAddress().map(URI::toString))
                    .put("store", server.store())
                    .put("adminToken", server.adminTokenFile().map(Path::toString))
                    .put("flagdEvaluation", server.flagdEvaluation())
                    .put("flagdSync", server.flagdSync())
                    .build()
                    .text();
        }
        String where = token.isEmpty() ? "issued before" : "in " + token;
        String ofrep =
                server.ofrepAddress().map(address -> ", OFREP at " + address).orElse("");
        String flagd = server.flagdEvaluation()
                        .map(at -> ", flagd evaluation at " + at)
                        .orElse("")
                + server.flagdSync().map(at -> ", flagd sync at " + at).orElse("");
        String ledger = server.relayed() ? ", relay of " + server.store() : ", ledger in " + server.store();
        String admin = server.relayed() ? "" : ", admin token " + where;
        return "andon: ready at " + server.address() + ofrep + flagd + ledger + admin;
    }
}
