package dev.andon.server.node;

import dev.andon.core.model.Nearest;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

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
        STOPPED,
        /** It is for the upstream of this relay to do. */
        UPSTREAM,
        /** It takes the confirmation of a dry run, and has none that holds. */
        UNCONFIRMED
    }

    private final Code code;
    private final String field;
    private final String value;
    private final String expected;
    private final transient Optional<String> next;

    /** The message reads {@code field: value (expected: …)}. */
    public Refused(Code code, String field, String value, String expected) {
        this(code, field, value, expected, Optional.empty());
    }

    private Refused(Code code, String field, String value, String expected, Optional<String> next) {
        super(field + ": " + value + " (expected: " + expected + ")");
        this.code = code;
        this.field = field;
        this.value = value;
        this.expected = expected;
        this.next = next;
    }

    /** NOT_FOUND, with what was probably meant. */
    public static Refused unknown(String field, String value, String expected, Collection<String> known) {
        List<String> near = Nearest.to(value, known);
        return near.isEmpty()
                ? new Refused(Code.NOT_FOUND, field, value, expected)
                : new Refused(
                        Code.NOT_FOUND,
                        field,
                        value,
                        expected + ", such as " + String.join(", ", near),
                        Optional.of("Did you mean " + near.getFirst() + "?"));
    }

    /** The same, which a confirmation gets over. */
    Refused unconfirmed(String how) {
        return new Refused(Code.UNCONFIRMED, field, value, expected + how, next);
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

    /** What to do next, where more can be said than for all refusals with this code. */
    public Optional<String> next() {
        return next;
    }
}
