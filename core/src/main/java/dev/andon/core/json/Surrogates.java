package dev.andon.core.json;

/** Text whose surrogates all come in pairs: only that can be written as UTF-8. */
final class Surrogates {
    private static final char REPLACEMENT = '\ufffd';

    private Surrogates() {}

    static boolean arePaired(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i)) && !isPair(text, i++)) {
                return false;
            }
        }
        return true;
    }

    /** The text itself, or a copy with the replacement character for each surrogate that stands alone. */
    static String paired(String text) {
        if (arePaired(text)) {
            return text;
        }
        StringBuilder copy = new StringBuilder(text);
        for (int i = 0; i < copy.length(); i++) {
            if (Character.isSurrogate(copy.charAt(i))) {
                if (isPair(copy, i)) {
                    i++;
                } else {
                    copy.setCharAt(i, REPLACEMENT);
                }
            }
        }
        return copy.toString();
    }

    private static boolean isPair(CharSequence text, int at) {
        return Character.isHighSurrogate(text.charAt(at))
                && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }
}
