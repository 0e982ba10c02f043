package dev.andon.core.stop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Everything that can happen, in every order, in small worlds; and at random in larger ones. */
class StopModelTest {
    private static final int ENOUGH_STATES = 2_000;

    @Test
    void killAndRestoreWithACrash() {
        explore(1, 1, 1, new Budget(1, 1, 1, 0, 0));
    }

    @Test
    void journalAndLedgerThatFail() {
        explore(1, 1, 1, new Budget(1, 1, 0, 2, 0));
    }

    @Test
    void clientThatMovesBetweenNodesThatCrash() {
        explore(2, 1, 4, new Budget(1, 0, 1, 0, 1));
    }

    @Test
    void clientThatMovesWhileTheKillIsRestored() {
        explore(2, 1, 4, new Budget(1, 1, 0, 0, 1));
    }

    @Test
    void aTagThatGoesUnderAKill() {
        explore(2, 1, 16, new Budget(1, 0, 0, 0, 1).withEdits(1));
    }

    @Test
    @Tag("nightly")
    void tagsThatComeAndGoUnderAKill() {
        explore(2, 1, 4, new Budget(1, 0, 0, 0, 1).withEdits(2));
    }

    @Test
    @Tag("nightly")
    void tagsThatComeAndGoWhileANodeCrashes() {
        explore(2, 1, 8, new Budget(1, 1, 1, 0, 0).withEdits(2));
    }

    @Test
    @Tag("nightly")
    void twoKillsTwoNodesTwoClients() {
        explore(2, 2, 8, new Budget(2, 1, 0, 0, 1));
    }

    @Test
    @Tag("nightly")
    void crashesAndFaultsAndMoves() {
        explore(2, 1, 4, new Budget(1, 1, 1, 1, 1));
    }

    @Test
    void randomWalks() {
        for (long seed = 0; seed < 300; seed++) {
            walk(seed);
        }
    }

    @Test
    @Tag("nightly")
    void manyRandomWalks() {
        for (long seed = 1_000; seed < 50_000; seed++) {
            walk(seed);
        }
    }

    private static void walk(long seed) {
        Random random = new Random(seed);
        Budget budget = new Budget(4, 2, 3, 5, 4);
        StopWorld world = new StopWorld(2, 2, seed % 2 == 0 ? budget : budget.withEdits(6));
        List<String> path = new ArrayList<>();
        try {
            for (int i = 0; i < 80; i++) {
                List<StopWorld.Action> actions = world.actions();
                if (actions.isEmpty()) {
                    break;
                }
                StopWorld.Action action = actions.get(random.nextInt(actions.size()));
                path.add(action.name());
                action.run().on(world);
                world.checkAlways();
            }
            world.checkHealed();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n  " + String.join("\n  ", path), e);
        }
    }

    /** A state, and how it was reached. */
    private record Reached(StopWorld world, Reached from, String action) {
        String path() {
            return (from == null ? "" : from.path() + "\n  ") + action;
        }

        @Override
        public int hashCode() {
            // Mixed, because the texts' own hashes have too much in common.
            return (world.fingerprint().hashCode() * 0x9E3779B9) >>> 8;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Reached reached
                    && reached.world.fingerprint().equals(world.fingerprint());
        }
    }

    /** @param healOneIn of how many states one is taken to see how it ends when all goes well from there */
    private static void explore(int nodes, int clients, int healOneIn, Budget budget) {
        Set<String> seen = new HashSet<>();
        Deque<Reached> open = new ArrayDeque<>();
        StopWorld start = new StopWorld(nodes, clients, budget);
        seen.add(start.fingerprint());
        open.add(new Reached(start, null, "start"));
        while (!open.isEmpty()) {
            Reached reached = open.removeFirst();
            if (Math.floorMod(reached.hashCode(), healOneIn) == 0) {
                expectHealed(reached);
            }
            for (StopWorld.Action action : reached.world().actions()) {
                StopWorld next = reached.world().copy();
                Reached then = new Reached(next, reached, action.name());
                try {
                    action.run().on(next);
                    next.checkAlways();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(e.getMessage() + "\n  " + then.path(), e);
                }
                if (seen.add(next.fingerprint())) {
                    open.addLast(then);
                }
            }
        }
        assertThat(seen.size())
                .as("states, so that the test can't pass for nothing")
                .isGreaterThan(ENOUGH_STATES);
    }

    private static void expectHealed(Reached reached) {
        try {
            reached.world().copy().checkHealed();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(e.getMessage() + "\n  " + reached.path() + "\n  then all goes well", e);
        }
    }
}
