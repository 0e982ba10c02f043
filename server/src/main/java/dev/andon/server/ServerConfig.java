package dev.andon.server;

import dev.andon.core.json.InvalidInput;
import dev.andon.server.delivery.StreamLimits;
import dev.andon.server.flagd.FlagdConfig;
import dev.andon.server.http.HttpLimits;
import dev.andon.server.node.NodeLimits;
import dev.andon.server.ofrep.OfrepLimits;
import dev.andon.server.peer.PeerConfig;
import dev.andon.server.receipt.Deadlines;
import dev.andon.server.relay.RelayConfig;
import dev.andon.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a server runs. Immutable; begin with {@link #in} and change what is to differ.
 *
 * @param data the folder of this server alone; made if it isn't there
 * @param host what to listen on
 * @param port 0 for any that is free
 * @param store the ledger's JDBC address; {@code ledger.db} in the data folder unless set
 * @param tls certificate and key; plain HTTP unless set
 * @param remember how long an instance that vanished without goodbye counts as unreachable
 * @param confirmShare a person's kill of flags with more than this part of the evaluations takes a confirmation, as wider ones
 *     always do; 1 if none is to take one for its traffic
 * @param ofrep what clients by OFREP may do
 * @param receipts when receipts say their last word in the ledger
 * @param flagd what is served to flagd's clients
 * @param peers how it and the other servers on its ledger find each other
 * @param relay what makes it a relay, whose ledger is its upstream's; a server with a ledger of its own unless set
 */
public record ServerConfig(
        Path data,
        String host,
        int port,
        Optional<String> store,
        StoreOptions storeOptions,
        Optional<Tls> tls,
        Duration remember,
        StreamLimits streams,
        HttpLimits http,
        NodeLimits node,
        double confirmShare,
        OfrepLimits ofrep,
        Deadlines receipts,
        FlagdConfig flagd,
        PeerConfig peers,
        Optional<RelayConfig> relay) {

    /**
     * @param certificate a PEM file with the chain, leaf first; read again when it changes
     * @param key a PEM file with the leaf's private key
     * @param lookAgain how often the files are looked at
     */
    public record Tls(Path certificate, Path key, Duration lookAgain) {
        private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
    }

    /** On 127.0.0.1:8080, with SQLite in the data folder. */
    public static ServerConfig in(Path data) {
        return new ServerConfig(
                data,
                "127.0.0.1",
                8080,
                Optional.empty(),
                StoreOptions.DEFAULTS,
                Optional.empty(),
                Duration.ofMinutes(10),
                StreamLimits.DEFAULT,
                HttpLimits.DEFAULT,
                NodeLimits.DEFAULT,
                1,
                OfrepLimits.DEFAULT,
                Deadlines.DEFAULT,
                FlagdConfig.OFF,
                PeerConfig.DEFAULT,
                Optional.empty());
    }

    public ServerConfig withAddress(String newHost, int newPort) {
        return with(draft -> {
            draft.host = newHost;
            draft.port = newPort;
        });
    }

    public ServerConfig withStore(String jdbcUrl) {
        return with(draft -> draft.store = Optional.of(jdbcUrl));
    }

    public ServerConfig withStoreOptions(StoreOptions options) {
        return with(draft -> draft.storeOptions = options);
    }

    public ServerConfig withTls(Path certificate, Path key) {
        return withTls(certificate, key, Tls.LOOK_AGAIN);
    }

    public ServerConfig withTls(Path certificate, Path key, Duration lookAgain) {
        return with(draft -> draft.tls = Optional.of(new Tls(certificate, key, lookAgain)));
    }

    public ServerConfig withRemember(Duration duration) {
        return with(draft -> draft.remember = duration);
    }

    public ServerConfig withStreams(StreamLimits limits) {
        return with(draft -> draft.streams = limits);
    }

    public ServerConfig withHttp(HttpLimits limits) {
        return with(draft -> draft.http = limits);
    }

    public ServerConfig withNode(NodeLimits limits) {
        return with(draft -> draft.node = limits);
    }

    public ServerConfig withConfirmShare(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new InvalidInput("confirmShare", "" + share, "0 to 1");
        }
        return with(draft -> draft.confirmShare = share);
    }

    public ServerConfig withOfrep(OfrepLimits limits) {
        return with(draft -> draft.ofrep = limits);
    }

    public ServerConfig withReceipts(Deadlines deadlines) {
        return with(draft -> draft.receipts = deadlines);
    }

    public ServerConfig withFlagd(FlagdConfig services) {
        return with(draft -> draft.flagd = services);
    }

    public ServerConfig withPeers(PeerConfig others) {
        return with(draft -> draft.peers = others);
    }

    /** As a relay, without a ledger of its own. */
    public ServerConfig withRelay(RelayConfig below) {
        return with(draft -> draft.relay = Optional.of(below));
    }

    /** This, but for what is changed in the draft. */
    private ServerConfig with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.config();
    }

    /** The components, to be changed. */
    private static final class Draft {
        private final Path data;
        private String host;
        private int port;
        private Optional<String> store;
        private StoreOptions storeOptions;
        private Optional<Tls> tls;
        private Duration remember;
        private StreamLimits streams;
        private HttpLimits http;
        private NodeLimits node;
        private double confirmShare;
        private OfrepLimits ofrep;
        private Deadlines receipts;
        private FlagdConfig flagd;
        private PeerConfig peers;
        private Optional<RelayConfig> relay;

        Draft(ServerConfig config) {
            data = config.data;
            host = config.host;
            port = config.port;
            store = config.store;
            storeOptions = config.storeOptions;
            tls = config.tls;
            remember = config.remember;
            streams = config.streams;
            http = config.http;
            node = config.node;
            confirmShare = config.confirmShare;
            ofrep = config.ofrep;
            receipts = config.receipts;
            flagd = config.flagd;
            peers = config.peers;
            relay = config.relay;
        }

        ServerConfig config() {
            return new ServerConfig(
                    data,
                    host,
                    port,
                    store,
                    storeOptions,
                    tls,
                    remember,
                    streams,
                    http,
                    node,
                    confirmShare,
                    ofrep,
                    receipts,
                    flagd,
                    peers,
                    relay);
        }
    }
}
