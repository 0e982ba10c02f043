package dev.andon.cli.text;

import java.util.ArrayList;
import java.util.List;

/** Text as a terminal shows it: columns instead of characters, and nothing that could steer the terminal. */
public final class Glyphs {
    private static final String ELLIPSIS = "…";

    private Glyphs() {}

    /**
     * The text on one line, with control characters made visible: what others wrote may otherwise move the cursor, clear
     * the screen or forge lines.
     */
    public static String printable(String text) {
        StringBuilder shown = new StringBuilder(text.length());
        text.codePoints().forEach(point -> {
            switch (Character.getType(point)) {
                case Character.CONTROL -> shown.append(point == '\n' || point == '\t' ? " " : "\ufffd");
                case Character.FORMAT, Character.SURROGATE, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                    shown.append('\ufffd');
                default -> shown.appendCodePoint(point);
            }
        });
        return shown.toString();
    }

    /** How many columns the text takes: 2 for wide East Asian characters and emoji, 0 for combining marks. */
    public static int width(String text) {
        return text.codePoints().map(Glyphs::width).sum();
    }

    /** The text, cut to so many columns with an ellipsis at its end if it is longer. */
    public static String cut(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int room = columns - 1;
        for (int point : text.codePoints().toArray()) {
            room -= width(point);
            if (room < 0) {
                break;
            }
            kept.appendCodePoint(point);
        }
        return columns < 1 ? "" : kept + ELLIPSIS;
    }

    /** The text filled with blanks up to so many columns. */
    public static String pad(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - width(text)));
    }

    /** The text broken between words into lines of at most so many columns; a longer word gets a line of its own. */
    public static List<String> wrap(String text, int columns) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && width(line.toString()) + 1 + width(word) > columns) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private static int width(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        boolean wide = (point >= 0x1100 && point <= 0x115f)
                || (point >= 0x2e80 && point <= 0xa4cf)
                || (point >= 0xac00 && point <= 0xd7a3)
                || (point >= 0xf900 && point <= 0xfaff)
                || (point >= 0xfe30 && point <= 0xfe6f)
                || (point >= 0xff00 && point <= 0xff60)
                || (point >= 0x1f300 && point <= 0x1faff)
                || (point >= 0x20000 && point <= 0x3fffd);
        return wide ? 2 : 1;
    }
}
