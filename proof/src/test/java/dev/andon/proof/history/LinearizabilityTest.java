package dev.andon.proof.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.history.Operation.Asked;
import dev.andon.proof.history.Operation.Told;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The checker accepts what a ledger does, and names what is wrong with everything else. */
final class LinearizabilityTest {
    private static final int HISTORIES = 300;

    private static Operation put(String name, long from, long to, Told told) {
        return new Operation(name, "flag", new Asked.Put(name), from, to, told);
    }

    private static Operation putIf(String name, long version, long from, long to, Told told) {
        return new Operation(name, "flag", new Asked.PutIf(name, version), from, to, told);
    }

    private static Operation look(String name, long from, long to, long version) {
        return new Operation(name, "flag", new Asked.Look(), from, to, new Told.Found(version));
    }

    private static Recorded entry(long version, String name) {
        return new Recorded(version, name, "flag", name);
    }

    private static Told.Written written(long version) {
        return new Told.Written(version);
    }

    private static List<Violation.Kind> found(List<Operation> operations, Recorded... ledger) {
        return Linearizability.check(operations, List.of(ledger)).stream()
                .map(Violation::kind)
                .toList();
    }

    @Test
    void acceptsWhatHappenedOneAfterTheOther() {
        assertThat(found(
                        List.of(
                                put("a", 1, 2, written(4)),
                                putIf("b", 4, 3, 4, written(6)),
                                putIf("c", 4, 5, 6, new Told.Found(6)),
                                look("d", 7, 8, 6),
                                put("b2", 9, 10, new Told.Unchanged())),
                        entry(4, "a"),
                        entry(6, "b")))
                .isEmpty();
    }

    @Test
    void acceptsAnyOrderOfWhatRanAtOnce() {
        assertThat(found(
                        List.of(
                                put("a", 1, 9, written(5)),
                                put("b", 1, 9, written(4)),
                                look("before", 1, 9, 0),
                                look("between", 1, 9, 4)),
                        entry(4, "b"),
                        entry(5, "a")))
                .isEmpty();
    }

    @Test
    void acceptsThatWhatGotNoAnswerIsThereOrNotAndLate() {
        List<Operation> operations = List.of(
                put("a", 1, 2, new Told.Nothing()), put("b", 3, 4, written(4)), put("lost", 1, 2, new Told.Nothing()));
        assertThat(found(operations, entry(4, "b"), entry(5, "a"))).isEmpty();
        assertThat(found(operations, entry(4, "b"))).isEmpty();
    }

    @Test
    void findsAnAcknowledgedWriteThatIsNotThere() {
        assertThat(found(List.of(put("a", 1, 2, written(4))))).containsExactly(Violation.Kind.LOST);
    }

    @Test
    void findsAWriteThatIsElsewhereThanItWasSaid() {
        assertThat(found(List.of(put("a", 1, 2, written(4))), entry(5, "a"))).containsExactly(Violation.Kind.LOST);
    }

    @Test
    void findsWhatIsThereTwice() {
        assertThat(found(List.of(put("a", 1, 2, written(4))), entry(4, "a"), entry(5, "a")))
                .containsExactly(Violation.Kind.TWICE);
        assertThat(found(List.of(put("a", 1, 2, new Told.Nothing())), entry(4, "a"), entry(5, "a")))
                .containsExactly(Violation.Kind.TWICE);
    }

    @Test
    void findsWhatNobodyAskedFor() {
        assertThat(found(List.of(), entry(4, "a"))).containsExactly(Violation.Kind.PHANTOM);
    }

    @Test
    void findsWhatWasRefusedAndIsThere() {
        assertThat(found(List.of(put("a", 1, 2, new Told.Unchanged())), entry(4, "a")))
                .containsExactly(Violation.Kind.PHANTOM);
        assertThat(found(
                        List.of(put("a", 1, 2, written(4)), putIf("b", 3, 3, 4, new Told.Found(4))),
                        entry(4, "a"),
                        entry(5, "b")))
                .contains(Violation.Kind.PHANTOM);
    }

    @Test
    void findsAnotherValueThanWasAskedFor() {
        assertThat(found(List.of(put("a", 1, 2, written(4))), new Recorded(4, "a", "flag", "something else")))
                .containsExactly(Violation.Kind.PHANTOM);
    }

    @Test
    void findsOrderReversed() {
        assertThat(found(List.of(put("a", 1, 2, written(5)), put("b", 3, 4, written(4))), entry(4, "b"), entry(5, "a")))
                .containsExactly(Violation.Kind.ORDER);
    }

