package dev.andon.core.image;

import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Which numbers of which journal the ledger has settled, as ranges. Immutable. Marks only grow: a number that was settled
 * once is settled for ever, whether its kill still stands or was restored.
 */
public final class Marks {
    public static final Marks NONE = new Marks(new TreeMap<>());

    /** Numbers {@code first} to {@code last}, both included. */
    public record Range(long first, long last) {}

    private final SortedMap<String, List<Range>> journals;

    private Marks(SortedMap<String, List<Range>> journals) {
        this.journals = journals;
    }

    public boolean covers(KillId kill) {
        for (Range range : journals.getOrDefault(kill.journal(), List.of())) {
            if (range.first() <= kill.number() && kill.number() <= range.last()) {
                return true;
            }
        }
        return false;
    }

    public Marks with(String journal, long first, long last) {
        List<Range> before = journals.getOrDefault(journal, List.of());
        List<Range> after = new ArrayList<>(before.size() + 1);
        long from = first;
        long to = last;
        for (Range range : before) {
            if (range.last() < from - 1) {
                after.add(range);
            } else if (range.first() - 1 <= to) {
                from = Math.min(from, range.first());
                to = Math.max(to, range.last());
            }
        }
        after.add(new Range(from, to));
        for (Range range : before) {
            if (range.first() - 1 > to) {
                after.add(range);
            }
        }
        TreeMap<String, List<Range>> copy = new TreeMap<>(journals);
        copy.put(journal, List.copyOf(after));
        return new Marks(copy);
    }

    public Marks with(KillId kill) {
        return covers(kill) ? this : with(kill.journal(), kill.number(), kill.number());
    }

    /** Ranges in ascending order, apart from each other by at least one number, by journal. */
    public Map<String, List<Range>> ranges() {
        return Collections.unmodifiableMap(journals);
    }

    /** The highest number of a journal that is settled; 0 if there is none. */
    public long highest(String journal) {
        List<Range> ranges = journals.getOrDefault(journal, List.of());
        return ranges.isEmpty() ? 0 : ranges.get(ranges.size() - 1).last();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Marks marks && marks.journals.equals(journals);
    }

    @Override
    public int hashCode() {
        return journals.hashCode();
    }

    @Override
    public String toString() {
        return journals.toString();
    }
}
