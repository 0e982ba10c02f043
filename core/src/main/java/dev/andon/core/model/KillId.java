package dev.andon.core.model;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A kill's name for ever: the journal that first held it, and its number there. Text form {@code journal-number}.
 *
 * @param journal 8 to 32 lower-case hexadecimal digits. One of 24 begins with digits that say which node's it is, so that no
 *     other node can use its numbers; others, as of before, say nothing
 * @param number from 1
 */
public record KillId(String journal, long number) implements Comparable<KillId> {
    public static final int MAX_JOURNAL_CHARS = 32;

    /** How many digits follow those that say whose a journal is. */
    public static final int OWN_DIGITS = 8;

    private static final int OWNER_DIGITS = 16;
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

    /**
     * A name for a journal that is a node's alone.
     *
     * @param random {@link #OWN_DIGITS} hexadecimal digits, others each time
     */
    public static String journalOf(String node, String random) {
        return owner(node) + random;
    }

    /** Whether the name says which node's it is. */
    public boolean saysWhose() {
        return journal.length() == OWNER_DIGITS + OWN_DIGITS;
    }

    /** Whether a kill of this name may have been taken by a node. */
    public boolean mayBeOf(String node) {
        return !saysWhose() || journal.startsWith(owner(node));
    }

    /** The beginning of the SHA-256 of its id. */
    private static String owner(String node) {
        return HexFormat.of().formatHex(Sha256.of(node), 0, OWNER_DIGITS / 2);
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
