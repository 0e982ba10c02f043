package dev.andon.core.evaluate;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.shaded.semver4j.Semver;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.RandomAccess;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A condition on one attribute. */
abstract class ConditionCheck implements Check {
    private static final int MAX_VERSION_CHARS = 256;
    private static final int MAX_DATE_CHARS = 64;

    private final Condition condition;
    private final Attribute attribute;

    private ConditionCheck(Condition condition, String attribute) {
        this.condition = condition;
        this.attribute = new Attribute(attribute);
    }

    @Override
    public final boolean holds(Context context, @Nullable Trace trace) {
        Object value = attribute.of(context);
        boolean holds = value != null && matches(value);
        if (trace != null) {
            trace.saw("condition", condition.toJson().text(), value, outcome(holds));
        }
        return holds;
    }

    /** Whether a plain attribute value (see {@link Attribute#plain}) satisfies the condition. */
    abstract boolean matches(Object value);

    static String outcome(boolean holds) {
        return holds ? "holds" : "doesn't hold";
    }

    static final class Exists extends ConditionCheck {
        Exists(Condition.Exists condition) {
            super(condition, condition.attribute());
        }

        @Override
        boolean matches(Object value) {
            return true;
        }
    }

    static final class In extends ConditionCheck {
        private final Set<String> texts = new HashSet<>();
        private final long[] wholes;
        private final double[] fractions;
        private final boolean isTrue;
        private final boolean isFalse;

        In(Condition.In condition) {
            super(condition, condition.attribute());
            Set<Long> wholeValues = new HashSet<>();
            Set<Double> fractionValues = new HashSet<>();
            for (Json value : condition.values()) {
                if (value instanceof Json.Text text) {
                    texts.add(text.value());
                } else if (value instanceof Json.Whole whole) {
                    wholeValues.add(whole.value());
                } else if (value instanceof Json.Decimal decimal && Attribute.isWhole(decimal.value())) {
                    wholeValues.add((long) decimal.value());
                } else if (value instanceof Json.Decimal decimal) {
                    fractionValues.add(decimal.value());
                }
            }
            wholes = wholeValues.stream().mapToLong(Long::longValue).sorted().toArray();
            fractions = fractionValues.stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            isTrue = condition.values().contains(Json.of(true));
            isFalse = condition.values().contains(Json.of(false));
        }

        @Override
        boolean matches(Object value) {
            return value instanceof List<?> list ? matchesElement(list) : matchesOne(value);
        }

        private boolean matchesElement(List<?> list) {
            if (list instanceof RandomAccess) {
                int size = Math.min(list.size(), Context.MAX_ELEMENTS);
                for (int i = 0; i < size; i++) {
                    if (matchesOne(Attribute.plain(list.get(i)))) {
                        return true;
                    }
                }
                return false;
            }
            Iterator<?> elements = list.iterator();
            for (int i = 0; i < Context.MAX_ELEMENTS && elements.hasNext(); i++) {
                if (matchesOne(Attribute.plain(elements.next()))) {
                    return true;
                }
            }
            return false;
        }

        private boolean matchesOne(@Nullable Object value) {
            if (value instanceof String text) {
                return texts.contains(text);
            }
            if (value instanceof Boolean bool) {
                return bool ? isTrue : isFalse;
            }
            if (value instanceof Number number) {
                return Attribute.isWhole(number)
                        ? Arrays.binarySearch(wholes, number.longValue()) >= 0
                        : Arrays.binarySearch(fractions, number.doubleValue()) >= 0;
            }
            return false;
        }
    }

    static final class TextMatch extends ConditionCheck {
        private final Condition.TextOperator operator;
        private final String[] values;

        TextMatch(Condition.TextMatch condition) {
            super(condition, condition.attribute());
            this.operator = condition.operator();
            this.values = condition.values().toArray(new String[0]);
        }

        @Override
        boolean matches(Object value) {
            if (value instanceof String text) {
                for (String candidate : values) {
                    if (matches(text, candidate)) {
                        return true;
                    }
                }
            }
            return false;
        }

