package dev.andon.core.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what someone probably meant. */
public final class Nearest {
    private static final int NEAR = 3;

    private Nearest() {}

    /** The few known words that are nearest to what was asked for, nearest first. */
    public static List<String> to(String value, Collection<String> known) {
        int allowed = Math.max(2, value.length() / 3);
        record Candidate(String key, int distance) {}
        return known.stream()
                .filter(key -> Math.abs(key.length() - value.length()) <= allowed)
                .map(key -> new Candidate(key, distance(value, key, allowed)))
                .filter(candidate -> candidate.distance() <= allowed)
                .sorted(Comparator.comparingInt(Candidate::distance).thenComparing(Candidate::key))
                .limit(NEAR)
                .map(Candidate::key)
                .toList();
    }

    /** Levenshtein's distance without regard to case; anything above {@code limit} once that is certain. */
    private static int distance(String left, String right, int limit) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] before = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            int least = i;
            for (int j = 1; j <= b.length(); j++) {
                int swap = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], before[j]) + 1, before[j - 1] + swap);
                least = Math.min(least, row[j]);
            }
            if (least > limit) {
                return least;
            }
            before = row;
        }
        return before[b.length()];
    }
}
