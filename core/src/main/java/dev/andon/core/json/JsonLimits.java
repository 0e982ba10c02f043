package dev.andon.core.json;

/**
 * How large a document may be. Checked while reading, before memory is taken for what lies beyond the limit.
 *
 * @param bytes length of the whole document
 * @param depth nesting of arrays and objects
 * @param textChars length of one string or member name
 */
public record JsonLimits(int bytes, int depth, int textChars) {
    /** For single requests, entries and frames that aren't snapshots. */
    public static final JsonLimits DEFAULT = new JsonLimits(4 << 20, 64, 1 << 20);

    /** For snapshots of a whole environment or ledger. */
    public static final JsonLimits SNAPSHOT = new JsonLimits(256 << 20, 64, 1 << 20);

    public JsonLimits {
        if (bytes <= 0 || depth <= 0 || textChars <= 0) {
            throw new IllegalArgumentException(
                    "limits: " + bytes + ", " + depth + ", " + textChars + " (expected: > 0)");
        }
    }

    public JsonLimits withBytes(int maxBytes) {
        return new JsonLimits(maxBytes, depth, textChars);
    }
}
