package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.node.LeaseMachine.Effect;
import dev.andon.server.node.LeaseMachine.Input;
import dev.andon.store.Lease;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The holder's side of a lease: alone, and several of them on one store, through everything that may happen to them. */
final class LeaseMachineTest {
    private static final LeaseMachine.Times TIMES = LeaseMachine.Times.SHARED;
    private static final long MS = 1_000_000;
    private static final int SEEDS = 200;

    private final LeaseMachine machine = new LeaseMachine("me", TIMES, 0);

    private static Lease lease(String holder, long token, long leftMs) {
        return new Lease("duties", holder, token, Duration.ofMillis(leftMs));
    }

    private List<Effect> tick(long ms) {
        return machine.step(new Input.Tick(), ms * MS);
    }

    private List<Effect> answered(long askedMs, Lease lease, long ms) {
        return machine.step(new Input.Answered(askedMs * MS, lease), ms * MS);
    }

    @Test
    void asksAtOnceAndHasWhatIsGranted() {
        assertThat(tick(0)).containsExactly(new Effect.Ask());
        assertThat(tick(1)).as("one question at a time").isEmpty();
        assertThat(answered(0, lease("me", 7, 3_000), 10)).containsExactly(new Effect.Begin(7));
        assertThat(machine.holds(2_899 * MS)).isTrue();
        assertThat(machine.holds(2_901 * MS))
                .as("counted from the question, and some less")
                .isFalse();
    }

