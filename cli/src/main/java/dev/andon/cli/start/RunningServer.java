package dev.andon.cli.start;

import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.flagd.FlagdConfig;
import dev.andon.server.node.StartProblem;
import dev.andon.server.ofrep.OfrepLimits;
import dev.andon.server.peer.PeerConfig;
import dev.andon.server.relay.RelayConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** A server in this process. Thread-safe. */
public final class RunningServer implements AutoCloseable {
    private final AndonServer server;

    /**
     * @param port 0 for any that is free
     * @param ledger where the ledger is
     * @param origins of the web pages that may evaluate by OFREP
     * @param ofrepRate requests a second that one key may make by OFREP
     * @param ofrepPort where OFREP is offered beside the main port; 0 for any that is free
     * @param flagd what is served to flagd's clients
     * @param confirmShare a kill of flags with more than this part of the evaluations takes a confirmation; 0 to 1
     */
    public record Settings(
            Path data,
            String host,
            int port,
            Ledger ledger,
            Optional<Tls> tls,
            double confirmShare,
            List<String> origins,
            int ofrepRate,
            OptionalInt ofrepPort,
            Flagd flagd) {
        public Settings {
            origins = List.copyOf(origins);
        }

        /** None takes a confirmation for its traffic; no web page evaluates. */
        public Settings(Path data, String host, int port, Optional<Tls> tls) {
            this(
                    data,
                    host,
                    port,
                    Ledger.Stored.IN_FILE,
                    tls,
                    1,
                    List.of(),
                    OfrepLimits.DEFAULT.ratePerSecond(),
                    OptionalInt.empty(),
                    Flagd.OFF);
        }

        public Settings withFlagd(Flagd services) {
            return new Settings(data, host, port, ledger, tls, confirmShare, origins, ofrepRate, ofrepPort, services);
        }
    }

    /** Where the ledger is that a server serves. */
    public sealed interface Ledger {
        /**
         * In a store.
         *
         * @param store its JDBC address; SQLite in the data folder unless set
         * @param peers how it and the other servers on its ledger find each other
         */
        record Stored(Optional<String> store, Peers peers) implements Ledger {
            static final Stored IN_FILE = new Stored(Optional.empty(), Peers.UNSET);
        }

        /**
         * At another server: this one is a relay.
         *
         * @param token of role relay
         * @param region where it and its clients are
         * @param trusted a PEM file with the certificates that the upstream's is signed by; those that Java trusts, unless
         *     set
         */
        record Relayed(String upstream, String token, String region, Optional<Path> trusted) implements Ledger {
            /** Without the token. */
            @Override
            public String toString() {
                return "Relayed[upstream=" + upstream + ", region=" + region + "]";
            }
        }
    }

    /**
     * @param advertise where the other servers reach this one; derived, where that is certain, unless set
     * @param trusted a PEM file with the certificates that theirs are signed by; those that Java trusts, unless set
     */
    public record Peers(Optional<String> advertise, Optional<Path> trusted) {
        public static final Peers UNSET = new Peers(Optional.empty(), Optional.empty());
    }

    /**
     * Ports for flagd's clients, 0 for any that is free.
     *
     * @param environments open to clients without a key
     */
    public record Flagd(Optional<Integer> evaluation, Optional<Integer> sync, List<String> environments) {
        public static final Flagd OFF = new Flagd(Optional.empty(), Optional.empty(), List.of());

        public Flagd {
            environments = List.copyOf(environments);
        }

        private FlagdConfig config() {
            FlagdConfig config = FlagdConfig.OFF.withEnvironments(environments);
            if (evaluation.isPresent()) {
                config = config.withEvaluation(evaluation.get());
            }
            return sync.isPresent() ? config.withSync(sync.get()) : config;
        }
    }

    /** PEM files. */
    public record Tls(Path certificate, Path key) {}

    private RunningServer(AndonServer server) {
        this.server = server;
    }

    /** Starts a server; returns when it serves. */
    public static RunningServer start(Settings settings) {
        OfrepLimits ofrep = OfrepLimits.DEFAULT.withOrigins(settings.origins()).withRate(settings.ofrepRate());
        if (settings.ofrepPort().isPresent()) {
            ofrep = ofrep.withOwnPort(settings.ofrepPort().getAsInt());
        }
        ServerConfig config = ServerConfig.in(settings.data())
                .withAddress(settings.host(), settings.port())
                .withConfirmShare(settings.confirmShare())
                .withOfrep(ofrep)
                .withFlagd(settings.flagd().config());
        config = withLedger(config, settings.ledger());
        if (settings.tls().isPresent()) {
            Tls tls = settings.tls().get();
            config = config.withTls(tls.certificate(), tls.key());
        }
        try {
            return new RunningServer(AndonServer.start(config));
        } catch (StartProblem e) {
            throw new StartRefused(String.valueOf(e.getMessage()), e);
        }
    }

    private static ServerConfig withLedger(ServerConfig config, Ledger ledger) {
        return switch (ledger) {
            case Ledger.Stored stored -> {
                ServerConfig linked = config.withPeers(new PeerConfig(
                        stored.peers().advertise(), stored.peers().trusted()));
                yield stored.store().map(linked::withStore).orElse(linked);
            }
            case Ledger.Relayed relayed ->
                config.withRelay(
                        new RelayConfig(relayed.upstream(), relayed.token(), relayed.region(), relayed.trusted()));
        };
    }

    /** Where clients of this machine reach it. */
    public URI address() {
        return server.uri();
    }

    /** Where clients of this machine reach OFREP alone, if it has a port of its own. */
    public Optional<URI> ofrepAddress() {
        return server.ofrepUri();
    }

    /** Where flags are evaluated for flagd's clients of this machine, as {@code host:port}; empty if nowhere. */
    public Optional<String> flagdEvaluation() {
        return at(server.flagdEvaluationPort());
    }

    /** Where flagd's in-process clients of this machine get their flags, likewise. */
    public Optional<String> flagdSync() {
        return at(server.flagdSyncPort());
    }

    private Optional<String> at(OptionalInt port) {
        return port.isPresent() ? Optional.of(address().getHost() + ":" + port.getAsInt()) : Optional.empty();
    }

    /** Whether it is a relay. */
    public boolean relayed() {
        return server.relayed();
    }

    /** What the ledger is in, in a few words; a relay's upstream. */
    public String store() {
        return server.store();
    }

    /** The file with the admin token that the first start or a recovery wrote, if it is still there. */
    public Optional<Path> adminTokenFile() {
        return Optional.of(server.adminTokenFile()).filter(Files::exists);
    }

    /** Hands the clients over to other nodes within this time, none for zero, and closes. */
    public void end(Duration drain) {
        try {
            if (!drain.isZero()) {
                server.drain(drain);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
