package dev.andon.core.ledger;

import dev.andon.core.json.InvalidInput;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Reads a line that has one spelling only, from left to right: no white space, no other order of members, no escapes but
 * the two that are needed. What is spelt otherwise is refused, so that no byte can change without meaning something else.
 * Not thread-safe.
 */
final class Spelling {
    private static final int MAX_DIGITS = 19;
    private static final int SHOWN_BYTES = 24;

    private final byte[] line;
    private int at;

    Spelling(byte[] line) {
        this.line = line;
    }

    boolean next(String text) {
        return Arrays.equals(line, at, Math.min(line.length, at + text.length()), ascii(text), 0, text.length());
    }

    Spelling literal(String text) {
        if (!next(text)) {
            throw refused(text);
        }
        at += text.length();
        return this;
    }

    /** A whole number, without leading zeros. */
    long number(String name) {
        int from = at;
        while (at < line.length && line[at] >= '0' && line[at] <= '9') {
            at++;
        }
        String digits = new String(line, from, at - from, StandardCharsets.US_ASCII);
        boolean leadingZero = digits.length() > 1 && digits.startsWith("0");
        if (!digits.isEmpty() && !leadingZero && digits.length() <= MAX_DIGITS) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                // Refused below, like a number that is none.
            }
        }
        at = from;
        throw refused("the " + name + ", a whole number without leading zeros");
    }

    /** Exactly so many lower-case hexadecimal digits. */
    String hex(String name, int digits) {
        int from = at;
        String found = characters("0123456789abcdef", digits);
        if (found.length() != digits) {
            at = from;
            throw refused("the " + name + ", " + digits + " lower-case hexadecimal digits");
        }
        return found;
    }

    /** A word of the given characters, up to the next one that isn't of them. */
    String word(String name, int mostChars, String characters) {
        String found = characters(characters, mostChars);
        if (found.isEmpty()) {
            throw refused("the " + name);
        }
        return found;
    }

    private String characters(String allowed, int most) {
        int from = at;
        while (at < line.length && at - from < most && allowed.indexOf(line[at]) >= 0) {
            at++;
        }
        return new String(line, from, at - from, StandardCharsets.US_ASCII);
    }

    /** The content of a JSON string in which only quotation marks and backslashes are escaped, up to its end. */
    byte[] text(String name) {
        byte[] content = new byte[line.length - at];
        int length = 0;
        int from = at;
        while (at < line.length && line[at] != '"') {
            if (line[at] == '\\') {
                at++;
                if (at == line.length || (line[at] != '"' && line[at] != '\\')) {
                    throw refused("a quotation mark or a backslash after the backslash");
                }
            } else if (line[at] >= 0 && line[at] < ' ') {
                throw refused("no control character within a string");
            }
            content[length++] = line[at++];
        }
        byte[] text = Arrays.copyOf(content, length);
        if (!isUtf8(text)) {
            at = from;
            throw refused("the " + name + " in UTF-8");
        }
        return text;
    }

    /** Bytes in Base64 with padding, whose unused bits are zero. */
    byte[] base64(String name) {
        int from = at;
        while (at < line.length && line[at] != '"') {
            at++;
        }
        String text = new String(line, from, at - from, StandardCharsets.ISO_8859_1);
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // Refused below, like Base64 that has another spelling.
        }
        at = from;
        throw refused("the " + name + " in Base64");
    }

    void end() {
        if (at != line.length) {
            throw refused("the end of the line");
        }
    }

    private InvalidInput refused(String expected) {
        int end = Math.min(line.length, at + SHOWN_BYTES);
        String found = at >= line.length
                ? "the end of the line"
                : new String(line, at, end - at, StandardCharsets.UTF_8) + (end < line.length ? "…" : "");
        return new InvalidInput("column " + (at + 1), found, expected);
    }

    static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
