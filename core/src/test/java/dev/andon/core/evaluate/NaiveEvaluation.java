package dev.andon.core.evaluate;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Kill;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.shaded.semver4j.Semver;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Evaluation as one would write it down first, straight from the model's documentation; slow, and compiled to nothing. */
final class NaiveEvaluation {
    private final Image image;
    private final EnvironmentImage environment;
    private final List<StandingKill> kills;
    private final Set<String> blind;
    private final Place place;

    NaiveEvaluation(Image image, String environment, List<StandingKill> carried, Set<String> blind, Place place) {
        this.image = image;
        this.environment = image.environments().get(environment);
        this.blind = blind;
        this.place = place;
        kills = new ArrayList<>(
                this.environment.kills().values().stream().map(Versioned::value).toList());
        for (StandingKill kill : carried) {
            if (!image.marks().covers(kill.id())
                    && kill.signed().kill().environment().equals(environment)) {
                kills.add(kill);
            }
        }
        kills.sort(Comparator.comparing(
                        (StandingKill kill) -> kill.signed().kill().audience().isPresent())
                .thenComparing(StandingKill::id));
    }

    /** As {@link Evaluation#toString()} says it. */
    String evaluate(String flag, Context context) {
        Versioned<Configuration> versioned = environment.configurations().get(flag);
        if (versioned == null || image.flag(flag).isEmpty()) {
            return "default ERROR FLAG_NOT_FOUND at version 0";
        }
        return outcome(flag, versioned.value(), context) + " at version " + versioned.version();
    }

    private String outcome(String flag, Configuration configuration, Context context) {
        String safe = configuration.safeVariant();
        for (StandingKill standing : kills) {
            Kill kill = standing.signed().kill();
            boolean aimed = aimed(kill.services(), place.service()) && aimed(kill.regions(), place.region());
            boolean held = standing.flags().contains(flag)
                    || standing.flags().contains("*")
                    || (!kill.resolved().equals(Kill.Resolved.UNKNOWN)
                            && kill.target().matches(image.flags().get(flag).value()));
            if (held
                    && aimed
                    && kill.audience().map(audience -> holds(audience, context)).orElse(true)) {
                return safe + " KILLED kill " + standing.id();
            }
        }
        if (blind.contains(flag)) {
            return safe + " BLIND";
        }
        if (!configuration.on()) {
            return safe + " OFF";
        }
        for (Prerequisite prerequisite : configuration.prerequisites()) {
            String[] required = evaluate(prerequisite.flag(), context).split(" (?=[A-Z_]{3,}( |$))", 2);
            boolean stopped = required[1].startsWith("KILLED") || required[0].equals("default");
            if (stopped || !prerequisite.variants().contains(required[0])) {
                return safe + " PREREQUISITE";
            }
        }
        for (int i = 0; i < configuration.rules().size(); i++) {
            Rule rule = configuration.rules().get(i);
            if (holds(rule.when(), context)) {
                return serve(flag, rule.serve(), context, "TARGETING_MATCH", " rule " + i);
            }
        }
        boolean constant =
                configuration.rules().isEmpty() && configuration.prerequisites().isEmpty();
        return serve(flag, configuration.fallThrough(), context, constant ? "STATIC" : "FALLTHROUGH", "");
    }

    private static boolean aimed(List<String> at, Optional<String> here) {
        return at.isEmpty() || here.isEmpty() || at.contains(here.get());
    }

    private static String serve(String flag, Serve serve, Context context, String reason, String rule) {
        if (serve instanceof Serve.Fixed fixed) {
            return fixed.variant() + " " + reason + rule;
        }
        Serve.Split split = (Serve.Split) serve;
        String text = splitText(read(context, split.attribute()));
        if (text == null) {
            return "default ERROR TARGETING_KEY_MISSING" + rule;
        }
        long total = split.shares().stream().mapToLong(Serve.Share::weight).sum();
        long hash = murmur((split.seed().orElse(flag) + text).getBytes(StandardCharsets.UTF_8));
        long bucket = Math.floorDiv(hash * total, 1L << 32);
        for (Serve.Share share : split.shares()) {
            bucket -= share.weight();
            if (bucket < 0) {
                return share.variant() + " SPLIT" + rule;
            }
        }
        throw new AssertionError("no share for " + text);
    }

