package dev.andon.server.simulation;

import dev.andon.core.image.Versioned;
import dev.andon.core.model.Node;
import dev.andon.server.http.InProcess;
import dev.andon.server.node.LedgerFeed;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Upstream;
import dev.andon.server.relay.RelayLogic;
import dev.andon.store.LedgerHead;
import dev.andon.store.StoreException;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What makes a node a relay: whom it reads from, and when it does. */
final class SimRelay implements StoreLink.Source, Upstream {
    static final String REGION = "eu";

    /** One for all: what else they sign isn't verified by it. */
    private static final KeyPair KEYS = keys();

    private static final String KEY =
            Base64.getEncoder().encodeToString(KEYS.getPublic().getEncoded());

    private final SimNode node;

    /** Whoever answers at its upstream's address: another one of several nodes at another time, or always the same relay. */
    SimNode upstream;

    /** Of this process. */
    private RelayLogic logic = new RelayLogic();

    private boolean followed = true;

    /** Whether its upstream has said that there is news. */
    boolean nudged;

    private boolean looking;

    SimRelay(SimNode node, SimNode upstream) {
        this.node = node;
        this.upstream = upstream;
    }

    void starts() {
        logic = new RelayLogic();
        nudged = false;
        followed = false;
    }

    boolean reachable() {
        return upstream.up && !node.world.peers.cut(node, upstream);
    }

    /** Reads on if there is anything, as its threads do it from time to time. */
    void follow() {
        boolean news = nudged;
        nudged = false;
        if (!news && !node.world.has(Fault.RELAY_DOES_NOT_LOOK)) {
            news = logic.looked(look());
        }
        if (news || !followed) {
            followed = node.catchUp();
        }
    }

    private Optional<LedgerHead> look() {
        try {
            looking = true;
            return Optional.of(node.store.head());
        } catch (StoreException e) {
            return Optional.empty();
        } finally {
            looking = false;
        }
    }

    private LedgerFeed feed() {
        if (!reachable()) {
            throw new StoreException(StoreException.Code.UNAVAILABLE, "the simulation has taken the upstream away");
        }
        return upstream.ledger.feed();
    }

    @Override
    public LedgerHead head() {
        LedgerHead head = feed().head();
        if (!looking) {
            logic.answered();
        }
        return head;
    }

    @Override
    public List<StoredEntry> read(long afterVersion, int maxEntries) {
        List<StoredEntry> entries = feed().entries(afterVersion, maxEntries);
        logic.given(afterVersion, entries.size());
        return entries;
    }

    @Override
    public Optional<StoredSnapshot> snapshot(long atMost) {
        return feed().snapshot(atMost);
    }

    @Override
    public String address() {
        return upstream.id;
    }

    @Override
    public String region() {
        return REGION;
    }

    @Override
    public String secret() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void feeds(String relay) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> way() {
        return upstream.relay
                .map(above -> Stream.concat(Stream.of(upstream.id), above.way().stream())
                        .toList())
                .orElse(List.of());
    }

    @Override
    public boolean loops() {
        return false;
    }

    @Override
    public Optional<Instant> cutOffSince() {
        return Optional.empty();
    }

    @Override
    public boolean receives() {
        return false;
    }

    @Override
    public void join(Node relay, String signature) {
        feed();
        upstream.commands.join(relay, signature);
    }

    @Override
    public long note(String relay, Observation observation) {
        throw new UnsupportedOperationException();
    }

    /** Whether its own ledger knows it, below whom it is. */
    boolean joined() {
        return joining().filter(how -> how.parent().equals(parent())).isPresent();
    }

    private Optional<Node.Joining> joining() {
        return Optional.ofNullable(node.image().nodes().get(node.id))
                .map(Versioned::value)
                .filter(Node::relays)
                .flatMap(Node::joining);
    }

    private Optional<String> parent() {
        return way().stream().findFirst();
    }

    /** As it does for ever: sees to it that the ledger knows it. */
    void keepJoined() {
        boolean known = node.image().tokens().containsKey(InProcess.TOKEN);
        if (known && !joined() && node.store.reachable() && reachable()) {
            long number = joining().map(Node.Joining::number).orElse(0L) + 1;
            Node.Joining how = new Node.Joining(InProcess.TOKEN, InProcess.SECRET_HASH, parent(), number);
            String ledger = node.image().provenance().ledger();
            join(
                    new Node(node.id, KEY).relayingIn(REGION, Optional.of(how)),
                    sign(how.statement(ledger, node.id, REGION)));
        }
    }

    private static KeyPair keys() {
        try {
            return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String sign(String statement) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(KEYS.getPrivate());
            signer.update(statement.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
