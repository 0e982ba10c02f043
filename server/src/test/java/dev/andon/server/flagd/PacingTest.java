package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.flagd.Pacing.Effect;
import dev.andon.server.flagd.Pacing.Input;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PacingTest {
    private static final long COST_MS = 300;

    private final Pacing pacing = new Pacing(new Pacing.Tempo(20, 1_000, 100, 1_000, 0));
    private long nowMs = 10_000;

    private List<Effect> offer(boolean kill, long costMs) {
        return pacing.step(new Input.Offered(kill, costMs), nowMs);
    }

    private List<Effect> written() {
        return pacing.step(new Input.Written(), nowMs);
    }

    private List<Effect> at(long ms) {
        nowMs = ms;
        return pacing.step(new Input.Tick(), ms);
    }

    private static Effect send(boolean again, boolean first) {
        return new Effect.Send(again, first);
    }

    @Test
    void nothingIsSaidBeforeThereIsSomething() {
        assertThat(at(99_999)).isEmpty();
    }

    @Test
    void anIdleStreamSendsAtOnce() {
        assertThat(offer(false, COST_MS)).containsExactly(send(false, false));
        assertThat(written()).isEmpty();
        nowMs += 60_000;
        assertThat(offer(false, COST_MS)).as("the first of a burst").containsExactly(send(false, true));
    }

    @Test
    void whatIsOfferedWhileAMessageIsUnderWayIsOne() {
        assertThat(offer(false, COST_MS)).hasSize(1);
        for (int i = 0; i < 100; i++) {
            assertThat(offer(i % 7 == 0, COST_MS)).isEmpty();
            assertThat(at(nowMs + 1_000)).isEmpty();
        }
        written();
        assertThat(at(nowMs + 1_000)).containsExactly(send(false, true));
    }

    @Test
    void inABurstClientsGetTheTimeThatADocumentCosts() {
        offer(false, COST_MS);
        written();
        assertThat(offer(false, COST_MS)).containsExactly(new Effect.Wake(nowMs + COST_MS));
        assertThat(at(nowMs + COST_MS - 1)).containsExactly(new Effect.Wake(nowMs + 1));
        assertThat(at(nowMs + 1)).containsExactly(send(false, true));
    }

    @Test
    void thePauseHasLimits() {
        offer(false, 1);
        written();
        assertThat(offer(false, 60_000)).containsExactly(new Effect.Wake(nowMs + 20));
        at(nowMs + 20);
        written();
        assertThat(offer(false, 1)).containsExactly(new Effect.Wake(nowMs + 1_000));
    }

    @Test
    void aKillWaitsAHundredMillisecondsAtMost() {
        offer(false, 60_000);
        written();
        assertThat(offer(false, 60_000)).containsExactly(new Effect.Wake(nowMs + 1_000));
        assertThat(offer(true, 60_000)).containsExactly(new Effect.Wake(nowMs + 100));
        assertThat(offer(false, 60_000))
                .as("what follows doesn't hold it up")
                .containsExactly(new Effect.Wake(nowMs + 100));
        assertThat(at(nowMs + 100)).containsExactly(send(false, true));
    }

    @Test
    void afterABurstTheNewestIsSentAgainOnce() {
        offer(false, COST_MS);
        written();
        nowMs += 60_000;
        offer(false, COST_MS);
        written();
        offer(false, COST_MS);
        at(nowMs + COST_MS);
        long lastMs = nowMs;
        assertThat(written()).containsExactly(new Effect.Wake(lastMs + 1_000));
        assertThat(at(lastMs + 999)).containsExactly(new Effect.Wake(lastMs + 1_000));
        assertThat(at(lastMs + 1_000)).containsExactly(send(true, false));
        assertThat(written()).isEmpty();
        assertThat(at(lastMs + 60_000)).isEmpty();
    }

    @Test
    void itIsSentAgainOnceClientsHaveWorkedOffWhatTheyHave() {
        long cost = 5_000;
        offer(false, cost);
        written();
        nowMs += 60_000;
        offer(false, cost);
        written();
        offer(false, cost);
        at(nowMs + 1_000);
        assertThat(written()).as("nine seconds of work are left").containsExactly(new Effect.Wake(nowMs + 9_000));
        for (int i = 0; i < 50; i++) {
            offer(false, cost);
            at(nowMs + 1_000);
            written();
        }
        assertThat(at(nowMs)).as("clients keep no more than six").containsExactly(new Effect.Wake(nowMs + 30_000));
    }

    @Test
    void aSingleChangeIsSentOnce() {
        offer(false, COST_MS);
        written();
        assertThat(at(nowMs + 60_000)).isEmpty();
    }

    @Test
    void aQuietStreamSaysThatItLives() {
        Pacing alive = new Pacing(new Pacing.Tempo(20, 20, 20, 1_000, 20_000));
        alive.step(new Input.Offered(false, 20), 0);
        assertThat(alive.step(new Input.Written(), 0)).containsExactly(new Effect.Wake(20_000));
        assertThat(alive.step(new Input.Tick(), 20_000)).containsExactly(new Effect.KeepAlive());
        assertThat(alive.step(new Input.Tick(), 60_000))
                .as("the one before isn't written")
                .isEmpty();
        assertThat(alive.step(new Input.Written(), 60_000)).containsExactly(new Effect.Wake(80_000));
        assertThat(alive.step(new Input.Offered(true, 20), 61_000)).containsExactly(new Effect.Send(false, true));
    }

    /** A client like Java's: a queue of five, each document takes its time, and what comes on top is dropped. */
    @Test
    void aClientThatDropsTheNewestEndsOnIt() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            long cost = 1L + random.nextInt(3_000);
            Pacing stream = new Pacing(new Pacing.Tempo(20, 1_000, 100, 1_000, 0));
            List<Integer> queue = new ArrayList<>();
            int newest = 0;
            int held = 0;
            int sent = 0;
            long busyUntil = 0;
            int burst = 50 + random.nextInt(200);
            long quiet = 0;
            for (long now = 0; now < 300_000; now += 5) {
                List<Effect> effects = new ArrayList<>(stream.step(new Input.Tick(), now));
                if (newest < burst && random.nextInt(4) == 0) {
                    newest++;
                    effects.addAll(stream.step(new Input.Offered(random.nextInt(10) == 0, cost), now));
                    quiet = now;
                }
                for (int i = 0; i < effects.size(); i++) {
                    if (effects.get(i) instanceof Effect.Send) {
                        sent++;
                        if (queue.size() < 5) {
                            queue.add(newest);
                        }
                        effects.addAll(stream.step(new Input.Written(), now));
                    }
                }
                if (now >= busyUntil && !queue.isEmpty()) {
                    held = queue.removeFirst();
                    busyUntil = now + cost;
                }
            }
            assertThat(held)
                    .as("seed " + seed + ", after " + sent + " messages, quiet since " + quiet)
                    .isEqualTo(burst);
        }
    }
}
