package dev.andon.core;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Role;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.Token;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * Random objects of the model, out of small pools so that they meet: conditions ask for attributes that contexts have, and
 * kills hold flags that exist. The same seed gives the same objects.
 */
public final class Samples {
    public static final List<String> FLAGS = List.of("checkout", "search", "recommend", "pricing", "ads", "login");
    public static final List<String> SEGMENTS = List.of("staff", "beta", "europe", "whales");
    public static final List<String> ENVIRONMENTS = List.of("production", "staging");
    public static final List<String> VARIANTS = List.of("off", "on", "blue", "großes Ω");
    public static final List<String> ATTRIBUTES =
            List.of("targetingKey", "country", "plan", "age", "version", "since", "staff", "tags");

    private static final List<String> TAGS = List.of("vendor:x", "gdpr", "web");
    private static final List<String> OWNERS = List.of("team-a", "team-b");

    /** A key of the tests' own, the same in every run. */
    public static final KeyPair NODE_KEY = key("node");

    public static final String NODE = "n1";

    private static final List<String> TEXTS =
            List.of("", "DE", "AT", "FR", "pro", "free", "user-1", "user-2", "true", "7", "naïve \"π\"", "🌵", "a\tb");
    private static final List<String> VERSIONS = List.of("1.0.0", "1.2.3", "1.2.4-rc.1", "2.0.0", "2.0.0+build.7");
    private static final List<Instant> MOMENTS = List.of(
            Instant.EPOCH,
            Instant.parse("2026-01-01T00:00:00Z"),
            Instant.parse("2026-01-01T00:00:00.000000001Z"),
            Instant.parse("2026-06-01T12:30:00.250Z"));
    private static final List<Double> NUMBERS = List.of(0.0, -1.0, 7.0, 18.0, 18.5, 1e300, 0.1, 9007199254740992.0);

    private final Random random;

    public Samples(long seed) {
        random = new Random(seed);
    }

    public boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    /** 0 to {@code bound}, without {@code bound}. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    public <T> T one(List<T> items) {
        return items.get(random.nextInt(items.size()));
    }

    public <T> List<T> some(int min, int max, Supplier<T> item) {
        List<T> items = new ArrayList<>();
        int count = min + random.nextInt(max - min + 1);
        for (int i = 0; i < count; i++) {
            items.add(item.get());
        }
        return items;
    }

    public String text() {
        return one(TEXTS);
    }

    public Instant instant() {
        return one(MOMENTS);
    }

    public Json json(int depth) {
        return switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> Json.Null.NULL;
            case 1 -> Json.of(random.nextBoolean());
            case 2 -> Json.of(text());
            case 3 -> Json.of(random.nextBoolean() ? random.nextInt(100) : random.nextLong());
            case 4 -> Json.of(one(NUMBERS));
            case 5 -> Json.array(some(0, 3, () -> json(depth - 1)));
            default -> members(depth - 1);
        };
    }

    private Json members(int depth) {
        Json.Builder object = Json.object();
        some(0, 3, this::text).forEach(name -> object.put(name, json(depth)));
        return object.build();
    }

    public Json value(ValueType type) {
        return switch (type) {
            case BOOLEAN -> Json.of(random.nextBoolean());
            case STRING -> Json.of(text());
            case INTEGER -> Json.of(random.nextLong());
            case NUMBER -> random.nextBoolean() ? Json.of((long) random.nextInt(50)) : Json.of(one(NUMBERS));
            case OBJECT -> random.nextBoolean() ? members(2) : Json.array(some(0, 3, () -> json(1)));
        };
    }

    public Condition condition(int depth) {
        String attribute = one(ATTRIBUTES);
        return switch (random.nextInt(depth > 0 ? 12 : 8)) {
            case 0, 1, 2 -> new Condition.In(attribute, some(0, 4, this::scalar));
            case 3 ->
                new Condition.TextMatch(
                        attribute, one(List.of(Condition.TextOperator.values())), some(0, 3, this::text));
            case 4 ->
                new Condition.NumberMatch(attribute, one(List.of(Condition.NumberOperator.values())), one(NUMBERS));
            case 5 ->
                new Condition.VersionMatch(attribute, one(List.of(Condition.VersionOperator.values())), one(VERSIONS));
            case 6 -> new Condition.DateMatch(attribute, one(List.of(Condition.DateOperator.values())), instant());
            case 7 -> new Condition.Exists(attribute);
            case 8 -> new Condition.All(some(0, 3, () -> condition(depth - 1)));
            case 9 -> new Condition.Any(some(0, 3, () -> condition(depth - 1)));
            case 10 -> new Condition.Not(condition(depth - 1));
            default -> new Condition.InSegment(one(SEGMENTS));
        };
    }

    private Json scalar() {
        return switch (random.nextInt(4)) {
            case 0 -> Json.of(random.nextBoolean());
            case 1 -> Json.of((long) random.nextInt(20));
            case 2 -> Json.of(one(NUMBERS));
            default -> Json.of(text());
        };
    }

    /** A condition that names no segment. */
    public Condition plainCondition(int depth) {
        while (true) {
            Condition condition = condition(depth);
            SortedSet<String> segments = new TreeSet<>();
            condition.collectSegments(segments);
            if (segments.isEmpty()) {
                return condition;
            }
        }
    }

