package dev.andon.core.model;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kill's name for ever: the journal that first held it, and its number there. Text form {@code journal-number}.
 *
 * @param journal 8 to 32 lower-case hexadecimal digits
 * @param number from 1
 */
public record KillId(String journal, long number) implements Comparable<KillId> {
    public static final int MAX_JOURNAL_CHARS = 32;

    private static final Pattern JOURNAL = Pattern.compile("[0-9a-f]{8,32}");
    private static final Pattern TEXT = Pattern.compile("([0-9a-f]{8,32})-([1-9][0-9]{0,17})");

    public KillId {
        if (!JOURNAL.matcher(journal).matches()) {
            throw new InvalidInput("journal", Json.of(journal).text(), "8 to 32 lower-case hexadecimal digits");
        }
        if (number < 1) {
            throw new InvalidInput("number", "" + number, "at least 1");
        }
    }

    public static KillId parse(String path, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new InvalidInput(path, Json.of(text).text(), "a kill's id, such as 9f86d081-17");
        }
        return new KillId(matcher.group(1), Long.parseLong(matcher.group(2)));
    }

    @Override
    public int compareTo(KillId other) {
        int byJournal = journal.compareTo(other.journal);
        return byJournal != 0 ? byJournal : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return journal + "-" + number;
    }
}
