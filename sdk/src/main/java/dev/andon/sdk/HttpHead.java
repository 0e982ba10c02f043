package dev.andon.sdk;

import dev.andon.core.stream.LinkInput;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The first lines of an HTTP/1.1 answer, and how to read its body (RFC 9112).
 *
 * @param headers by name in lower case; the last of several with one name
 */
record HttpHead(int status, Map<String, String> headers) {
    private static final int MAX_LINE_BYTES = 16 << 10;
    private static final int MAX_HEADERS = 200;
    private static final int MAX_RETRY_SECONDS = 86_400;

    /** Reads the answer's head and not a byte more; answers of the kind 1xx that come before it are left out. */
    static HttpHead read(InputStream in) throws IOException {
        HttpHead head = readOne(in);
        while (head.status >= 100 && head.status < 200 && head.status != 101) {
            head = readOne(in);
        }
        return head;
    }

    private static HttpHead readOne(InputStream in) throws IOException {
        String[] first = line(in).split(" ", 3);
        if (first.length < 2 || !first[0].startsWith("HTTP/1.") || !first[1].matches("[1-5][0-9][0-9]")) {
            throw new IOException("the answer isn't HTTP/1.1");
        }
        Map<String, String> headers = new HashMap<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() == MAX_HEADERS) {
                throw new IOException("the answer's headers can't be read");
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new HttpHead(Integer.parseInt(first[1]), headers);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(128);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the connection ended before an answer");
            }
            if (line.size() == MAX_LINE_BYTES) {
                throw new IOException("a line of the answer is too long");
            }
            line.write(c);
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    boolean successful() {
        return status >= 200 && status < 300;
    }

    Optional<String> header(String lowerCaseName) {
        return Optional.ofNullable(headers.get(lowerCaseName));
    }

    /** Whether the connection can serve another request once the body is read. */
    boolean keepsAlive() {
        return delimited()
                && header("connection").filter("close"::equalsIgnoreCase).isEmpty();
    }

    private boolean delimited() {
        return bodiless() || chunked() || headers.containsKey("content-length");
    }

    private boolean bodiless() {
        return status < 200 || status == 204 || status == 304;
    }

    private boolean chunked() {
        return header("transfer-encoding").filter("chunked"::equalsIgnoreCase).isPresent();
    }

    /** Reads the whole body; refuses one that is longer. */
    byte[] body(InputStream in, int maxBytes) throws IOException {
        if (bodiless()) {
            return new byte[0];
        }
        if (chunked()) {
            return chunks(in, maxBytes);
        }
        Optional<String> length = header("content-length");
        if (length.isPresent()) {
            return exactly(in, number(length.get(), 10), maxBytes);
        }
        byte[] body = in.readNBytes(maxBytes);
        if (body.length == maxBytes && in.read() >= 0) {
            throw tooLong(maxBytes);
        }
        return body;
    }

    private static byte[] chunks(InputStream in, int maxBytes) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line(in).split(";", 2)[0].strip();
            byte[] chunk = exactly(in, number(size, 16), maxBytes - body.size());
            if (chunk.length == 0) {
                while (!line(in).isEmpty()) {
                    // Trailers say nothing that we ask for.
                }
                return body.toByteArray();
            }
            body.writeBytes(chunk);
            line(in);
        }
    }

    private static byte[] exactly(InputStream in, long length, int maxBytes) throws IOException {
        if (length > maxBytes) {
            throw tooLong(maxBytes);
        }
        byte[] bytes = in.readNBytes((int) length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended within an answer");
        }
        return bytes;
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(text, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IOException("the answer's length can't be read: " + text, e);
        }
        throw new IOException("the answer's length can't be read: " + text);
    }

    private static IOException tooLong(int maxBytes) {
        return new IOException("the answer is longer than " + maxBytes + " bytes");
    }

    /** What it means that this came instead of a stream. */
    LinkInput.Status failure() {
        String after = header("retry-after").orElse("");
        long seconds = after.matches("[0-9]{1,9}") ? Math.min(Long.parseLong(after), MAX_RETRY_SECONDS) : 0;
        return new LinkInput.Status(status, TimeUnit.SECONDS.toMillis(seconds));
    }
}
