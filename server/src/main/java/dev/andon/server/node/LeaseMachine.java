package dev.andon.server.node;

import dev.andon.store.Lease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a node comes to have a lease of its store, keeps it, and lets it go in time. Does no I/O and reads no clock; for one thread.
 *
 * <ol>
 *   <li>The store counts the lease's time from when it grants it; this node from when it asked, which is earlier. So it never thinks
 *       that it has it for longer than the store does.
 *   <li>The store doesn't answer, or fails: what was granted before is kept to its end, and not a moment longer.
 *   <li>Somebody else has it, or nobody may: it is asked for again when it may be free.
 *   <li>An answer that comes after what it grants is over grants nothing.
 *   <li>It was lost in between and comes back, under another token: it ends and begins anew.
 * </ol>
 */
final class LeaseMachine {
    private static final long NANOS = 1_000_000;

    /**
     * @param leaseMs for how long it is asked for
     * @param renewMs how often it is asked for
     * @param marginMs so long before its end it is let go: clocks don't go equally fast
     */
    record Times(long leaseMs, long renewMs, long marginMs) {
        /** Others have it at most four seconds after its holder died. */
        static final Times SHARED = new Times(3_000, 1_000, 100);

        /** Of a store that one node alone has: nobody waits for it, and each time is a write to the disk. */
        static final Times ALONE = new Times(600_000, 200_000, 1_000);
    }

    sealed interface Input {
        /** Time has passed. */
        record Tick() implements Input {}

        /** The store answered what it was asked at this time. */
        record Answered(long askedNanos, Lease lease) implements Input {}

        /** The store didn't answer, or not what it was asked. */
        record Failed() implements Input {}

        /** The node ends: last input. */
        record Close() implements Input {}
    }

    sealed interface Effect {
        /** Ask the store for the lease, and say what it answers. */
        record Ask() implements Effect {}

        /** The node may. */
        record Begin(long token) implements Effect {}

        /** It may no longer. */
        record End(long token) implements Effect {}

        /** Tell the store that others may have it. */
        record GiveUp() implements Effect {}
    }

    private record Held(long token, long untilNanos) {}

    private final String me;
    private final Times times;
    private Optional<Held> held = Optional.empty();
    private String holder = "";
    private boolean asking;
    private long askNanos;

    /** @param nowNanos when it begins to ask */
    LeaseMachine(String me, Times times, long nowNanos) {
        this.me = me;
        this.times = times;
        this.askNanos = nowNanos;
    }

    /** Who has it, as the store said last; empty if nobody has. */
    String holder() {
        return holder;
    }

    boolean holds(long nowNanos) {
        return held.isPresent() && held.get().untilNanos() - nowNanos > 0;
    }

    /** Until when it is held at most; any time of the past if it isn't. */
    long heldUntilNanos(long nowNanos) {
        return held.map(Held::untilNanos).orElse(nowNanos);
    }

    /** When the next tick is due, at the latest. */
    long dueNanos(long nowNanos) {
        long due = asking ? nowNanos + times.renewMs() * NANOS : askNanos;
        return held.isPresent() && held.get().untilNanos() - due < 0
                ? held.get().untilNanos()
                : due;
    }

    List<Effect> step(Input input, long nowNanos) {
        List<Effect> effects = new ArrayList<>();
        if (!holds(nowNanos)) {
            end(effects);
        }
        switch (input) {
            case Input.Tick tick -> {}
            case Input.Answered answered -> answered(answered, nowNanos, effects);
            case Input.Failed failed -> {
                asking = false;
                askNanos = nowNanos + times.renewMs() * NANOS;
            }
            case Input.Close close -> {
                boolean gives = held.isPresent();
                end(effects);
                if (gives) {
                    effects.add(new Effect.GiveUp());
                }
                return effects;
            }
        }
        if (!asking && askNanos - nowNanos <= 0) {
            asking = true;
            effects.add(new Effect.Ask());
        }
        return effects;
    }

    private void answered(Input.Answered answer, long nowNanos, List<Effect> effects) {
        asking = false;
        Lease lease = answer.lease();
        holder = lease.holder();
        long leftNanos = lease.left().toNanos();
        long untilNanos = answer.askedNanos() + leftNanos - times.marginMs() * NANOS;
        if (lease.isHeldBy(me) && untilNanos - nowNanos > 0) {
            askNanos = answer.askedNanos() + times.renewMs() * NANOS;
            if (held.isEmpty() || held.get().token() != lease.token()) {
                end(effects);
                effects.add(new Effect.Begin(lease.token()));
            }
            held = Optional.of(new Held(lease.token(), untilNanos));
            return;
        }
        end(effects);
        long freeNanos = nowNanos + leftNanos + times.marginMs() * NANOS;
        long againNanos = nowNanos + times.renewMs() * NANOS;
        askNanos = lease.isHeldBy(me) ? nowNanos : freeNanos - againNanos < 0 ? freeNanos : againNanos;
    }

    private void end(List<Effect> effects) {
        held.ifPresent(was -> effects.add(new Effect.End(was.token())));
        held = Optional.empty();
    }
}