    private static String splitText(Object value) {
        if (value instanceof String || value instanceof Boolean) {
            return value.toString();
        }
        if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
            BigDecimal exact = exact(number);
            boolean whole = exact.stripTrailingZeros().scale() <= 0
                    && exact.toBigInteger().bitLength() < 64;
            return whole ? exact.toBigInteger().toString() : null;
        }
        return null;
    }

    private static BigDecimal exact(Number number) {
        return number instanceof Double ? new BigDecimal(number.doubleValue()) : new BigDecimal(number.toString());
    }

    private static Object read(Context context, String attribute) {
        return attribute.equals("targetingKey") ? context.targetingKey() : context.attribute(attribute);
    }

    private boolean holds(Condition condition, Context context) {
        if (condition instanceof Condition.All all) {
            return all.parts().stream().allMatch(part -> holds(part, context));
        }
        if (condition instanceof Condition.Any any) {
            return any.parts().stream().anyMatch(part -> holds(part, context));
        }
        if (condition instanceof Condition.Not not) {
            return !holds(not.part(), context);
        }
        if (condition instanceof Condition.InSegment in) {
            Versioned<Segment> segment = environment.segments().get(in.segment());
            return segment != null && holds(segment.value().when(), context);
        }
        if (condition instanceof Condition.Exists exists) {
            return read(context, exists.attribute()) != null;
        }
        if (condition instanceof Condition.In in) {
            Object value = read(context, in.attribute());
            List<?> candidates = value instanceof List<?> list ? list : value == null ? List.of() : List.of(value);
            return in.values().stream()
                    .anyMatch(wanted -> candidates.stream().anyMatch(candidate -> equal(wanted, candidate)));
        }
        if (condition instanceof Condition.TextMatch match) {
            return read(context, match.attribute()) instanceof String text
                    && match.values().stream().anyMatch(value -> switch (match.operator()) {
                        case STARTS_WITH -> text.indexOf(value) == 0;
                        case ENDS_WITH ->
                            text.length() >= value.length()
                                    && text.substring(text.length() - value.length())
                                            .equals(value);
                        case CONTAINS -> text.indexOf(value) >= 0;
                    });
        }
        if (condition instanceof Condition.NumberMatch match) {
            if (!(read(context, match.attribute()) instanceof Number number)) {
                return false;
            }
            int order = Double.compare(number.doubleValue(), match.limit());
            return switch (match.operator()) {
                case LESS_THAN -> order < 0;
                case AT_MOST -> order <= 0;
                case GREATER_THAN -> order > 0;
                case AT_LEAST -> order >= 0;
            };
        }
        if (condition instanceof Condition.VersionMatch match) {
            return matches(match, read(context, match.attribute()));
        }
        Condition.DateMatch match = (Condition.DateMatch) condition;
        Instant date = date(read(context, match.attribute()));
        return date != null
                && (match.operator() == Condition.DateOperator.BEFORE
                        ? date.isBefore(match.moment())
                        : date.isAfter(match.moment()));
    }

    private static boolean equal(Json wanted, Object value) {
        if (wanted instanceof Json.Text text) {
            return text.value().equals(value);
        }
        if (wanted instanceof Json.Bool bool) {
            return value instanceof Boolean other && bool.value() == other;
        }
        if (!(value instanceof Number number)) {
            return false;
        }
        BigDecimal other = wanted instanceof Json.Whole whole
                ? BigDecimal.valueOf(whole.value())
                : new BigDecimal(((Json.Decimal) wanted).value());
        return exact(number).compareTo(other) == 0;
    }

    private static boolean matches(Condition.VersionMatch match, Object value) {
        if (!(value instanceof String text) || Semver.parse(text) == null) {
            return false;
        }
        Semver version = Semver.parse(text);
        Semver limit = Semver.parse(match.version());
        return switch (match.operator()) {
            case EQUAL -> version.isEquivalentTo(limit);
            case NOT_EQUAL -> !version.isEquivalentTo(limit);
            case LESS_THAN -> version.isLowerThan(limit);
            case AT_MOST -> version.isLowerThanOrEqualTo(limit);
            case GREATER_THAN -> version.isGreaterThan(limit);
            case AT_LEAST -> version.isGreaterThanOrEqualTo(limit);
            case SAME_MAJOR -> version.getMajor() == limit.getMajor();
            case SAME_MINOR -> version.getMajor() == limit.getMajor() && version.getMinor() == limit.getMinor();
        };
    }

    private static Instant date(Object value) {
        if (value instanceof Instant instant) {
            return instant;
        }
        if (value instanceof Number number) {
            double millis = number.doubleValue();
            return Instant.EPOCH
                    .plusNanos(0)
                    .plusMillis((long) Math.floor(millis))
                    .plusNanos((long) ((millis - Math.floor(millis)) * 1e6));
        }
        if (value instanceof String text) {
            try {
                return OffsetDateTime.parse(text).toInstant();
            } catch (java.time.DateTimeException e) {
                return null;
            }
        }
        return null;
    }

    /** MurmurHash3 x86 32-bit over bytes, seed 0. */
    private static long murmur(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int hash = 0;
        while (in.remaining() >= 4) {
            hash = Integer.rotateLeft(hash ^ scrambled(in.getInt()), 13) * 5 + 0xe6546b64;
        }
        int rest = 0;
        for (int shift = 0; in.hasRemaining(); shift += 8) {
            rest |= (in.get() & 0xff) << shift;
        }
        hash ^= scrambled(rest) ^ bytes.length;
        hash ^= hash >>> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        hash ^= hash >>> 16;
        return hash & 0xffffffffL;
    }

    private static int scrambled(int k) {
        return Integer.rotateLeft(k * 0xcc9e2d51, 15) * 0x1b873593;
    }
}
