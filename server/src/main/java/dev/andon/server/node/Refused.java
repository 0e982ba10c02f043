package dev.andon.server.node;

/** A request that is well-formed but can't be carried out as things stand. Nothing was changed. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public enum Code {
        /** What it is about doesn't exist. */
        NOT_FOUND,
        /** It contradicts what is there, such as a key that is taken. */
        CONFLICT,
        /** The object isn't at the version that the caller has seen. */
        PRECONDITION_FAILED,
        /** The idempotency key was used with another request. */
        KEY_REUSED,
        /** A kill stands in the way. */
        STOPPED
    }

    private final Code code;
    private final String field;
    private final String value;
    private final String expected;

    /** The message reads {@code field: value (expected: …)}. */
    public Refused(Code code, String field, String value, String expected) {
        super(field + ": " + value + " (expected: " + expected + ")");
        this.code = code;
        this.field = field;
        this.value = value;
        this.expected = expected;
    }

    public Code code() {
        return code;
    }

    public String field() {
        return field;
    }

    public String value() {
        return value;
    }

    public String expected() {
        return expected;
    }
}
