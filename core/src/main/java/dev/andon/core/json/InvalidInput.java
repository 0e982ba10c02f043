package dev.andon.core.json;

/**
 * Input that was refused: which field, what it held and what was expected instead. The message reads
 * {@code path: value (expected: …)}. Nothing has been changed when it is thrown.
 */
public final class InvalidInput extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN_CHARS = 120;

    private final String path;
    private final String value;
    private final String expected;

    /**
     * @param path where the value stands, e.g. {@code rules[2].serve.variant}
     * @param value the value as it was given; long values are cut for the message
     * @param expected what would have been accepted, completing "expected: …"
     */
    public InvalidInput(String path, String value, String expected) {
        super(path + ": " + shown(value) + " (expected: " + expected + ")");
        this.path = path;
        this.value = shown(value);
        this.expected = expected;
    }

    public String path() {
        return path;
    }

    /** The value as the message shows it. */
    public String value() {
        return value;
    }

    public String expected() {
        return expected;
    }

    private static String shown(String value) {
        if (value.length() <= SHOWN_CHARS) {
            return value;
        }
        // Half a surrogate pair couldn't be written as UTF-8.
        int end = Character.isHighSurrogate(value.charAt(SHOWN_CHARS - 1)) ? SHOWN_CHARS - 1 : SHOWN_CHARS;
        return value.substring(0, end) + "…";
    }
}
