package dev.andon.core.evaluate;

import dev.andon.core.model.Serve;
import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** One attribute by name, as a condition or a split reads it. */
final class Attribute {
    private static final int MAX_BITS = 4096;

    private final String name;
    private final boolean isTargetingKey;

    Attribute(String name) {
        this.name = name;
        this.isTargetingKey = name.equals(Serve.TARGETING_KEY);
    }

    String name() {
        return name;
    }

    /** The value, or null; numbers only as the classes that {@link #plain} gives. */
    @Nullable
    Object of(Context context) {
        return isTargetingKey ? context.targetingKey() : plain(context.attribute(name));
    }

    /**
     * The value itself unless it is a number of a rarer class: of that, the Long that it is exactly, else the nearest
     * Double. Leaves Byte, Short, Integer, Long, Float and Double as they are.
     */
    static @Nullable Object plain(@Nullable Object value) {
        if (!(value instanceof Number number)
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Double
                || value instanceof Float
                || value instanceof Short
                || value instanceof Byte) {
            return value;
        }
        if (number.getClass() == BigInteger.class) {
            BigInteger big = (BigInteger) number;
            return big.bitLength() < Long.SIZE ? (Number) big.longValue() : (Number) big.doubleValue();
        }
        if (number.getClass() == BigDecimal.class) {
            return plainDecimal((BigDecimal) number);
        }
        double real = number.doubleValue();
        long whole = number.longValue();
        return (double) whole == real && whole != Long.MAX_VALUE ? (Number) whole : (Number) real;
    }

    private static Number plainDecimal(BigDecimal big) {
        if (big.unscaledValue().bitLength() > MAX_BITS) {
            // Its conversion would take time out of proportion.
            return Double.NaN;
        }
        try {
            return big.longValueExact();
        } catch (ArithmeticException e) {
            return big.doubleValue();
        }
    }

    /** Whether a plain number has no fraction and lies within 64 bits. */
    static boolean isWhole(Number plain) {
        if (plain instanceof Double || plain instanceof Float) {
            double real = plain.doubleValue();
            return real == Math.rint(real) && real >= -0x1p63 && real < 0x1p63;
        }
        return true;
    }
}
