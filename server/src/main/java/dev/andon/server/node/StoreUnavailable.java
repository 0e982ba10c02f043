package dev.andon.server.node;

import org.jspecify.annotations.Nullable;

/**
 * The ledger can't be written or read now. The message says what to do next. Kills don't need the ledger and are taken
 * all the same.
 */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeUnknown;
    private final boolean damaged;

    public StoreUnavailable(String message, boolean outcomeUnknown, @Nullable Throwable cause) {
        this(message, outcomeUnknown, false, cause);
    }

    private StoreUnavailable(String message, boolean outcomeUnknown, boolean damaged, @Nullable Throwable cause) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
        this.damaged = damaged;
    }

    /** Of a ledger that answers and can't be trusted. */
    static StoreUnavailable damaged(String message) {
        return new StoreUnavailable(message, false, true, null);
    }

    public StoreUnavailable(String message) {
        this(message, false, null);
    }

    /** Of a store that is out of reach or damaged. */
    static StoreUnavailable of(StoreHealth health) {
        String since = " since " + health.since() + " (" + health.detail()
                + "); nothing was changed. Kills are taken all the same, and nothing can be restored until ";
        return health.state() == StoreHealth.State.DAMAGED
                ? damaged("the store is damaged" + since + "somebody has seen to it")
                : new StoreUnavailable("the store is out of reach" + since + "it is back");
    }

    /**
     * Whether the change may be in the ledger, or get there yet; repeating the request with the same idempotency key
     * finds out. When false, nothing was changed.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }

    /** Whether waiting doesn't help: somebody has to see to the ledger. */
    public boolean isDamage() {
        return damaged;
    }
}
