package dev.andon.server.node;

import dev.andon.core.image.Marks;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Token;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerProof;
import dev.andon.server.node.SharedPresence.Side;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
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
    private final Optional<Membership> membership;
    private final long retryMs;
    private final InstantSource clock;
    private final CarriedKills carried;
    private final CarriedKills carriedFromBelow;
    private final AtomicReference<Thread> advertising = new AtomicReference<>();
    private volatile Standing standing =
            new Standing(KnownKills.Waiting.NONE, new PeerInput.Offered(0, Marks.NONE, Map.of()));

    private record Standing(KnownKills.Waiting waiting, PeerInput.Offered offered) {}

    Peering(
            AndonNode node,
            NodeKey identity,
            StopLoop stop,
            Optional<Upstream> upstream,
            long retryMs,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.node = node;
        this.identity = identity;
        this.stop = stop;
        this.upstream = upstream;
        this.retryMs = retryMs;
        this.clock = clock;
        this.membership = upstream.map(up ->
                new Membership(identity, up, node::image, () -> node.store().connected(), retryMs, clock));
        // A lane of its own: whoever has an SDK key can fill that of the clients with forged kills.
        this.carried = new CarriedKills("another node", node::image, stop::pending, stop::carried, clock, nanoTime);
        // Likewise: what relays carry is never before what nodes with the ledger do.
        this.carriedFromBelow = new CarriedKills("a relay", node::image, stop::pending, stop::carried, clock, nanoTime);
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

    /** Why what a node signs doesn't count now; empty if it does. */
    public Optional<String> doubt(Node signer) {
        return Relays.doubt(node.image(), signer, clock.instant());
    }

    /** Whether a relay may tell of the clients of another one. */
    public boolean speaksFor(Node speaker, Node relay) {
        return Relays.speaksFor(node.image(), speaker, relay);
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

    /**
     * Takes over kills that another node carries. Doesn't block.
     *
     * @param from where that node stands
     * @param looked told once they have been looked at how many of them were forged; by any thread
     * @return whether they will be: what there is no room for is carried again
     */
    public boolean adopt(Side from, List<SignedKill> kills, IntConsumer looked) {
        return (from == Side.BELOW ? carriedFromBelow : carried).offer(kills, looked);
    }

    /** Sees to it that the ledger says where other nodes reach this one: as soon as the store takes it. Once. */
    public void advertise(Optional<String> address) {
        Node reached = identity.node().reachedAt(address);
        Thread thread = Thread.ofVirtual().name("andon-advertise").unstarted(() -> advertise(reached));
        if (advertising.compareAndSet(null, thread)) {
            thread.start();
        }
    }

    /** At a relay: sees to it that the ledger knows it as one. Once. */
    void join() {
        membership.ifPresent(Membership::start);
    }

    /** At a relay: whether the ledger knows it, and its upstream isn't fed by it. */
    public boolean mayLink() {
        return !ledger().isEmpty() && membership.map(Membership::isKnown).orElse(true) && !loops();
    }

    /** At a relay: whether the ledger knows it, by the secret that it shows. */
    public boolean joined() {
        return membership.map(Membership::stands).orElse(true);
    }

    /** At a relay: whether its upstream is fed by it. */
    public boolean loops() {
        return upstream.map(Upstream::loops).orElse(false);
    }

    /** How this relay is fed; empty if it has the ledger. */
    Optional<Feeding> feeding() {
        Optional<Membership.Refusal> refusal = membership.flatMap(Membership::refusal);
        return upstream.map(up -> new Feeding(
                loops(),
                up.cutOffSince(),
                refusal.map(Membership.Refusal::since),
                refusal.map(Membership.Refusal::why).orElse("")));
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
        membership.ifPresent(Membership::close);
        carried.close();
        carriedFromBelow.close();
    }
}
