package dev.andon.core.json;

/**
 * Input that was refused: which field, what it held and what was expected instead. The message reads
 * {@code path: value (expected: …)}. Nothing has been changed when it is thrown.
 */
public final class InvalidInput extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private static final int SHOWN_CHARS = 120;

    private final String path;
    private final String expected;

    /**
     * @param path where the value stands, e.g. {@code rules[2].serve.variant}
     * @param value the value as it was given; long values are cut for the message
     * @param expected what would have been accepted, completing "expected: …"
     */
    public InvalidInput(String path, String value, String expected) {
        super(path + ": " + shown(value) + " (expected: " + expected + ")");
        this.path = path;
        this.expected = expected;
    }

    public String path() {
        return path;
    }

    public String expected() {
        return expected;
    }

    private static String shown(String value) {
        return value.length() <= SHOWN_CHARS ? value : value.substring(0, SHOWN_CHARS) + "…";
    }
}
