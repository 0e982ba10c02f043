package dev.andon.core.stop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
    void aFlagThatComesAndGoesUnderAKillOnItsWayIsHeldWhoeverSettlesIt() {
        walk(
                "c0 receives",
                "n0 is ordered to kill",
                "n0 journals",
                "c0 receives",
                "search gets or loses its tag",
                "search gets or loses its tag",
                "n1 folds",
                "n1 folds",
                "c0 goes to n1",
                "n1 journals",
                "n1 appends");
    }

    @Test
    void aClientThatIsBehindHoldsWhatAKillResolvedTo() {
        walk(
                "c0 receives",
                "search gets or loses its tag",
                "n0 folds",
                "checkout gets or loses its tag",
                "n0 folds",
                "n0 is ordered to kill more than can be listed",
                "n0 journals",
                "n0 appends",
                "c0 receives");
    }

    @Test
    void aNodeThatStartsWithAnOldImageHoldsWhatAKillResolvedTo() {
        walk(
                "search gets or loses its tag",
                "n1 folds",
                "n1 is ordered to kill more than can be listed",
                "n1 crashes right after journalling");
    }

    private static void walk(String... actions) {
        StopWorld world = new StopWorld(2, 1, new Budget(1, 0, 1, 0, 1).withEdits(2));
        for (String name : actions) {
            StopWorld.Action action = world.actions().stream()
                    .filter(one -> one.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            action.run().on(world);
            world.checkAlways();
        }
        world.checkHealed();
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

    /** Stands for a fingerprint: millions of them must fit into memory. */
    private record Digest(long high, long low) {
        static Digest of(StopWorld world) {
            try {
                byte[] text = world.fingerprint().getBytes(StandardCharsets.UTF_8);
                ByteBuffer bytes =
                        ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text));
                return new Digest(bytes.getLong(), bytes.getLong());
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** How a state was reached; holds no state, so that those that were explored can go. */
    private record Path(Optional<Path> before, String action) {
        Path then(String next) {
            return new Path(Optional.of(this), next);
        }

        @Override
        public String toString() {
            return before.map(path -> path + "\n  ").orElse("") + action;
        }
    }

    private record Reached(StopWorld world, Digest digest, Path path) {}

    /** @param healOneIn of how many states one is taken to see how it ends when all goes well from there */
    private static void explore(int nodes, int clients, int healOneIn, Budget budget) {
        Set<Digest> seen = new HashSet<>();
        Deque<Reached> open = new ArrayDeque<>();
        StopWorld start = new StopWorld(nodes, clients, budget);
        seen.add(Digest.of(start));
        open.add(new Reached(start, Digest.of(start), new Path(Optional.empty(), "start")));
        while (!open.isEmpty()) {
            Reached reached = open.removeFirst();
            if (Math.floorMod(reached.digest().low(), healOneIn) == 0) {
                expectHealed(reached);
            }
            for (StopWorld.Action action : reached.world().actions()) {
                StopWorld next = reached.world().copy();
                Path path = reached.path().then(action.name());
                try {
                    action.run().on(next);
                    next.checkAlways();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(e.getMessage() + "\n  " + path, e);
                }
                Digest digest = Digest.of(next);
                if (seen.add(digest)) {
                    open.addLast(new Reached(next, digest, path));
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
