package dev.andon.core.evaluate;

/** Why the caller's default applies. */
public enum ErrorCode {
    /** No state has been loaded. */
    NOT_READY,
    /** The environment has no such flag. */
    FLAG_NOT_FOUND,
    /** The flag's values are of another type than the caller asks for. */
    TYPE_MISMATCH,
    /** The attribute that a split needs is absent, or neither a string, a boolean nor a whole number. */
    TARGETING_KEY_MISSING,
    /** The context failed while it was read, or the flag's prerequisites or segments are beyond the limits. */
    GENERAL
}
