package dev.andon.server.node;

import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How the ledger's thread gets on with its store. Thread-safe; written by that thread alone. */
final class Health {
    private static final Logger log = LoggerFactory.getLogger(Health.class);

    private final LedgerStore store;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final long stuckMs;
    private volatile Seen seen;
    private boolean told;
    private volatile Call call = Call.NONE;

    private record Seen(StoreHealth.State state, Instant since, String detail, Optional<Long> brokenEntry) {}

    private record Call(boolean running, long sinceNanos, Instant since) {
        static final Call NONE = new Call(false, 0, Instant.EPOCH);
    }

    Health(LedgerStore store, InstantSource clock, LongSupplier nanoTime, long stuckMs) {
        this.store = store;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.stuckMs = stuckMs;
        this.seen =
                new Seen(StoreHealth.State.CUT_OFF, clock.instant(), "the store hasn't answered yet", Optional.empty());
    }

    StoreHealth now() {
        Seen last = seen;
        Call running = call;
        boolean stuck = running.running() && nanoTime.getAsLong() - running.sinceNanos() > stuckMs * 1_000_000;
        if (stuck && last.state() == StoreHealth.State.CONNECTED) {
            return new StoreHealth(
                    StoreHealth.State.CUT_OFF, running.since(), "the store doesn't answer", store.describe());
        }
        return new StoreHealth(last.state(), last.since(), last.detail(), last.brokenEntry(), store.describe());
    }

    /** As the ledger's thread knows it: a call that is stuck is its own. */
    boolean reachable() {
        return seen.state() == StoreHealth.State.CONNECTED;
    }

    void callBegins() {
        call = new Call(true, nanoTime.getAsLong(), clock.instant());
    }

    void callEnds() {
        call = Call.NONE;
    }

    void connected() {
        if (seen.state() != StoreHealth.State.CONNECTED) {
            log.info("store: connected, {}", store.describe().address());
            store.describe().warnings().forEach(warning -> log.warn("store: {}", warning));
            become(StoreHealth.State.CONNECTED, "", Optional.empty());
        }
    }

    void failed(StoreException e) {
        boolean damaged = switch (e.code()) {
            case DAMAGED, TOO_NEW -> true;
            case UNAVAILABLE, TIMEOUT, FULL, LOCKED, DENIED, LIMIT, CLOSED, FAILED -> false;
        };
        if (damaged) {
            damaged(String.valueOf(e.getMessage()), Optional.empty());
        } else if (e.code() != StoreException.Code.LIMIT && e.code() != StoreException.Code.CLOSED) {
            if (seen.state() != StoreHealth.State.CUT_OFF || !told) {
                told = true;
                log.warn("store: cut off, serving and stopping without it: {}", e.getMessage());
            }
            become(StoreHealth.State.CUT_OFF, String.valueOf(e.getMessage()), Optional.empty());
        }
    }

    void damaged(String detail, Optional<Long> brokenEntry) {
        if (seen.state() != StoreHealth.State.DAMAGED) {
            log.error(
                    "ALARM: the store is damaged; serving and stopping without it, refusing other changes: {}", detail);
        }
        become(StoreHealth.State.DAMAGED, detail, brokenEntry);
    }

    private void become(StoreHealth.State state, String detail, Optional<Long> brokenEntry) {
        Instant since = seen.state() == state ? seen.since() : clock.instant();
        seen = new Seen(state, since, detail, brokenEntry);
    }
}
