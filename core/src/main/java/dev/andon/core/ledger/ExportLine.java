package dev.andon.core.ledger;

import dev.andon.core.json.InvalidInput;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * A line of an export: strict NDJSON in one spelling, so that a program of twenty lines can read it without a JSON library,
 * and every JSON library can, too. Immutable.
 *
 * <p>An export is a header, entries in order with checkpoints among them, and a checkpoint of the last entry at its end.
 * Whatever is hashed or signed stands in a string: it is that string's text in UTF-8.
 */
public sealed interface ExportLine {
    /** The one format that there is so far. */
    int FORMAT = 1;

    /** The longest line: an entry of which every byte is escaped, and what stands around it. */
    int MAX_BYTES = (8 << 20) + 1_024;

    /** The line's bytes, with its line break. */
    byte[] bytes();

    /**
     * What is exported.
     *
     * @param after the version after which it begins; 0 for a whole ledger
     * @param hash the hash there; zeros for a whole ledger
     */
    record Header(String ledger, long after, ChainHash hash) implements ExportLine {
        @Override
        public byte[] bytes() {
            return ascii("{\"andon\":\"ledger\",\"format\":" + FORMAT + ",\"ledger\":\"" + ledger + "\",\"after\":"
                    + after + ",\"hash\":\"" + hash.hex() + "\"}\n");
        }
    }

    /**
     * An entry: as a text if it is one without control characters, which every entry is that wasn't damaged, else in
     * Base64.
     *
     * @param entry the stored bytes; not copied, not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Recorded(long version, ChainHash hash, byte[] entry) implements ExportLine {
        @Override
        public byte[] bytes() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(entry.length + 256);
            String begin = "{\"version\":" + version + ",\"hash\":\"" + hash.hex();
            if (isPlain(entry)) {
                out.writeBytes(ascii(begin + "\",\"entry\":\""));
                escape(entry, out);
            } else {
                out.writeBytes(ascii(begin + "\",\"base64\":\""));
                out.writeBytes(Base64.getEncoder().encode(entry));
            }
            out.writeBytes(ascii("\"}\n"));
            return out.toByteArray();
        }
    }

    record Signed(Checkpoint checkpoint) implements ExportLine {
        @Override
        public byte[] bytes() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(512);
            out.writeBytes(ascii("{\"checkpoint\":\""));
            escape(checkpoint.body().getBytes(StandardCharsets.UTF_8), out);
            out.writeBytes(ascii("\",\"signature\":\"" + checkpoint.signature() + "\"}\n"));
            return out.toByteArray();
        }
    }

    /**
     * Reads one line, given without its line break.
     *
     * @throws InvalidInput for anything but the one spelling
     */
    static ExportLine read(byte[] line) {
        Spelling spelling = new Spelling(line);
        ExportLine read = isCheckpoint(line)
                ? signed(spelling)
                : spelling.next("{\"andon\":") ? header(spelling) : recorded(spelling);
        spelling.literal("\"}").end();
        return read;
    }

    /** Whether a line begins as a checkpoint does, readable or not. */
    static boolean isCheckpoint(byte[] line) {
        return new Spelling(line).next("{\"checkpoint\":");
    }

    private static Header header(Spelling spelling) {
        long format = spelling.literal("{\"andon\":\"ledger\",\"format\":").number("format");
        if (format != FORMAT) {
            throw new InvalidInput("format", "" + format, FORMAT + "; for later ones, use a later Andon");
        }
        String ledger = spelling.literal(",\"ledger\":\"").hex("ledger's id", Checkpoint.LEDGER_DIGITS);
        long after = spelling.literal("\",\"after\":").number("version");
        return new Header(ledger, after, hash(spelling));
    }

    private static Recorded recorded(Spelling spelling) {
        long version = spelling.literal("{\"version\":").number("version");
        ChainHash hash = hash(spelling);
        if (spelling.next("\",\"entry\":")) {
            return new Recorded(
                    version, hash, spelling.literal("\",\"entry\":\"").text("entry"));
        }
        byte[] entry = spelling.literal("\",\"base64\":\"").base64("entry");
        if (isPlain(entry)) {
            throw new InvalidInput("base64", "a text", "an entry that is no text; texts stand in \"entry\"");
        }
        return new Recorded(version, hash, entry);
    }

    private static Signed signed(Spelling spelling) {
        byte[] body = spelling.literal("{\"checkpoint\":\"").text("checkpoint");
        byte[] signature = spelling.literal("\",\"signature\":\"").base64("signature");
        return new Signed(Checkpoint.read(
                new String(body, StandardCharsets.UTF_8), Base64.getEncoder().encodeToString(signature)));
    }

    private static ChainHash hash(Spelling spelling) {
        return ChainHash.parse(spelling.literal(",\"hash\":\"").hex("hash", 2 * ChainHash.LENGTH_BYTES));
    }

    private static boolean isPlain(byte[] entry) {
        for (byte one : entry) {
            if (one >= 0 && one < ' ') {
                return false;
            }
        }
        return Spelling.isUtf8(entry);
    }

    private static void escape(byte[] text, ByteArrayOutputStream out) {
        for (byte one : text) {
            if (one == '"' || one == '\\') {
                out.write('\\');
            }
            out.write(one);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
