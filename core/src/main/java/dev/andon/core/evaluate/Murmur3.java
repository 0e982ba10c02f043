package dev.andon.core.evaluate;

import java.nio.charset.StandardCharsets;

/**
 * MurmurHash3 x86 32-bit with seed 0 (Austin Appleby, public domain) of the UTF-8 form of a fixed prefix followed by a
 * text. The prefix is hashed once; hashing a text allocates nothing. A surrogate without its partner counts as U+FFFD.
 */
final class Murmur3 {
    private static final int C1 = 0xcc9e2d51;
    private static final int C2 = 0x1b873593;
    private static final int REPLACEMENT = 0xFFFD;

    private final int hash;
    private final int pending;
    private final int length;

    private Murmur3(int hash, int pending, int length) {
        this.hash = hash;
        this.pending = pending;
        this.length = length;
    }

    static Murmur3 after(String prefix) {
        // The same replacement as for texts; getBytes would write a question mark.
        String wellFormed = prefix.codePoints()
                .map(point ->
                        point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE ? REPLACEMENT : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        int hash = 0;
        int pending = 0;
        int length = 0;
        for (byte one : wellFormed.getBytes(StandardCharsets.UTF_8)) {
            pending |= (one & 0xff) << ((length & 3) << 3);
            length++;
            if ((length & 3) == 0) {
                hash = block(hash, pending);
                pending = 0;
            }
        }
        return new Murmur3(hash, pending, length);
    }

    /** The hash of the prefix and the text, as an unsigned number. */
    long hash(String text) {
        int h = hash;
        int k = pending;
        int bytes = length;
        int chars = text.length();
        for (int i = 0; i < chars; i++) {
            int point = text.charAt(i);
            if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                if (point <= Character.MAX_HIGH_SURROGATE
                        && i + 1 < chars
                        && Character.isLowSurrogate(text.charAt(i + 1))) {
                    point = Character.toCodePoint((char) point, text.charAt(++i));
                } else {
                    point = REPLACEMENT;
                }
            }
            // The point's UTF-8 form, first byte lowest.
            long utf8;
            int size;
            if (point < 0x80) {
                utf8 = point;
                size = 1;
            } else if (point < 0x800) {
                utf8 = (0xC0 | (point >> 6)) | continuation(point, 0) << 8;
                size = 2;
            } else if (point < 0x10000) {
                utf8 = (0xE0 | (point >> 12)) | continuation(point, 6) << 8 | continuation(point, 0) << 16;
                size = 3;
            } else {
                utf8 = (0xF0 | (point >> 18))
                        | continuation(point, 12) << 8
                        | continuation(point, 6) << 16
                        | continuation(point, 0) << 24;
                size = 4;
            }
            for (; size > 0; size--, utf8 >>>= 8) {
                k |= (int) (utf8 & 0xff) << ((bytes & 3) << 3);
                bytes++;
                if ((bytes & 3) == 0) {
                    h = block(h, k);
                    k = 0;
                }
            }
        }
        return finish(h, k, bytes);
    }

    private static long continuation(int point, int shift) {
        return 0x80 | ((point >> shift) & 0x3F);
    }

    private static int block(int hash, int k) {
        return Integer.rotateLeft(hash ^ mix(k), 13) * 5 + 0xe6546b64;
    }

    private static int mix(int k) {
        return Integer.rotateLeft(k * C1, 15) * C2;
    }

    private static long finish(int hash, int pending, int length) {
        int h = (length & 3) == 0 ? hash : hash ^ mix(pending);
        h ^= length;
        h = (h ^ (h >>> 16)) * 0x85ebca6b;
        h = (h ^ (h >>> 13)) * 0xc2b2ae35;
        return Integer.toUnsignedLong(h ^ (h >>> 16));
    }
}
