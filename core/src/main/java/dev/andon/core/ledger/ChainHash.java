package dev.andon.core.ledger;

import dev.andon.core.model.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The 32 bytes that bind an entry to everything before it:
 * {@code SHA-256(previous hash ‖ version as 8 bytes big-endian ‖ SHA-256(entry bytes))}. Immutable.
 */
public final class ChainHash {
    public static final int LENGTH_BYTES = 32;

    /** The hash before the first entry: 32 zero bytes. */
    public static final ChainHash ZERO = new ChainHash(new byte[LENGTH_BYTES]);

    private final byte[] bytes;

    private ChainHash(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes a copy of {@code bytes}. */
    public static ChainHash of(byte[] bytes) {
        if (bytes.length != LENGTH_BYTES) {
            throw new IllegalArgumentException("hash: " + bytes.length + " bytes (expected: " + LENGTH_BYTES + ")");
        }
        return new ChainHash(bytes.clone());
    }

    /** Reads what {@link #hex()} writes. */
    public static ChainHash parse(String hex) {
        if (hex.length() != 2 * LENGTH_BYTES) {
            throw new IllegalArgumentException("hash: " + hex + " (expected: 64 hexadecimal digits)");
        }
        return new ChainHash(HexFormat.of().parseHex(hex));
    }

    /** The hash of the entry {@code entry} at {@code version}, this being the hash of the entry before it. */
    public ChainHash next(long version, byte[] entry) {
        MessageDigest sha256 = Sha256.begin();
        byte[] content = sha256.digest(entry);
        sha256.update(bytes);
        sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(version).flip());
        return new ChainHash(sha256.digest(content));
    }

    /** A copy of the 32 bytes. */
    public byte[] toBytes() {
        return bytes.clone();
    }

    /** 64 lower-case hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChainHash that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
