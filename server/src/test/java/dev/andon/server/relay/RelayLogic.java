package dev.andon.server.relay;

import dev.andon.store.LedgerHead;
import java.util.Optional;

/** What a relay does without its threads: for drivers that take one step after the other. */
public final class RelayLogic {
    private final Following following = new Following();

    /** The ledger's end was read. */
    public void answered() {
        following.answered();
    }

    /** Entries were read. */
    public void given(long after, int entries) {
        following.given(after, entries);
    }

    /** Whether to read on, after a look at the upstream's end; empty if it didn't answer. */
    public boolean looked(Optional<LedgerHead> found) {
        return following.looked(found);
    }
}
