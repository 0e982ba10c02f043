package dev.andon.sdk;

import java.time.Instant;

/**
 * How well this process knows what is in force.
 *
 * @param since when contact was made; without contact, when it was lost
 */
public record Status(State state, Instant since) {
    public enum State {
        /** Connected and up to date. */
        LIVE,
        /** Not connected: the last known state is in force. */
        STALE,
        /** Not connected for longer than {@link AndonOptions#blindAfter()}, or nothing was ever known. */
        BLIND
    }

    public boolean live() {
        return state == State.LIVE;
    }

    @Override
    public String toString() {
        return state + " since " + since;
    }
}
