package dev.andon.core.evaluate;

import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import org.jspecify.annotations.Nullable;

/**
 * What an evaluation gives: a variant with its value, or word that the caller's default applies, and the reason.
 * Immutable, but for what is {@linkplain #keep kept} with it; the same object is handed out again and again.
 */
public final class Evaluation {
    /** What an index or rule is when there is none. */
    public static final int NONE = -1;

    static final Evaluation NOT_READY =
            new Evaluation(NONE, null, null, Reason.DEFAULT, ErrorCode.NOT_READY, "", NONE, null, 0);
    static final Evaluation FLAG_NOT_FOUND =
            new Evaluation(NONE, null, null, Reason.ERROR, ErrorCode.FLAG_NOT_FOUND, "", NONE, null, 0);

    static final Evaluation FAILED =
            new Evaluation(NONE, null, null, Reason.ERROR, ErrorCode.GENERAL, "out of memory or stack", NONE, null, 0);

    private final int index;
    private final @Nullable String variant;
    private final @Nullable Json value;
    private final Reason reason;
    private final @Nullable ErrorCode error;
    private final String detail;
    private final int rule;
    private final @Nullable KillId kill;
    private final long version;

    /** See {@link #kept}. */
    private @Nullable Object kept;

    private Evaluation(
            int index,
            @Nullable String variant,
            @Nullable Json value,
            Reason reason,
            @Nullable ErrorCode error,
            String detail,
            int rule,
            @Nullable KillId kill,
            long version) {
        this.index = index;
        this.variant = variant;
        this.value = value;
        this.reason = reason;
        this.error = error;
        this.detail = detail;
        this.rule = rule;
        this.kill = kill;
        this.version = version;
    }

    static Evaluation served(int index, String variant, Json value, Reason reason, int rule, long version) {
        return new Evaluation(index, variant, value, reason, null, "", rule, null, version);
    }

    static Evaluation killed(int index, String variant, Json value, KillId kill, long version) {
        return new Evaluation(index, variant, value, Reason.KILLED, null, "", NONE, kill, version);
    }

    /** @param detail where it was stopped, and why */
    static Evaluation killedLocally(int index, String variant, Json value, String detail, long version) {
        return new Evaluation(index, variant, value, Reason.KILLED_LOCALLY, null, detail, NONE, null, version);
    }

    /** The caller's default, as the safe variant of a flag that is stopped here isn't known. */
    static Evaluation killedLocally(String detail) {
        return new Evaluation(NONE, null, null, Reason.KILLED_LOCALLY, null, detail, NONE, null, 0);
    }

    static Evaluation failed(ErrorCode error, String detail, int rule, long version) {
        return new Evaluation(NONE, null, null, Reason.ERROR, error, detail, rule, null, version);
    }

    /** Whether the caller's default applies; there is no variant and no value then. */
    public boolean usesDefault() {
        return value == null;
    }

    /** The variant's place among the flag's variants, as {@link CompiledFlag#variant(int)} counts; {@link #NONE} for the default. */
    public int index() {
        return index;
    }

    public @Nullable String variant() {
        return variant;
    }

    public @Nullable Json value() {
        return value;
    }

    /** The value if it is a boolean; else the caller's default. */
    public boolean bool(boolean otherwise) {
        return value instanceof Json.Bool bool ? bool.value() : otherwise;
    }

    /** The value if it is a string; else the caller's default. */
    public String text(String otherwise) {
        return value instanceof Json.Text text ? text.value() : otherwise;
    }

    /** The value if it is a whole number; else the caller's default. */
    public long whole(long otherwise) {
        return value instanceof Json.Whole whole ? whole.value() : otherwise;
    }

    /** The value if it is a number, whole or not; else the caller's default. */
    public double number(double otherwise) {
        if (value instanceof Json.Decimal decimal) {
            return decimal.value();
        }
        return value instanceof Json.Whole whole ? whole.value() : otherwise;
    }

    /** The value if there is one; else the caller's default. */
    public Json json(Json otherwise) {
        return value == null ? otherwise : value;
    }

    public Reason reason() {
        return reason;
    }

    /** Why the default applies; null unless it does, and where the flag was {@linkplain Reason#KILLED_LOCALLY killed here}. */
    public @Nullable ErrorCode error() {
        return error;
    }

    /** A sentence about the error, or about what this process was told to stop; empty if there is neither. */
    public String message() {
        if (error == null) {
            return detail;
        }
        return switch (error) {
            case NOT_READY -> "no state has been loaded yet";
            case FLAG_NOT_FOUND -> "the environment has no such flag";
            case TYPE_MISMATCH, GENERAL -> detail;
            case TARGETING_KEY_MISSING -> "the split needs " + detail + ": a string, a boolean or a whole number";
        };
    }

    /** The rule that decided, from 0; {@link #NONE} if none did. */
    public int rule() {
        return rule;
    }

    /** The kill that stops the flag; null unless the reason is {@link Reason#KILLED}. */
    public @Nullable KillId kill() {
        return kill;
    }

    /** The ledger's version that last changed the flag's configuration; 0 if the flag isn't known. */
    public long version() {
        return version;
    }

    /** What was {@linkplain #keep kept} with it; null if there is nothing, or another thread's isn't seen yet. */
    public @Nullable Object kept() {
        return kept;
    }

    /**
     * Keeps what its user makes of it, so that it is made once for as long as it is handed out.
     *
     * @param made immutable by final fields, as it passes from thread to thread through a plain field; equal whoever makes it
     */
    public void keep(Object made) {
        kept = made;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(variant == null ? "default" : variant).append(' ').append(reason);
        if (error != null) {
            text.append(' ').append(error);
        }
        if (rule != NONE) {
            text.append(" rule ").append(rule);
        }
        if (kill != null) {
            text.append(" kill ").append(kill);
        }
        return text.append(" at version ").append(version).toString();
    }
}
