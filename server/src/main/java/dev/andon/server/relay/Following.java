package dev.andon.server.relay;

import dev.andon.store.LedgerHead;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * When a relay reads on in its upstream's ledger: whenever a look at the ledger's end finds another one than the last look, or more than was
 * read, or nothing although whoever follows had an answer since: it is to see that for itself. News that come by themselves are read at once
 * and are none of its business. {@link #answered} and {@link #given} may be called by any thread, everything else by one.
 */
final class Following {
    private Optional<LedgerHead> seen = Optional.empty();
    /** The version up to which whoever follows has been given entries. */
    private volatile long given;
    /** Whether whoever follows takes the upstream for reachable. */
    private final AtomicBoolean answered = new AtomicBoolean();

    /** Whoever follows was told where the ledger ends. */
    void answered() {
        answered.set(true);
    }

    /** Whoever follows was given what comes after {@code after}, so many entries. */
    void given(long after, int entries) {
        given = Math.max(given, after + entries);
        answered();
    }

    /**
     * Whether to read on.
     *
     * @param found where the ledger ends; empty if the upstream didn't answer
     */
    boolean looked(Optional<LedgerHead> found) {
        boolean news = found.isPresent() ? !found.equals(seen) || behind(found) : answered.getAndSet(false);
        seen = found;
        return news;
    }

    /** A look at it failed, for whichever reason: the next one counts as the first. */
    void lost() {
        seen = Optional.empty();
    }

    /** One of several nodes behind the address may have had less than another one whose end was seen. */
    private boolean behind(Optional<LedgerHead> found) {
        if (found.isPresent()
                && seen.isPresent()
                && found.get().epoch() != seen.get().epoch()) {
            given = 0;
        }
        return found.isPresent() && found.get().version() > given;
    }
}
