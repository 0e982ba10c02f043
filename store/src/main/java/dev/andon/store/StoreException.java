package dev.andon.store;

import org.jspecify.annotations.Nullable;

/** A store that couldn't do what it was asked. The message says what to do next. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public enum Code {
        /** Not there, refusing connections, shutting down or a standby. Try again later. */
        UNAVAILABLE,
        /** No answer within the time bound. Try again later. */
        TIMEOUT,
        /** No room on the disk. */
        FULL,
        /** Another process holds it. */
        LOCKED,
        /** What is stored can't be what was written. Trying again doesn't help. */
        DAMAGED,
        /** Credentials or permissions don't suffice. */
        DENIED,
        /** Written by a newer Andon. */
        TOO_NEW,
        /** The caller asked for something outside the limits. Nothing was written. */
        LIMIT,
        CLOSED,
        /** Anything else; the cause says what. */
        FAILED
    }

    private final Code code;
    private final boolean outcomeUnknown;

    public StoreException(Code code, boolean outcomeUnknown, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.outcomeUnknown = outcomeUnknown;
    }

    public StoreException(Code code, String message) {
        this(code, false, message, null);
    }

    public StoreException(Code code, String message, @Nullable Throwable cause) {
        this(code, false, message, cause);
    }

    public Code code() {
        return code;
    }

    /**
     * Whether a write may have happened or may still happen: true only if it failed at or after its commit. When false,
     * nothing was or will be written.
     */
    public boolean outcomeUnknown() {
        return outcomeUnknown;
    }
}
