package dev.andon.server.node;

/** Texts of strangers, made fit to be shown. */
final class Visible {
    static final int MAX_CHARS = 128;

    private Visible() {}

    /** On one line, without what can't be seen, turns writing round or is half a character; never blank. */
    static String of(String text) {
        StringBuilder shown = new StringBuilder(Math.min(text.length(), MAX_CHARS));
        for (int i = 0; i < text.length() && shown.length() < MAX_CHARS; ) {
            int character = text.codePointAt(i);
            i += Character.charCount(character);
            if (shown.length() + Character.charCount(character) <= MAX_CHARS) {
                shown.appendCodePoint(visible(character) ? character : '?');
            }
        }
        return shown.toString().isBlank() ? "unknown" : shown.toString();
    }

    private static boolean visible(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
