package dev.andon.proof.history;

import dev.andon.proof.history.Operation.Asked;
import dev.andon.proof.history.Operation.Told;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Whether the ledger's order is a linearization of a history: each operation takes effect at one point between question and
 * answer, and what everyone was told is what carrying them out one after the other, in the ledger's order, would tell them.
 *
 * <p>Linearizability is Herlihy and Wing's (Linearizability: a correctness condition for concurrent objects, 1990). In general
 * it takes a search to decide. Here the system says itself in which order it carried out what it wrote, so that only answers that
 * wrote nothing have to be placed: each at the earliest point that fits, in the order of the answers. Who was answered before
 * somebody else asked comes before them in that order, too, and placing one early never gets in the way of another.
 *
 * <p>All objects are in one ledger, so they are checked together: order holds between objects, too.
 */
final class Linearizability {
    private final List<Operation> operations;
    private final List<Recorded> ledger;
    private final List<Violation> violations = new ArrayList<>();

    /** For each object, which entry made it what it is from a version on. */
    private final Map<String, NavigableMap<Long, Recorded>> objects = new HashMap<>();

    /** Where an operation takes effect: an entry's version, or any point from it on and before the next. */
    private final Map<String, Long> effects = new HashMap<>();

    private Linearizability(List<Operation> operations, List<Recorded> ledger) {
        this.operations = operations;
        this.ledger = ledger;
    }

    /**
     * @param operations in any order, with names that are nobody else's
     * @param ledger all of it that is about their objects, by version; objects begin with entries of operations
     */
    static List<Violation> check(List<Operation> operations, List<Recorded> ledger) {
        Linearizability check = new Linearizability(operations, ledger);
        check.entries();
        check.acknowledged();
        check.answers();
        check.order();
        return List.copyOf(check.violations);
    }

    private void entries() {
        Map<String, Operation> asked = new HashMap<>();
        operations.forEach(operation -> asked.put(operation.name(), operation));
        for (Recorded entry : ledger) {
            NavigableMap<Long, Recorded> object = objects.computeIfAbsent(entry.object(), name -> new TreeMap<>());
            Optional<Operation> operation = Optional.ofNullable(asked.get(entry.name()));
            if (effects.putIfAbsent(entry.name(), entry.version()) != null) {
                report(Violation.Kind.TWICE, entry + ", and version " + effects.get(entry.name()));
            } else if (operation.isEmpty()) {
                report(Violation.Kind.PHANTOM, entry + " was asked for by nobody");
            } else {
                entry(entry, operation.get(), object);
            }
            object.put(entry.version(), entry);
        }
    }

    private void entry(Recorded entry, Operation operation, NavigableMap<Long, Recorded> object) {
        boolean denied = switch (operation.told()) {
            case Told.Written written -> false;
            case Told.Nothing nothing -> false;
            case Told.AsAsked same -> true;
            case Told.Found found -> true;
            case Told.Unchanged unchanged -> true;
        };
        boolean other =
                !operation.object().equals(entry.object()) || !operation.value().equals(entry.value());
        if (denied || other || operation.asked() instanceof Asked.Look) {
            report(Violation.Kind.PHANTOM, entry + " isn't what came of " + operation);
        }
        long before = object.isEmpty() ? 0 : object.lastKey();
        if (operation.asked() instanceof Asked.PutIf put && put.version() != before) {
            report(Violation.Kind.STALE_PRECONDITION, entry + " replaced version " + before + ": " + operation);
        }
    }

    private void acknowledged() {
        for (Operation operation : operations) {
            if (operation.told() instanceof Told.Written written) {
                long there = effects.getOrDefault(operation.name(), 0L);
                if (there != written.version()) {
                    report(
                            Violation.Kind.LOST,
                            operation + " is " + (there == 0 ? "not in the ledger" : "in version " + there));
                }
            }
        }
    }

    /** Places what wrote nothing, each at the earliest point at which its answer is right. */
    private void answers() {
        sweep((operation, notBefore) -> {
            boolean placed = switch (operation.told()) {
                case Told.AsAsked same -> place(operation, same.version(), notBefore);
                case Told.Found found -> place(operation, found.version(), notBefore);
                case Told.Written written -> true;
                case Told.Unchanged unchanged -> true;
                case Told.Nothing nothing -> true;
            };
            if (!placed) {
                report(
                        Violation.Kind.STALE_ANSWER,
                        operation + " was right at no time from version " + notBefore + " on");
            }
        });
    }

    /** Whether the object has this version at some point that isn't before the given one; notes the first. */
    private boolean place(Operation operation, long version, long notBefore) {
        NavigableMap<Long, Recorded> object = objects.getOrDefault(operation.object(), new TreeMap<>());
        Recorded there = object.get(version);
        boolean exists = there != null || version == 0;
        Long next = object.higherKey(version);
        long point = Math.max(version, notBefore);
        if (!exists
                || (next != null && point >= next)
                || contradicts(operation, version, there == null ? "" : there.value())) {
            return false;
        }
        effects.put(operation.name(), point);
        return true;
    }

    /** Whether the answer is wrong even if that version is there. */
    private static boolean contradicts(Operation operation, long version, String value) {
        return switch (operation.told()) {
            case Told.AsAsked same ->
                !operation.value().equals(value)
                        || (operation.asked() instanceof Asked.PutIf put && put.version() != version);
            case Told.Found found ->
                switch (operation.asked()) {
                    case Asked.PutIf put -> put.version() == version;
                    case Asked.Look look -> false;
                    case Asked.Put put -> true;
                };
            case Told.Written written -> false;
            case Told.Unchanged unchanged -> false;
            case Told.Nothing nothing -> false;
        };
    }

    /** Whatever was answered before something else was asked for takes effect before it. */
    private void order() {
        sweep((operation, notBefore) -> {
            Long at = effects.get(operation.name());
            boolean writes = operation.told() instanceof Told.Written || operation.open();
            if (at != null && writes && at <= notBefore) {
                report(
                        Violation.Kind.ORDER,
                        operation + " took effect at version " + at + ", but had to come after version " + notBefore);
            }
        });
    }

    /**
     * Goes through the operations so that each comes after those that were answered before it was asked for, and says after
     * which version it must take effect because of them.
     */
    private void sweep(BiConsumer<Operation, Long> each) {
        List<Operation> byAnswer = new ArrayList<>(operations);
        byAnswer.sort(Comparator.comparingLong(Linearizability::answered));
        NavigableMap<Long, Long> furthest = new TreeMap<>();
        long far = 0;
        for (Operation operation : byAnswer) {
            Map.Entry<Long, Long> before = furthest.lowerEntry(operation.invokedNanos());
            each.accept(operation, before == null ? 0 : before.getValue());
            Long at = effects.get(operation.name());
            if (at != null && !operation.open()) {
                far = Math.max(far, at);
                furthest.put(operation.returnedNanos(), far);
            }
        }
    }

    private static long answered(Operation operation) {
        return operation.open() ? Long.MAX_VALUE : operation.returnedNanos();
    }

    private void report(Violation.Kind kind, String what) {
        violations.add(new Violation(kind, what));
    }
}
