package dev.andon.store;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * How a slot of a {@link Journal} looks on disk; all numbers are big-endian.
 *
 * <pre>
 * 0     header: magic, generation, salt, capacity (8 bytes each), CRC32C of these (4)
 * 4096  the header once more
 * 8192  records, each at a multiple of 8: magic, length of key and bytes, CRC32C (4 bytes each), kind (2), length of
 *       key (2), key, bytes, zeros to the next multiple of 8
 *       zeros to the end
 * </pre>
 *
 * <p>A record's checksum covers the journal's salt and the record's place too: bytes that somebody else chose can't pass for
 * a record, and neither can a record that lay elsewhere.
 */
final class JournalFormat {
    static final int RECORDS_START = 8_192;
    private static final int HEADER_COPY = 4_096;
    private static final int HEADER_LENGTH = 4 * Long.BYTES + Integer.BYTES;
    private static final long HEADER_MAGIC = 0x414E444F4E4B4A31L;
    private static final int RECORD_MAGIC = 0xA9D04B1F;
    private static final int RECORD_PREFIX = 16;

    private JournalFormat() {}

    enum Kind {
        KEPT(1),
        FORGOTTEN(2);

        private final short code;

        Kind(int code) {
            this.code = (short) code;
        }

        private static Optional<Kind> of(short code) {
            return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
        }
    }

    record Header(long generation, long salt, long capacity) {}

    record Found(Kind kind, String key, byte[] bytes) {}

    /**
     * What a slot holds.
     *
     * @param end where the next record belongs
     */
    record Contents(Header header, List<Found> records, long end, Condition condition) {}

    enum Condition {
        WHOLE,
        /** All is well but for what was being written last. */
        TORN,
        DAMAGED
    }

    static int recordLength(String key, byte[] bytes) {
        return (RECORD_PREFIX + key.length() + bytes.length + 7) & ~7;
    }

    /** Both copies, to be written at 0. */
    static ByteBuffer header(Header header) {
        ByteBuffer both = ByteBuffer.allocate(RECORDS_START);
        for (int start : new int[] {0, HEADER_COPY}) {
            both.position(start);
            both.putLong(HEADER_MAGIC)
                    .putLong(header.generation())
                    .putLong(header.salt())
                    .putLong(header.capacity());
            both.putInt(checksum(both.array(), start, HEADER_LENGTH - Integer.BYTES));
        }
        return both.rewind();
    }

    static ByteBuffer record(long salt, long position, Kind kind, String key, byte[] bytes) {
        ByteBuffer record = ByteBuffer.allocate(recordLength(key, bytes));
        record.putInt(RECORD_MAGIC).putInt(key.length() + bytes.length).putInt(0);
        record.putShort(kind.code).putShort((short) key.length());
        record.put(key.getBytes(ISO_8859_1)).put(bytes);
        record.putInt(8, recordChecksum(record.array(), 0, record.position(), salt, position));
        return record.rewind();
    }

    private static int recordChecksum(byte[] slot, int at, int length, long salt, long position) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(16).putLong(salt).putLong(position).rewind());
        crc.update(slot, at, 8);
        crc.update(slot, at + 12, length - 12);
        return (int) crc.getValue();
    }

    private static int checksum(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** The header of a slot; empty if neither copy can be read. */
    static Optional<Header> readHeader(byte[] slot) {
        return headerAt(slot, 0).or(() -> headerAt(slot, HEADER_COPY));
    }

    private static Optional<Header> headerAt(byte[] slot, int start) {
        if (slot.length < start + HEADER_LENGTH) {
            return Optional.empty();
        }
        ByteBuffer in = ByteBuffer.wrap(slot, start, HEADER_LENGTH);
        if (in.getLong() != HEADER_MAGIC
                || in.getInt(start + HEADER_LENGTH - Integer.BYTES)
                        != checksum(slot, start, HEADER_LENGTH - Integer.BYTES)) {
            return Optional.empty();
        }
        long generation = in.getLong();
        long salt = in.getLong();
        return Optional.of(new Header(generation, salt, in.getLong()));
    }

    /** Reads every record that can be read, also beyond a damaged place. */
    static Contents read(byte[] slot, Header header) {
        List<Found> records = new ArrayList<>();
        boolean whole = slot.length == header.capacity()
                && headerAt(slot, 0).equals(headerAt(slot, HEADER_COPY))
                && zeros(slot, HEADER_LENGTH, HEADER_COPY)
                && zeros(slot, HEADER_COPY + HEADER_LENGTH, RECORDS_START);
        int end = RECORDS_START;
        boolean gap = false;
        for (int at = RECORDS_START; at + RECORD_PREFIX <= slot.length; ) {
            Optional<Found> found = recordAt(slot, at, header.salt());
            if (found.isPresent()) {
                gap |= at != end;
                records.add(found.get());
                at += recordLength(found.get().key(), found.get().bytes());
                end = at;
            } else {
                at += 8;
            }
        }
        Condition condition =
                !whole || gap ? Condition.DAMAGED : zeros(slot, end, slot.length) ? Condition.WHOLE : Condition.TORN;
        return new Contents(header, records, end, condition);
    }

    private static Optional<Found> recordAt(byte[] slot, int at, long salt) {
        ByteBuffer in = ByteBuffer.wrap(slot);
        if (in.getInt(at) != RECORD_MAGIC) {
            return Optional.empty();
        }
        int length = in.getInt(at + 4);
        Optional<Kind> kind = Kind.of(in.getShort(at + 12));
        int keyLength = in.getShort(at + 14);
        if (length < 0
                || length > slot.length - at - RECORD_PREFIX
                || kind.isEmpty()
                || keyLength < 0
                || keyLength > length
                || in.getInt(at + 8) != recordChecksum(slot, at, RECORD_PREFIX + length, salt, at)) {
            return Optional.empty();
        }
        String key = new String(slot, at + RECORD_PREFIX, keyLength, ISO_8859_1);
        byte[] bytes = new byte[length - keyLength];
        in.get(at + RECORD_PREFIX + keyLength, bytes);
        return Optional.of(new Found(kind.get(), key, bytes));
    }

    /** Whether there was a header that can't be read any more; before a take-over it is all zeros. */
    static boolean beheaded(byte[] slot) {
        return readHeader(slot).isEmpty() && !zeros(slot, 0, RECORDS_START);
    }

    static boolean zeros(byte[] bytes, int from, int to) {
        for (int i = from; i < Math.min(to, bytes.length); i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
