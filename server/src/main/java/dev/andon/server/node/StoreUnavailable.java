package dev.andon.server.node;

import org.jspecify.annotations.Nullable;

/**
 * The ledger can't be written or read now. The message says what to do next. Kills don't need the ledger and are taken
 * all the same.
 */
public final class StoreUnavailable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean outcomeUnknown;

    public StoreUnavailable(String message, boolean outcomeUnknown, @Nullable Throwable cause) {
        super(message, cause);
        this.outcomeUnknown = outcomeUnknown;
    }

    public StoreUnavailable(String message) {
        this(message, false, null);
    }

    static StoreUnavailable cutOff(StoreHealth health) {
        return new StoreUnavailable("the store is "
                + (health.state() == StoreHealth.State.DAMAGED ? "damaged" : "out of reach")
                + " since " + health.since() + " (" + health.detail()
                + "); nothing was changed. Kills are taken all the same, and nothing can be restored until"
                + " it is back");
    }

    /**
     * Whether the change may be in the ledger, or get there yet; repeating the request with the same idempotency key
     * finds out. When false, nothing was changed.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
