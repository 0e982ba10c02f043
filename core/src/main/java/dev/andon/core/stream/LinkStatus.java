package dev.andon.core.stream;

/**
 * How well a client knows what is in force.
 *
 * @param sinceMs on the clock of {@link ClientLink#step}: when contact was made; without contact, when it was lost
 */
public record LinkStatus(Contact contact, long sinceMs) {
    public enum Contact {
        /** Connected and up to date. */
        LIVE,
        /** Not connected: the last known state is in force, for less than the time of grace. */
        STALE,
        /** Not connected for longer, or nothing was ever known. */
        BLIND
    }
}