        private boolean matches(String text, String candidate) {
            return switch (operator) {
                case STARTS_WITH -> text.startsWith(candidate);
                case ENDS_WITH -> text.endsWith(candidate);
                case CONTAINS -> text.contains(candidate);
            };
        }
    }

    static final class NumberMatch extends ConditionCheck {
        private final Condition.NumberOperator operator;
        private final double limit;

        NumberMatch(Condition.NumberMatch condition) {
            super(condition, condition.attribute());
            this.operator = condition.operator();
            this.limit = condition.limit();
        }

        @Override
        boolean matches(Object value) {
            if (!(value instanceof Number number)) {
                return false;
            }
            double real = number.doubleValue();
            return switch (operator) {
                case LESS_THAN -> real < limit;
                case AT_MOST -> real <= limit;
                case GREATER_THAN -> real > limit;
                case AT_LEAST -> real >= limit;
            };
        }
    }

    static final class VersionMatch extends ConditionCheck {
        private final Condition.VersionOperator operator;
        private final Semver limit;

        VersionMatch(Condition.VersionMatch condition) {
            super(condition, condition.attribute());
            this.operator = condition.operator();
            this.limit = new Semver(condition.version());
        }

        @Override
        boolean matches(Object value) {
            if (!(value instanceof String text) || text.length() > MAX_VERSION_CHARS) {
                return false;
            }
            Semver version = Semver.parse(text);
            if (version == null) {
                return false;
            }
            return switch (operator) {
                case SAME_MAJOR -> version.getMajor() == limit.getMajor();
                case SAME_MINOR -> version.getMajor() == limit.getMajor() && version.getMinor() == limit.getMinor();
                case EQUAL, NOT_EQUAL, LESS_THAN, AT_MOST, GREATER_THAN, AT_LEAST -> compares(version);
            };
        }

        private boolean compares(Semver version) {
            int order;
            try {
                order = version.compareTo(limit);
            } catch (NumberFormatException e) {
                // Numeric pre-release identifiers beyond 64 bits parse but don't compare.
                return false;
            }
            return switch (operator) {
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
                case LESS_THAN -> order < 0;
                case AT_MOST -> order <= 0;
                case GREATER_THAN -> order > 0;
                case AT_LEAST -> order >= 0;
                case SAME_MAJOR, SAME_MINOR -> throw new IllegalStateException("" + operator);
            };
        }
    }

    static final class DateMatch extends ConditionCheck {
        private static final double NANOS_PER_MILLI = 1_000_000;

        private final Condition.DateOperator operator;
        private final Instant moment;
        private final long momentMillis;
        private final long nanosAfter;

        DateMatch(Condition.DateMatch condition) {
            super(condition, condition.attribute());
            this.operator = condition.operator();
            this.moment = condition.moment();
            this.momentMillis = moment.toEpochMilli();
            this.nanosAfter =
                    Duration.between(Instant.ofEpochMilli(momentMillis), moment).toNanos();
        }

        @Override
        boolean matches(Object value) {
            if (value instanceof Number number) {
                return matchesMillis(number);
            }
            if (value instanceof Instant instant) {
                return matchesOrder(instant.compareTo(moment));
            }
            if (value instanceof String text && text.length() <= MAX_DATE_CHARS) {
                try {
                    return matchesOrder(OffsetDateTime.parse(text).toInstant().compareTo(moment));
                } catch (DateTimeException e) {
                    return false;
                }
            }
            return false;
        }

        private boolean matchesMillis(Number number) {
            if (Attribute.isWhole(number)) {
                int order = Long.compare(number.longValue(), momentMillis);
                return matchesOrder(order == 0 && nanosAfter > 0 ? -1 : order);
            }
            double millis = number.doubleValue();
            return Double.isFinite(millis)
                    && matchesOrder(Double.compare(millis, momentMillis + nanosAfter / NANOS_PER_MILLI));
        }

        private boolean matchesOrder(int order) {
            return operator == Condition.DateOperator.BEFORE ? order < 0 : order > 0;
        }
    }
}
