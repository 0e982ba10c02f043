package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.model.Sha256;
import java.nio.ByteBuffer;

/**
 * A fingerprint of a set of events that doesn't depend on their order: the sum, modulo 2^64 in each half, of the first
 * 128 bits of every event's SHA-256. It makes drift visible; it is no defence against forgery.
 */
public record Digest(long high, long low) {
    public static final Digest EMPTY = new Digest(0, 0);

    public Digest plus(Event event) {
        Digest one = of(event);
        return new Digest(high + one.high, low + one.low);
    }

    public Digest minus(Event event) {
        Digest one = of(event);
        return new Digest(high - one.high, low - one.low);
    }

    private static Digest of(Event event) {
        ByteBuffer hash = ByteBuffer.wrap(Sha256.of(event.toJson().utf8()));
        return new Digest(hash.getLong(), hash.getLong());
    }

    /** 32 lower-case hexadecimal digits. */
    @Override
    public String toString() {
        return String.format("%016x%016x", high, low);
    }
}