    @Test
    void findsOrderReversedBetweenObjects() {
        List<Operation> operations = List.of(
                new Operation("a", "one", new Asked.Put("a"), 1, 2, written(5)),
                new Operation("b", "other", new Asked.Put("b"), 3, 4, written(4)));
        List<Recorded> ledger = List.of(new Recorded(4, "b", "other", "b"), new Recorded(5, "a", "one", "a"));
        assertThat(Linearizability.check(operations, ledger))
                .extracting(Violation::kind)
                .containsExactly(Violation.Kind.ORDER);
    }

    @Test
    void findsThatWhatGotNoAnswerWasThereBeforeItWasAskedFor() {
        assertThat(found(
                        List.of(put("a", 1, 2, written(5)), put("b", 3, 4, new Told.Nothing())),
                        entry(4, "b"),
                        entry(5, "a")))
                .containsExactly(Violation.Kind.ORDER);
    }

    @Test
    void findsSuccessOnAStalePrecondition() {
        assertThat(found(
                        List.of(
                                put("a", 1, 2, written(4)),
                                put("b", 3, 4, written(5)),
                                putIf("c", 4, 5, 6, written(6))),
                        entry(4, "a"),
                        entry(5, "b"),
                        entry(6, "c")))
                .containsExactly(Violation.Kind.STALE_PRECONDITION);
    }

    @Test
    void findsARefusalOfTheVersionThatWasThere() {
        List<Operation> operations = List.of(put("a", 1, 2, written(4)), putIf("b", 4, 3, 4, new Told.Found(0)));
        assertThat(found(operations, entry(4, "a"))).containsExactly(Violation.Kind.STALE_ANSWER);
    }

    @Test
    void findsThatSomethingWasAsAskedNoMore() {
        List<Operation> operations = List.of(
                put("a", 1, 2, written(4)),
                put("b", 3, 4, written(5)),
                new Operation("c", "flag", new Asked.Put("a"), 5, 6, new Told.AsAsked(4)));
        assertThat(found(operations, entry(4, "a"), entry(5, "b"))).containsExactly(Violation.Kind.STALE_ANSWER);
    }

    @Test
    void findsThatALookSawTheFuture() {
        List<Operation> operations = List.of(look("early", 1, 2, 4), put("a", 3, 4, written(4)));
        assertThat(found(operations, entry(4, "a"))).containsExactly(Violation.Kind.ORDER);
    }

    @Test
    void findsThatOneLookSawOlderThanAnotherBeforeIt() {
        List<Operation> operations = List.of(put("a", 1, 9, written(4)), look("new", 2, 3, 4), look("old", 4, 5, 0));
        assertThat(found(operations, entry(4, "a"))).containsExactly(Violation.Kind.STALE_ANSWER);
    }

    @Test
    void acceptsRandomHistoriesOfALedgerAndRefusesThemOnceChanged() {
        int changed = 0;
        for (int seed = 0; seed < HISTORIES; seed++) {
            RandomHistory history = new RandomHistory(new Random(seed));
            assertThat(Linearizability.check(history.operations, history.ledger))
                    .as("seed %d", seed)
                    .isEmpty();
            for (Violation.Kind kind : Violation.Kind.values()) {
                RandomHistory wrong = new RandomHistory(new Random(seed));
                if (wrong.spoil(kind)) {
                    changed++;
                    assertThat(Linearizability.check(wrong.operations, wrong.ledger))
                            .as("seed %d, %s", seed, kind)
                            .extracting(Violation::kind)
                            .contains(kind);
                }
            }
        }
        assertThat(changed).isGreaterThan(3 * HISTORIES);
    }

    /** What several clients could have been told by a ledger that works. */
    private static final class RandomHistory {
        private static final int OPERATIONS = 40;
        private static final int CLIENTS = 5;

        final List<Operation> operations = new ArrayList<>();
        final List<Recorded> ledger = new ArrayList<>();
        private final Random random;
        private final long[] free = new long[CLIENTS];

        RandomHistory(Random random) {
            this.random = random;
            long version = 0;
            for (int i = 0; i < OPERATIONS; i++) {
                int client = random.nextInt(CLIENTS);
                long effect = 1_000L * (i + 1);
                long invoked = Math.max(free[client], effect - random.nextInt(4_000)) + client + 1;
                if (invoked >= effect) {
                    continue;
                }
                long returned = effect + 7 + random.nextInt(4_000);
                free[client] = returned;
                version += 1 + random.nextInt(2);
                carryOut("op-" + i, "flag-" + random.nextInt(2), invoked, returned, version);
            }
        }