    public Serve serve(List<String> variants) {
        if (random.nextBoolean()) {
            return new Serve.Fixed(one(variants));
        }
        List<Serve.Share> shares = some(1, 3, () -> new Serve.Share(one(variants), random.nextInt(4) * 25));
        shares.add(new Serve.Share(one(variants), 1 + random.nextInt(100)));
        return new Serve.Split(
                shares,
                random.nextInt(3) > 0 ? Serve.TARGETING_KEY : one(ATTRIBUTES),
                chance(0.3) ? Optional.of(text()) : Optional.empty());
    }

    public Rule rule(List<String> variants) {
        return new Rule(chance(0.5) ? "" : "rule " + random.nextInt(9), condition(2), serve(variants));
    }

    public Configuration configuration(ValueType type) {
        Map<String, Json> values = new LinkedHashMap<>();
        int count = 1 + random.nextInt(VARIANTS.size());
        VARIANTS.subList(0, count).forEach(name -> values.put(name, value(type)));
        List<String> variants = List.copyOf(values.keySet());
        return new Configuration(
                values,
                one(variants),
                chance(0.85),
                chance(0.6) ? List.of() : some(1, 2, this::prerequisite),
                some(0, 3, () -> rule(variants)),
                serve(variants),
                chance(0.8) ? new WhenBlind.Keep() : new WhenBlind.SafeAfter(1 + random.nextInt(60)));
    }

    public Prerequisite prerequisite() {
        return new Prerequisite(one(FLAGS), some(1, 2, () -> one(VARIANTS)));
    }

    public Flag flag(String key, ValueType type) {
        return new Flag(
                key,
                one(List.of(FlagKind.values())),
                type,
                one(OWNERS),
                text(),
                new TreeSet<>(some(0, 2, () -> one(TAGS))),
                random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(1 + random.nextInt(90)),
                false);
    }

    public ValueType type() {
        return one(List.of(ValueType.values()));
    }

    public Segment segment(String key) {
        return new Segment(key, text(), condition(2));
    }

    public Environment environment(String key) {
        return new Environment(key, text());
    }

    public Kill kill(KillId id, String environment, SortedSet<String> flags) {
        return new Kill(
                id,
                environment,
                flags.size() == 1 ? new Target.OneFlag(flags.first()) : wideTarget(),
                flags,
                chance(0.5) ? Optional.empty() : Optional.of(plainCondition(1)),
                chance(0.8) ? List.of() : List.of("shop"),
                chance(0.8) ? List.of() : List.of("eu"),
                "errors: " + text(),
                "ann",
                one(List.of(Origin.values())),
                instant(),
                NODE,
                chance(0.5) ? Optional.empty() : Optional.of("request-" + random.nextInt(100)),
                chance(0.5)
                        ? Kill.Resolved.UNKNOWN
                        : new Kill.Resolved(1, random.nextInt(30), flags.size() == 1 || random.nextBoolean()));
    }

    /** A target that may hit more than one flag; everything only seldom, or little else would be left to see. */
    private Target wideTarget() {
        return switch (random.nextInt(8)) {
            case 0 -> new Target.Everything();
            case 1, 2 -> new Target.OfKind(one(List.of(FlagKind.values())));
            case 3 -> new Target.OwnedBy(one(OWNERS));
            default -> new Target.Tagged(one(TAGS));
        };
    }

    /** A kill that stops everyone, without signing it anew for each test that needs no more. */
    public static StandingKill standing(String environment, String id, String... flags) {
        SortedSet<String> held = new TreeSet<>(List.of(flags));
        Kill kill = new Kill(
                KillId.parse("id", id),
                environment,
                new Target.OneFlag(flags[0]),
                held,
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                NODE,
                Optional.empty());
        return new StandingKill(SignedKill.sign(kill, NODE_KEY.getPrivate()), held);
    }

    public static Node node() {
        return new Node(
                NODE, Base64.getEncoder().encodeToString(NODE_KEY.getPublic().getEncoded()));
    }

    public Token token(String id) {
        Role role = one(List.of(Role.values()));
        return new Token(
                id,
                "token " + random.nextInt(9),
                role,
                role.ofOneEnvironment() ? Optional.of(one(ENVIRONMENTS)) : Optional.empty(),
                some(
                        1,
                        2,
                        () -> new Token.Secret(
                                String.format("%064x", random.nextLong() & Long.MAX_VALUE),
                                random.nextBoolean() ? Optional.empty() : Optional.of(instant()))),
                instant(),
                chance(0.7) ? Optional.empty() : Optional.of(instant()));
    }

    public Context context() {
        Attributes context = chance(0.85) ? Context.of(one(TEXTS)) : Context.EMPTY;
        for (String attribute : ATTRIBUTES.subList(1, ATTRIBUTES.size())) {
            if (chance(0.7)) {
                context = context.with(attribute, attributeValue(1));
            }
        }
        return context;
    }

    private Object attributeValue(int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 9)) {
            case 0 -> random.nextBoolean();
            case 1 -> random.nextInt(20);
            case 2 -> (long) random.nextInt(20);
            case 3 -> one(NUMBERS);
            case 4 -> instant();
            case 5 -> one(VERSIONS);
            case 6 -> instant().toString();
            case 7, 8 -> text();
            default -> some(0, 3, () -> attributeValue(depth - 1));
        };
    }

    public static KeyPair key(String name) {
        try {
            SecureRandom seeded = SecureRandom.getInstance("SHA1PRNG");
            seeded.setSeed(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
            generator.initialize(NamedParameterSpec.ED25519, seeded);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
