package dev.andon.core.evaluate;

/** Why an evaluation came out as it did. */
public enum Reason {
    /**
     * This process was told to stop the flag by itself: its safe variant is served, or the caller's default where the flag
     * isn't known.
     */
    KILLED_LOCALLY,
    /** A standing kill holds the flag: its safe variant is served. */
    KILLED,
    /** Contact is lost and the flag is to be safe then. */
    BLIND,
    /** The flag is off: its safe variant is served. */
    OFF,
    /** A flag that this one requires doesn't serve what is required: the safe variant is served. */
    PREREQUISITE,
    /** A rule's condition holds, and it serves one variant. */
    TARGETING_MATCH,
    /** A split, of a rule or of the fall-through, decided. */
    SPLIT,
    /** No rule's condition holds. */
    FALLTHROUGH,
    /** The flag serves the same to everyone: it has neither rules nor prerequisites. */
    STATIC,
    /** Nothing has been loaded yet: the caller's default applies. */
    DEFAULT,
    /** The caller's default applies; the {@link ErrorCode} says why. */
    ERROR;

    /** OpenFeature's word for it: what is stopped, off or held back by a prerequisite is {@code DISABLED}. */
    public String openFeature() {
        return switch (this) {
            case KILLED_LOCALLY, KILLED, OFF, PREREQUISITE -> "DISABLED";
            case BLIND -> "STALE";
            case TARGETING_MATCH -> "TARGETING_MATCH";
            case SPLIT -> "SPLIT";
            case FALLTHROUGH -> "DEFAULT";
            case STATIC -> "STATIC";
            case DEFAULT, ERROR -> "ERROR";
        };
    }
}