        private void carryOut(String name, String object, long invoked, long returned, long version) {
            Recorded there = ledger.stream()
                    .filter(entry -> entry.object().equals(object))
                    .reduce((first, second) -> second)
                    .orElse(new Recorded(0, "", object, ""));
            String value = random.nextBoolean() ? "on" : "off";
            Asked asked = switch (random.nextInt(4)) {
                case 0 -> new Asked.Look();
                case 1 -> new Asked.Put(value);
                default -> new Asked.PutIf(value, random.nextInt(4) == 0 ? there.version() + 1 : there.version());
            };
            boolean matches = !(asked instanceof Asked.PutIf put) || put.version() == there.version();
            Told told;
            if (asked instanceof Asked.Look || !matches) {
                told = new Told.Found(there.version());
            } else if (there.value().equals(value)) {
                told = new Told.AsAsked(there.version());
            } else if (random.nextInt(8) == 0) {
                told = random.nextBoolean() ? new Told.Nothing() : new Told.Unchanged();
                if (told instanceof Told.Nothing && random.nextBoolean()) {
                    ledger.add(new Recorded(version, name, object, value));
                }
            } else {
                told = new Told.Written(version);
                ledger.add(new Recorded(version, name, object, value));
            }
            operations.add(new Operation(name, object, asked, invoked, returned, told));
        }

        /** Makes it one that no ledger that works has; false if this one offers no occasion. */
        boolean spoil(Violation.Kind kind) {
            return switch (kind) {
                case LOST -> ledger.removeIf(entry -> entry.name().equals(lastWritten()));
                case TWICE -> !ledger.isEmpty() && ledger.add(later(ledger.getFirst()));
                case PHANTOM -> change(Told.Written.class::isInstance, new Told.Unchanged());
                case STALE_PRECONDITION -> stalePrecondition();
                case ORDER -> swap();
                case STALE_ANSWER -> change(Told.Found.class::isInstance, new Told.Found(100_000));
            };
        }

        private String lastWritten() {
            return operations.stream()
                    .filter(operation -> operation.told() instanceof Told.Written)
                    .reduce((first, second) -> second)
                    .map(Operation::name)
                    .orElse("");
        }

        private Recorded later(Recorded entry) {
            return new Recorded(ledger.getLast().version() + 1, entry.name(), entry.object(), entry.value());
        }

        private boolean change(Predicate<Told> which, Told told) {
            for (int i = 0; i < operations.size(); i++) {
                Operation one = operations.get(i);
                if (which.test(one.told())) {
                    operations.set(i, told(one, one.asked(), told));
                    return true;
                }
            }
            return false;
        }

        private static Operation told(Operation one, Asked asked, Told told) {
            return new Operation(one.name(), one.object(), asked, one.invokedNanos(), one.returnedNanos(), told);
        }

        private boolean stalePrecondition() {
            for (int i = 0; i < operations.size(); i++) {
                Operation one = operations.get(i);
                if (one.told() instanceof Told.Written && one.asked() instanceof Asked.PutIf put) {
                    operations.set(i, told(one, new Asked.PutIf(put.value(), put.version() + 1_000), one.told()));
                    return true;
                }
            }
            return false;
        }

        /** Two writes change places in the ledger, and both are told so. */
        private boolean swap() {
            for (Operation first : operations) {
                for (Operation second : operations) {
                    if (first.told() instanceof Told.Written one
                            && second.told() instanceof Told.Written other
                            && first.returnedNanos() < second.invokedNanos()) {
                        exchange(first, one, second, other);
                        return true;
                    }
                }
            }
            return false;
        }

        private void exchange(Operation first, Told.Written one, Operation second, Told.Written other) {
            operations.replaceAll(operation -> operation.equals(first)
                    ? told(first, first.asked(), other)
                    : operation.equals(second) ? told(second, second.asked(), one) : operation);
            ledger.replaceAll(entry -> {
                if (entry.name().equals(first.name())) {
                    return new Recorded(entry.version(), second.name(), second.object(), second.value());
                }
                return entry.name().equals(second.name())
                        ? new Recorded(entry.version(), first.name(), first.object(), first.value())
                        : entry;
            });
        }
    }
}