    @Test
    void prolongsItInTimeWithoutAWord() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        assertThat(tick(999)).isEmpty();
        assertThat(tick(1_000)).containsExactly(new Effect.Ask());
        assertThat(answered(1_000, lease("me", 7, 3_000), 1_010)).isEmpty();
        assertThat(machine.holds(3_800 * MS)).isTrue();
    }

    @Test
    void endsWhenTheStoreDoesNotAnswer() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        tick(1_000);
        assertThat(tick(2_899)).isEmpty();
        assertThat(machine.dueNanos(2_000 * MS)).isEqualTo(2_900 * MS);
        assertThat(tick(2_900)).containsExactly(new Effect.End(7));
        assertThat(answered(1_000, lease("me", 7, 3_000), 3_950))
                .as("too late to mean anything, so it asks again")
                .containsExactly(new Effect.Ask());
    }

    @Test
    void keepsWhatItHasWhenACallFailsAndAsksAgain() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        tick(1_000);
        assertThat(machine.step(new Input.Failed(), 1_100 * MS)).isEmpty();
        assertThat(tick(2_099)).isEmpty();
        assertThat(tick(2_100)).containsExactly(new Effect.Ask());
        assertThat(answered(2_100, lease("me", 7, 3_000), 2_110)).isEmpty();
    }

    @Test
    void endsWhenSomebodyElseHasIt() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        tick(1_000);
        assertThat(answered(1_000, lease("other", 8, 500), 1_010)).containsExactly(new Effect.End(7));
        assertThat(machine.holder()).isEqualTo("other");
        assertThat(tick(1_609)).isEmpty();
        assertThat(tick(1_610)).as("when it may be free").containsExactly(new Effect.Ask());
    }

    @Test
    void endsWhenNobodyMayHaveIt() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        tick(1_000);
        assertThat(answered(1_000, lease("", 7, 3_000), 1_010)).containsExactly(new Effect.End(7));
        assertThat(machine.holds(1_011 * MS)).isFalse();
    }

    @Test
    void beginsAnewUnderAnotherToken() {
        tick(0);
        answered(0, lease("me", 7, 3_000), 10);
        tick(1_000);
        assertThat(answered(1_000, lease("me", 9, 3_000), 1_010))
                .containsExactly(new Effect.End(7), new Effect.Begin(9));
    }

    @Test
    void givesUpWhatItHas() {
        tick(0);
        assertThat(machine.step(new Input.Close(), MS)).isEmpty();
        answered(0, lease("me", 7, 3_000), 10);
        assertThat(machine.step(new Input.Close(), 20 * MS)).containsExactly(new Effect.End(7), new Effect.GiveUp());
        assertThat(machine.holds(21 * MS)).isFalse();
    }

    @Test
    void severalNeverHaveItAtOnceAndOneHasItSoon() {
        int moves = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            moves += new Several(seed).run();
        }
        assertThat(moves).as("so often it had to move").isGreaterThan(3 * SEEDS);
    }

    /** Machines on one store, whose calls take time, get lost on either way, or come to a server that has just taken over. */
    private static final class Several {
        private static final int MACHINES = 3;
        private static final int END_MS = 60_000;
        private static final long VACANT_MS = 10_000;

        private final int seed;
        private final Random random;
        private final List<LeaseMachine> machines = new ArrayList<>();
        private final boolean[] dead = new boolean[MACHINES];
        private final PriorityQueue<Event> events = new PriorityQueue<>();
        private FakeLeases store = new FakeLeases(0);
        private boolean reachable = true;
        private long number;
        private long nowMs;
        private long vacantSinceMs;
        private int moves;

        private record Event(long atMs, long number, Runnable what) implements Comparable<Event> {
            @Override
            public int compareTo(Event other) {
                return atMs == other.atMs ? Long.compare(number, other.number) : Long.compare(atMs, other.atMs);
            }
        }

        Several(int seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (int i = 0; i < MACHINES; i++) {
                machines.add(new LeaseMachine("m" + i, TIMES, 0));
            }
        }

        int run() {
            for (int i = 0; i < MACHINES; i++) {
                int each = i;
                at(random.nextInt(100), () -> tick(each));
            }
            at(5_000 + random.nextInt(10_000), this::disturb);
            while (nowMs < END_MS) {
                Event event = events.remove();
                nowMs = event.atMs();
                event.what().run();
                check();
            }
            return moves;
        }

        private void at(long ms, Runnable what) {
            events.add(new Event(ms, number++, what));
        }

        private void tick(int each) {
            if (!dead[each]) {
                step(each, new Input.Tick());
                long dueMs = machines.get(each).dueNanos(nowMs * MS) / MS;
                at(Math.max(nowMs + 1, Math.min(dueMs, nowMs + 500)), () -> tick(each));
            }
        }

        private void step(int each, Input input) {
            for (Effect effect : machines.get(each).step(input, nowMs * MS)) {
                switch (effect) {
                    case Effect.Ask ask -> ask(each);
                    case Effect.Begin begin -> moves++;
                    case Effect.End end -> {}
                    case Effect.GiveUp giveUp -> at(nowMs + random.nextInt(20), () -> store.giveUp("m" + each));
                }
            }
        }

        private void ask(int each) {
            long askedMs = nowMs;
            boolean lost = !reachable || random.nextInt(20) == 0;
            at(nowMs + random.nextInt(random.nextInt(10) == 0 ? 2_000 : 30), () -> {
                if (lost || !reachable) {
                    at(nowMs + 200, () -> heard(each, new Input.Failed()));
                    return;
                }
                Lease lease = store.take("m" + each, TIMES.leaseMs(), nowMs);
                boolean silent = random.nextInt(20) == 0;
                Input answer = silent ? new Input.Failed() : new Input.Answered(askedMs * MS, lease);
                at(nowMs + random.nextInt(random.nextInt(10) == 0 ? 2_000 : 30), () -> heard(each, answer));
            });
        }

        private void heard(int each, Input input) {
            if (!dead[each]) {
                step(each, input);
            }
        }

        private void disturb() {
            int each = random.nextInt(MACHINES);
            switch (random.nextInt(4)) {
                case 0 -> {
                    dead[each] = true;
                    at(nowMs + 6_000, () -> comeBack(each));
                }
                case 1 -> {
                    step(each, new Input.Close());
                    dead[each] = true;
                    at(nowMs + 6_000, () -> comeBack(each));
                }
                case 2 -> {
                    reachable = false;
                    at(nowMs + random.nextInt(4_000), () -> reachable = true);
                }
                default -> store = store.takenOver(random.nextInt(20_000) - 10_000, random.nextBoolean());
            }
            at(nowMs + 7_000 + random.nextInt(5_000), this::disturb);
        }

        private void comeBack(int each) {
            dead[each] = false;
            machines.set(each, new LeaseMachine("m" + each, TIMES, nowMs * MS));
            tick(each);
        }

        private void check() {
            long holding = 0;
            for (int i = 0; i < MACHINES; i++) {
                holding += !dead[i] && machines.get(i).holds(nowMs * MS) ? 1 : 0;
            }
            assertThat(holding).as("seed %d, at %d ms: holders", seed, nowMs).isLessThanOrEqualTo(1);
            if (holding == 1 || !reachable) {
                vacantSinceMs = nowMs;
            }
            // Calls of this network take up to two seconds each way.
            assertThat(nowMs - vacantSinceMs)
                    .as("seed %d, at %d ms: without a holder", seed, nowMs)
                    .isLessThan(VACANT_MS);
        }
    }

    /** What a store does, by a clock that differs from the machines', and goes on differently on a server that takes over. */
    private static final class FakeLeases {
        private final long skewMs;
        private String holder = "";
        private long token;
        private long untilMs;
        private boolean fresh;

        FakeLeases(long skewMs) {
            this.skewMs = skewMs;
        }

        Lease take(String who, long leaseMs, long trueMs) {
            long now = trueMs + skewMs;
            if (fresh) {
                fresh = false;
                holder = "";
                untilMs = now + leaseMs;
            } else if (untilMs <= now || holder.equals(who)) {
                token = untilMs > now ? token : Math.max(token + 1, now);
                holder = who;
                untilMs = now + leaseMs;
            }
            return lease(holder, token, untilMs - now);
        }

        void giveUp(String who) {
            if (holder.equals(who)) {
                untilMs = Long.MIN_VALUE;
            }
        }

        /** The server that takes over may have an older row. */
        FakeLeases takenOver(long otherSkewMs, boolean older) {
            FakeLeases other = new FakeLeases(otherSkewMs);
            other.holder = older ? "m0" : holder;
            other.token = older ? token - 1 : token;
            other.untilMs = older ? 0 : untilMs;
            other.fresh = true;
            return other;
        }
    }
}
