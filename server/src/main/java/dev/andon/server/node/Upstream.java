package dev.andon.server.node;

import dev.andon.core.model.Node;
import dev.andon.store.StoreException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Who feeds a relay, as far as the relay asks for something to be done. Thread-safe; only what asks it blocks. */
public interface Upstream {
    /** Where it is, such as {@code https://andon.example:8443}. */
    String address();

    /** Where the relay is. */
    String region();

    /** The secret that the relay shows. */
    String secret();

    /** Says which relay it is that is fed, so that one that feeds itself is noticed. Once, before anything is asked. */
    void feeds(String relay);

    /** The relays by which it has the ledger, itself first, as it said last; none if it has the ledger itself. */
    List<String> way();

    /** Whether it is fed by this relay, as it said last: nothing is taken from it then. */
    boolean loops();

    /** Since when it is cut off from the ledger, or one above it is, as it said last. */
    Optional<Instant> cutOffSince();

    /** Whether an answer is just coming that takes long, as an image over a slow line. */
    boolean receives();

    /**
     * Has the ledger know a node that is a relay, this one or one below it.
     *
     * @param signature Base64 of the relay's signature over {@link Node.Joining#statement}
     * @throws StoreException if that can't be asked for, or is refused
     * @throws Refused if it is refused as things stand
     */
    void join(Node relay, String signature);

    /**
     * Has the ledger keep what a relay has seen, this one or one below it.
     *
     * @return the version of its entry
     * @throws StoreException if that can't be asked for
     * @throws Refused if it is refused for good
     */
    long note(String relay, Observation observation);
}
