package dev.andon.server.flagd;

import java.util.List;

/**
 * When one stream sends. It does no I/O, knows nothing of what is sent, and runs on one thread. The rules:
 *
 * <ol>
 *   <li>One message at a time: the next one waits until the one before is written. What is offered meanwhile counts as one.
 *   <li>On a stream that has been idle, what is offered goes out at once.
 *   <li>In a burst, clients get time to work off what they have: Java's in-process client queues five documents and drops those
 *       that come on top, the newest. The pause grows with what a document costs, within limits; a kill's is the shortest.
 *   <li>After a burst, once the client should have worked everything off, the newest is sent again: it may be the one that was
 *       dropped.
 *   <li>A stream that has nothing to say for long says that it lives, where its protocol has a word for it.
 * </ol>
 */
final class Pacing {
    private static final long NEVER = Long.MAX_VALUE;

    /** Six documents: five in the client's queue, and one in work. */
    private static final int MOST_BEHIND = 6;

    private final Tempo tempo;
    private boolean started;
    private boolean waiting;
    private boolean urgent;
    private boolean busy;
    private long newestCostMs;
    private long sentCostMs;
    private long writtenMs;
    private long workedOffMs;
    private int sentInBurst;

    /**
     * @param leastPauseMs between two messages
     * @param mostPauseMs what it grows to
     * @param mostKillPauseMs what it grows to before a kill
     * @param settleMs for how long nothing changes until the newest is sent again, at least
     * @param keepAliveMs between a message and word that the stream lives; 0 for never
     */
    record Tempo(long leastPauseMs, long mostPauseMs, long mostKillPauseMs, long settleMs, long keepAliveMs) {}

    sealed interface Input {
        /**
         * There is something new.
         *
         * @param kill whether it stops something that wasn't stopped
         * @param costMs what it costs a client, as far as one can tell
         */
        record Offered(boolean kill, long costMs) implements Input {}

        /** The message is written, and the client's flow control has taken it. */
        record Written() implements Input {}

        /** Time has passed. */
        record Tick() implements Input {}
    }

    sealed interface Effect {
        /**
         * Send the newest.
         *
         * @param again whether it was sent before
         * @param first whether it begins a burst
         */
        record Send(boolean again, boolean first) implements Effect {}

        record KeepAlive() implements Effect {}

        /** Step again at this time, if nothing happens before. */
        record Wake(long atMs) implements Effect {}
    }

    Pacing(Tempo tempo) {
        this.tempo = tempo;
    }

    /** @param nowMs never goes back */
    List<Effect> step(Input input, long nowMs) {
        switch (input) {
            case Input.Offered(boolean kill, long costMs) -> {
                if (!waiting && !busy && nowMs >= quietMs()) {
                    sentInBurst = 0;
                }
                waiting = true;
                urgent |= kill;
                newestCostMs = costMs;
            }
            case Input.Written() -> {
                busy = false;
                writtenMs = nowMs;
                workedOffMs = Math.min(Math.max(workedOffMs, nowMs) + sentCostMs, nowMs + MOST_BEHIND * sentCostMs);
            }
            case Input.Tick() -> {}
        }
        return busy ? List.of() : next(nowMs);
    }

    private List<Effect> next(long nowMs) {
        if (waiting) {
            long due = started ? writtenMs + pauseMs() : nowMs;
            return nowMs >= due ? send(false) : List.of(new Effect.Wake(due));
        }
        if (!started) {
            return List.of();
        }
        long settle = sentInBurst > 1 ? quietMs() : NEVER;
        if (nowMs >= settle) {
            return send(true);
        }
        long alive = tempo.keepAliveMs() > 0 ? writtenMs + tempo.keepAliveMs() : NEVER;
        if (nowMs >= alive) {
            busy = true;
            sentCostMs = 0;
            return List.of(new Effect.KeepAlive());
        }
        long wake = Math.min(settle, alive);
        return wake == NEVER ? List.of() : List.of(new Effect.Wake(wake));
    }

    private List<Effect> send(boolean again) {
        // A client that just came has an empty queue: its first document isn't part of a burst.
        sentInBurst = again ? 1 : started ? sentInBurst + 1 : 0;
        started = true;
        waiting = false;
        urgent = false;
        busy = true;
        sentCostMs = newestCostMs;
        return List.of(new Effect.Send(again, !again && sentInBurst == 1));
    }

    private long pauseMs() {
        long most = urgent ? tempo.mostKillPauseMs() : tempo.mostPauseMs();
        return Math.clamp(sentCostMs, tempo.leastPauseMs(), most);
    }

    private long quietMs() {
        return Math.max(writtenMs + tempo.settleMs(), workedOffMs);
    }
}
