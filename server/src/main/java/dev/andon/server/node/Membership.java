package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Node;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.token.Secret;
import dev.andon.store.StoreException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it, for ever, that the ledger knows a relay as one: with the secret that it shows now, and below the relay that
 * feeds it now. What it signs counts for nothing before. Thread-safe.
 *
 * <p>What can fail costs that attempt alone, and the next one follows after ever longer pauses, of {@link #MOST_MS} at most:
 *
 * <ol>
 *   <li>the upstream can't be asked, or refuses: said once in the log, and in the relay's health until it is over;
 *   <li>an error of the program: likewise, with where it came from.
 * </ol>
 */
final class Membership implements AutoCloseable {
    /** The longest pause between two attempts. */
    static final long MOST_MS = 30_000;

    private static final Logger log = LoggerFactory.getLogger(Membership.class);
    private static final int MAX_DOUBLINGS = 16;

    private final NodeKey identity;
    private final Upstream upstream;
    private final String secret;
    private final Supplier<Image> image;
    private final BooleanSupplier connected;
    private final long retryMs;
    private final InstantSource clock;
    private final Thread thread;
    private volatile Optional<Refusal> refusal = Optional.empty();

    /** Why the ledger doesn't know the relay as it is, and since when. */
    record Refusal(String why, Instant since) {}

    /**
     * @param image the newest that the relay has
     * @param connected whether the upstream answers
     */
    Membership(
            NodeKey identity,
            Upstream upstream,
            Supplier<Image> image,
            BooleanSupplier connected,
            long retryMs,
            InstantSource clock) {
        this.identity = identity;
        this.upstream = upstream;
        this.secret = Secret.hash(upstream.secret());
        this.image = image;
        this.connected = connected;
        this.retryMs = retryMs;
        this.clock = clock;
        this.thread = Thread.ofVirtual().name("andon-join").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    Optional<Refusal> refusal() {
        return refusal;
    }

    /** Whether the ledger knows the relay, by the secret that it shows. */
    boolean stands() {
        return known(image.get())
                .filter(node ->
                        node.relays() && node.publicKey().equals(identity.node().publicKey()))
                .flatMap(Node::joining)
                .filter(joining -> joining.secret().equals(secret))
                .isPresent();
    }

    /** Whether the ledger knows the relay with its key: whether the token will do is for the other end to say. */
    boolean isKnown() {
        return known(image.get())
                .filter(node ->
                        node.relays() && node.publicKey().equals(identity.node().publicKey()))
                .isPresent();
    }

    private Optional<Node> known(Image now) {
        return Optional.ofNullable(now.nodes().get(identity.node().id())).map(Versioned::value);
    }

    private void run() {
        int attempts = 0;
        try {
            while (true) {
                attempts = attempt() ? attempts + 1 : 0;
                Thread.sleep(Math.min(MOST_MS, retryMs << Math.min(attempts, MAX_DOUBLINGS)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether there was anything to be asked for. */
    private boolean attempt() {
        try {
            Image now = image.get();
            Optional<Node> due = due(now);
            if (due.isEmpty()) {
                refusal = Optional.empty();
                return false;
            }
            if (!connected.getAsBoolean()) {
                return false;
            }
            Node relay = due.get();
            String statement =
                    relay.joining().orElseThrow().statement(now.provenance().ledger(), relay.id(), upstream.region());
            upstream.join(relay, identity.sign(statement));
            refusal = Optional.empty();
            log.info("joined the ledger of {} as a relay", upstream.address());
        } catch (StoreException | Refused e) {
            if (refused(String.valueOf(e.getMessage()))) {
                log.warn("joining the ledger of {}: {}", upstream.address(), e.getMessage());
            }
        } catch (RuntimeException e) {
            if (refused("an error of the program: " + e)) {
                log.error("joining the ledger of {}: failed; it is tried again", upstream.address(), e);
            }
        }
        return true;
    }

    /** Whether that is news. */
    private boolean refused(String why) {
        Optional<Refusal> before = refusal;
        refusal = Optional.of(new Refusal(why, before.map(Refusal::since).orElseGet(clock::instant)));
        return before.filter(last -> last.why().equals(why)).isEmpty();
    }

    /** The node as the ledger should know it; empty if it does, or if the token isn't known here yet. */
    private Optional<Node> due(Image now) {
        Optional<Node> known = known(now);
        Optional<Node.Joining> joining = known.flatMap(Node::joining);
        Optional<String> parent = upstream.way().stream().findFirst();
        boolean fits = stands()
                && known.flatMap(Node::relay)
                        .filter(relay -> relay.region().equals(upstream.region()))
                        .isPresent()
                && joining.filter(joined -> joined.parent().equals(parent)
                                || (isBelieved(now, known) && isPlace(now, joined.parent(), parent)))
                        .isPresent();
        if (fits) {
            return Optional.empty();
        }
        long number = joining.map(Node.Joining::number).orElse(0L) + 1;
        return token(now)
                .map(token -> identity.node()
                        .relayingIn(upstream.region(), Optional.of(new Node.Joining(token, secret, parent, number))));
    }

    /** One that isn't, for where it is in the ledger, goes where it really is. */
    private boolean isBelieved(Image now, Optional<Node> known) {
        return known.filter(node -> Relays.doubt(now, node, clock.instant()).isEmpty())
                .isPresent();
    }

    private Optional<String> token(Image now) {
        return now.tokens().values().stream()
                .map(Versioned::value)
                .filter(token -> token.role() == Role.RELAY
                        && token.secrets().stream().anyMatch(one -> one.hash().equals(secret)))
                .map(Token::id)
                .findFirst();
    }

    /** Of relays that joined with one token, each is as good as the other: they may be behind one address. */
    private static boolean isPlace(Image now, Optional<String> recorded, Optional<String> parent) {
        return recorded.equals(parent)
                || (recorded.isPresent()
                        && parent.isPresent()
                        && token(now, recorded.get()).isPresent()
                        && token(now, recorded.get()).equals(token(now, parent.get())));
    }

    private static Optional<String> token(Image now, String relay) {
        return Optional.ofNullable(now.nodes().get(relay))
                .flatMap(node -> node.value().joining())
                .map(Node.Joining::token);
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
