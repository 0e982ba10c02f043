package dev.andon.core.evaluate;

import org.jspecify.annotations.Nullable;

/** What a rule or the fall-through serves, with every outcome made in advance. Immutable. */
interface Choice {
    Evaluation choose(Context context, @Nullable Trace trace);

    /** What it serves whatever the context; null if that depends on it. */
    default @Nullable Evaluation always() {
        return null;
    }

    record Fixed(Evaluation outcome) implements Choice {
        @Override
        public Evaluation choose(Context context, @Nullable Trace trace) {
            return outcome;
        }

        @Override
        public Evaluation always() {
            return outcome;
        }
    }

    /** Buckets as flagd's {@code fractional}: {@code (hash × total) >>> 32}, then the share whose range it falls in. */
    final class Split implements Choice {
        private final Attribute attribute;
        private final Murmur3 seeded;
        private final long total;
        private final int[] ends;
        private final Evaluation[] outcomes;
        private final Evaluation missing;

        /** @param ends for each share, the sum of the weights up to and with it */
        Split(Attribute attribute, Murmur3 seeded, int[] ends, Evaluation[] outcomes, Evaluation missing) {
            this.attribute = attribute;
            this.seeded = seeded;
            this.total = ends[ends.length - 1];
            this.ends = ends;
            this.outcomes = outcomes;
            this.missing = missing;
        }

        @Override
        public Evaluation choose(Context context, @Nullable Trace trace) {
            Object value = attribute.of(context);
            String text = text(value);
            if (text == null) {
                if (trace != null) {
                    trace.saw("split", attribute.name(), value, "missing");
                }
                return missing;
            }
            long bucket = (seeded.hash(text) * total) >>> 32;
            int share = 0;
            while (bucket >= ends[share]) {
                share++;
            }
            if (trace != null) {
                trace.saw("split", attribute.name(), value, "bucket " + bucket + " of " + total);
            }
            return outcomes[share];
        }

        private static @Nullable String text(@Nullable Object value) {
            if (value instanceof String text) {
                return text;
            }
            if (value instanceof Boolean bool) {
                return bool ? "true" : "false";
            }
            return value instanceof Number number && Attribute.isWhole(number)
                    ? Long.toString(number.longValue())
                    : null;
        }
    }
}
