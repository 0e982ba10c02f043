package dev.andon.server.node;

import dev.andon.core.image.Marks;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Token;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerProof;
import dev.andon.store.StoreException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a node tells other nodes, and what it takes from them. Nothing here waits for the store. Thread-safe.
 */
public final class Peering implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Peering.class);

    private final AndonNode node;
    private final NodeKey identity;
    private final StopLoop stop;
    private final Optional<Upstream> upstream;
    private final long retryMs;
    private final CarriedKills carried;
    private final AtomicReference<Thread> advertising = new AtomicReference<>();
    private volatile Standing standing =
            new Standing(KnownKills.Waiting.NONE, new PeerInput.Offered(Marks.NONE, Map.of()));

    private record Standing(KnownKills.Waiting waiting, PeerInput.Offered offered) {}

    Peering(
            AndonNode node,
            NodeKey identity,
            StopLoop stop,
            Optional<Upstream> upstream,
            long retryMs,
            LongSupplier nanoTime) {
        this.node = node;
        this.identity = identity;
        this.stop = stop;
        this.upstream = upstream;
        this.retryMs = retryMs;
        // A lane of its own: whoever has an SDK key can fill that of the clients with forged kills.
        this.carried = new CarriedKills("another node", node::image, stop::pending, stop::carried, nanoTime);
    }

    /** This node's id. */
    public String self() {
        return identity.node().id();
    }

    /** The id of its ledger; empty as long as it has none. */
    public String ledger() {
        return node.image().provenance().ledger();
    }

    /** A node of the ledger, as this one knows it. */
    public Optional<Node> named(String id) {
        return Optional.ofNullable(node.image().nodes().get(id)).map(Versioned::value);
    }

    /** Whether a secret of a token is in force, as far as this node knows. */
    public boolean accepts(String token, String secretHash, Instant now) {
        Versioned<Token> known = node.image().tokens().get(token);
        return known != null && known.value().accepts(secretHash, now);
    }

    /** The relays that are to be there, by id. */
    public Map<String, Node> relays() {
        Map<String, Node> relays = new HashMap<>();
        node.image().nodes().forEach((id, known) -> {
            if (known.value().relays() && !id.equals(self())) {
                relays.put(id, known.value());
            }
        });
        return relays;
    }

    /**
     * Base64 of the signature by this node's key.
     *
     * @param proof a text that begins with {@link PeerProof#PREFIX}: nothing else is signed
     */
    public String sign(String proof) {
        if (!proof.startsWith(PeerProof.PREFIX)) {
            throw new IllegalArgumentException("proof: another text (expected: one between nodes)");
        }
        return identity.sign(proof);
    }

    /** The kills that stand here; the same object as long as the kill path does nothing. */
    @SuppressWarnings("ReferenceEquality") // the kill path makes another object in each step
    public PeerInput.Offered standing() {
        KnownKills.Waiting waiting = stop.waiting();
        Standing last = standing;
        if (last.waiting() != waiting) {
            last = new Standing(waiting, PeerInput.Offered.of(waiting.image(), waiting.kills()));
            standing = last;
        }
        return last.offered();
    }

    /** Takes over kills that another node carries. Doesn't block; what there is no room for is carried again. */
    public boolean adopt(List<SignedKill> kills) {
        return carried.offer(kills);
    }

    /** Sees to it that the ledger says where other nodes reach this one: as soon as the store takes it. Once. */
    public void advertise(Optional<String> address) {
        Node reached = identity.node().reachedAt(address);
        Thread thread = Thread.ofVirtual().name("andon-advertise").unstarted(() -> advertise(reached));
        if (advertising.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    /** At a relay: sees to it, for ever, that the ledger knows it as one; what it signs counts for nothing before. */
    void join() {
        Thread thread = Thread.ofVirtual().name("andon-join").unstarted(this::keepJoined);
        if (advertising.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    private void keepJoined() {
        Upstream from = upstream.orElseThrow();
        Node relay = from.introduced(identity.node());
        String said = "";
        try {
            while (true) {
                if (!named(relay.id()).equals(Optional.of(relay))
                        && node.store().connected()) {
                    try {
                        from.join(relay);
                        log.info("joined the ledger of {} as a relay", from.address());
                    } catch (StoreException | InvalidInput e) {
                        String why = String.valueOf(e.getMessage());
                        if (!why.equals(said)) {
                            said = why;
                            log.warn("joining the ledger of {}: {}", from.address(), why);
                        }
                    }
                }
                Thread.sleep(retryMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error(
                    "joining the ledger: failed; kills of this relay can't be verified by others until its next start",
                    e);
        }
    }

    private void advertise(Node reached) {
        CommandContext context = new CommandContext(
                "node:" + reached.id(), "address of this node", "advertise", Optional.empty(), false);
        try {
            while (true) {
                if (named(reached.id()).equals(Optional.of(reached))) {
                    return;
                }
                if (node.store().writable() && advertised(reached, context)) {
                    log.info("advertised: {}", reached.address().orElse("no address"));
                    return;
                }
                Thread.sleep(retryMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Refused | InvalidInput e) {
            log.error("advertising: failed; other nodes may not reach this one until its next start", e);
        }
    }

    private boolean advertised(Node reached, CommandContext context) {
        try {
            node.execute(Bootstrap.advertise(reached), context);
            return true;
        } catch (StoreUnavailable e) {
            log.debug("advertising: {}", e.getMessage());
            return false;
        }
    }

    @Override
    public void close() {
        Thread running = advertising.get();
        if (running != null) {
            running.interrupt();
        }
        carried.close();
    }
}
