package dev.andon.server.node;

import dev.andon.core.model.Node;
import dev.andon.store.StoreException;

/** Who feeds a relay, as far as the relay asks for something to be done. Thread-safe; all but the address block. */
public interface Upstream {
    /** Where it is, such as {@code https://andon.example:8443}. */
    String address();

    /**
     * The node that the relay is.
     *
     * @param identity without what only the ledger knows
     */
    Node introduced(Node identity);

    /**
     * Has the ledger know a node that is a relay, this one or one below it.
     *
     * @throws StoreException if that can't be asked for, or is refused
     */
    void join(Node relay);

    /**
     * Has the ledger keep what a relay has seen, this one or one below it.
     *
     * @return the version of its entry
     * @throws StoreException if that can't be asked for
     * @throws dev.andon.core.json.InvalidInput if it is refused for good
     */
    long note(String relay, Observation observation);
}
