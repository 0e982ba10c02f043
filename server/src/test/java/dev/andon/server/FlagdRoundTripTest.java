package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.ApiClient.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is exported as a flagd document and imported again is the same, but for what the export says. */
class FlagdRoundTripTest {
    private static final String FROM = "production";
    private static final String TO = "staging";
    private static final int ROUNDS = 40;
    private static final int FLAGS = 12;
    private static final List<String> ATTRIBUTES = List.of("x", "y", "a b", "targetingKey");
    private static final List<Json> VALUES = List.of(
            Json.of("a"),
            Json.of("b"),
            Json.of("1"),
            Json.of("1.2.3"),
            Json.of(""),
            Json.of(1),
            Json.of(2.5),
            Json.of(-3),
            Json.of(true),
            Json.of(false));

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void whatIsExportedAndImportedIsTheSame() {
        for (int round = 0; round < ROUNDS; round++) {
            RandomFlags flags = new RandomFlags(new Random(round), round);
            api.plane.append("rules", flags.events());
            Answer export = api.get("/api/v1/environments/" + FROM + "/flagd" + (round % 2 == 0 ? "" : "?format=yaml"));
            assertThat(export.status()).as("seed %d: %s", round, export.body()).isEqualTo(200);
            Json request = Json.object()
                    .put("format", "flagd")
                    .put("reason", "round " + round)
                    .put("document", export.at("document"))
                    .build();
            Answer done = api.post(
                    "/api/v1/environments/" + TO + "/imports", request.text().replace("'", "\\u0027"));
            assertThat(done.status()).as("seed %d: %s", round, done.body()).isIn(200, 201);
            Map<String, Json> said = new HashMap<>();
            items(export.at("flags")).forEach(flag -> said.put(text(flag, "key"), flag));
            for (String key : flags.keys()) {
                compare("seed " + round + ": " + key, key, Objects.requireNonNull(said.get(key)));
            }
            List<Event> gone = new ArrayList<>();
            flags.keys().forEach(key -> gone.add(new Event.ConfigurationDeleted(FROM, key)));
            api.plane.append("away", gone);
        }
    }

    @Test
    void whatFlagdHasNoPlaceForComesBackByMetadata() {
        String flag =
                "{'key':'f','kind':'experiment','type':'boolean','owner':'shop','description':'d','tags':['a','b'],"
                        + "'lifetimeDays':30}";
        Answer there;
        Answer exported;
        try (ApiFixture elsewhere = new ApiFixture()) {
            elsewhere.post("/api/v1/flags", "{'flag':" + flag + ",'environments':['" + FROM + "'],'reason':'r'}");
            there = elsewhere.get("/api/v1/flags/f");
            exported = elsewhere.get("/api/v1/environments/" + FROM + "/flagd");
        }
        Json request = Json.object()
                .put("format", "flagd")
                .put("reason", "r")
                .put("document", exported.at("document"))
                .build();
        Answer done = api.post("/api/v1/environments/" + TO + "/imports", request.text());
        assertThat(done.status()).as(done.body()).isIn(200, 201);
        assertThat(api.get("/api/v1/flags/f").at("flag")).isEqualTo(there.at("flag"));
        assertThat(there.at("flag.lifetimeDays")).isEqualTo(Json.of(30));
    }

    private void compare(String what, String key, Json said) {
        EnvironmentImage from = api.plane.image().environments().get(FROM);
        EnvironmentImage to = api.plane.image().environments().get(TO);
        Configuration before = from.configurations().get(key).value();
        if (text(said, "result").equals("left-out")) {
            assertThat(before.whenBlind()).as(what + said.text()).isInstanceOf(WhenBlind.SafeAfter.class);
            assertThat(to.configurations()).as(what).doesNotContainKey(key);
            return;
        }
        Normal expected = new Normal(from, key);
        Configuration after = to.configurations().get(key).value();
        assertThat(new Normal(to, key).of(after)).as(what).isEqualTo(expected.of(before));
        assertThat(said.text().contains("names")).as(what).isEqualTo(before.on() && !before.equals(unnamed(before)));
        assertThat(said.text().contains("off:")).as(what).isEqualTo(!before.on());
        if (!said.text().contains("dates")) {
            evaluatesAlike(what, key);
        }
    }

    private void evaluatesAlike(String what, String key) {
        Ruleset from = Ruleset.of(api.plane.image(), FROM);
        Ruleset to = Ruleset.of(api.plane.image(), TO);
        Random random = new Random(what.hashCode());
        for (int i = 0; i < 20; i++) {
            Attributes context = Context.EMPTY;
            for (String attribute : ATTRIBUTES) {
                if (random.nextBoolean()) {
                    boolean isKey = attribute.equals(Serve.TARGETING_KEY);
                    Object value = isKey ? "user" + random.nextInt(9) : plain(random);
                    context = context.with(attribute, value);
                }
            }
            Evaluation one = from.evaluate(key, context);
            Evaluation other = to.evaluate(key, context);
            assertThat(other.variant()).as("%s %s", what, context).isEqualTo(one.variant());
        }
    }

    private static Object plain(Random random) {
        Json value = VALUES.get(random.nextInt(VALUES.size()));
        return switch (value) {
            case Json.Text text -> text.value();
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            case Json.Bool bool -> bool.value();
            default -> throw new IllegalStateException(value.text());
        };
    }

    private static Configuration unnamed(Configuration configuration) {
        List<Rule> rules = configuration.rules().stream()
                .map(rule -> new Rule("", rule.when(), rule.serve()))
                .toList();
        return new Configuration(
                configuration.variants(),
                configuration.safeVariant(),
                configuration.on(),
                configuration.prerequisites(),
                rules,
                configuration.fallThrough(),
                configuration.whenBlind());
    }

    private static List<Json> items(Json json) {
        return ((Json.Array) json).items();
    }

    private static String text(Json json, String name) {
        return ((Json.Text) ((Json.Members) json).members().get(name)).value();
    }

    /** A configuration without what makes no difference, or what the export says that it loses. */
    private record Normal(EnvironmentImage environment, String key) {
        private static final Condition TRUE = new Condition.All(List.of());
        private static final Condition FALSE = new Condition.Any(List.of());

        Configuration of(Configuration configuration) {
            Map<String, Json> variants = new LinkedHashMap<>(configuration.variants());
            if (variants.values().stream().anyMatch(Json.Decimal.class::isInstance)) {
                variants.replaceAll(
                        (name, value) -> value instanceof Json.Whole whole ? Json.of((double) whole.value()) : value);
            }
            List<Rule> rules = new ArrayList<>();
            Serve last =
                    configuration.on() ? configuration.fallThrough() : new Serve.Fixed(configuration.safeVariant());
            for (Rule rule : configuration.on() ? configuration.rules() : List.<Rule>of()) {
                Condition when = of(rule.when());
                if (when.equals(TRUE)) {
                    last = rule.serve();
                    break;
                }
                if (!when.equals(FALSE)) {
                    rules.add(new Rule("", when, of(rule.serve())));
                }
            }
            return new Configuration(
                    variants,
                    configuration.safeVariant(),
                    true,
                    configuration.prerequisites(),
                    rules,
                    of(last),
                    configuration.whenBlind());
        }

        private Serve of(Serve serve) {
            if (!(serve instanceof Serve.Split split)) {
                return serve;
            }
            List<Serve.Share> shares =
                    split.shares().stream().filter(share -> share.weight() > 0).toList();
            List<String> names =
                    shares.stream().map(Serve.Share::variant).distinct().toList();
            if (names.size() == 1) {
                return new Serve.Split(
                        List.of(new Serve.Share(names.getFirst(), 1)), split.attribute(), Optional.empty());
            }
            return new Serve.Split(shares, split.attribute(), split.seed().filter(seed -> !seed.equals(key)));
        }

        private Condition of(Condition condition) {
            return switch (condition) {
                case Condition.All all -> joined(all.parts(), TRUE, FALSE);
                case Condition.Any any -> joined(any.parts(), FALSE, TRUE);
                case Condition.Not not -> {
                    Condition part = of(not.part());
                    yield part.equals(TRUE) ? FALSE : part.equals(FALSE) ? TRUE : new Condition.Not(part);
                }
                case Condition.InSegment in ->
                    of(environment.segments().get(in.segment()).value().when());
                case Condition.In in -> in.values().isEmpty() ? FALSE : in;
                case Condition.TextMatch match when match.values().isEmpty() -> FALSE;
                case Condition.TextMatch match
                when match.values().contains("") ->
                    new Condition.TextMatch(match.attribute(), Condition.TextOperator.STARTS_WITH, List.of(""));
                case Condition.DateMatch date ->
                    new Condition.NumberMatch(
                            date.attribute(),
                            date.operator() == Condition.DateOperator.BEFORE
                                    ? Condition.NumberOperator.LESS_THAN
                                    : Condition.NumberOperator.GREATER_THAN,
                            date.moment().toEpochMilli());
                default -> condition;
            };
        }

        /** @param none what makes no difference among the parts */
        private Condition joined(List<Condition> parts, Condition none, Condition decisive) {
            List<Condition> open = new ArrayList<>();
            for (Condition part : parts) {
                Condition normal = of(part);
                if (normal.equals(decisive)) {
                    return decisive;
                }
                switch (normal) {
                    case Condition.All all when none.equals(TRUE) -> open.addAll(all.parts());
                    case Condition.Any any when none.equals(FALSE) -> open.addAll(any.parts());
                    default -> {
                        if (!normal.equals(none)) {
                            open.add(normal);
                        }
                    }
                }
            }
            if (open.size() == 1) {
                return open.getFirst();
            }
            return none.equals(TRUE) ? new Condition.All(open) : new Condition.Any(open);
        }
    }

    /** Flags and segments of one round, with every kind of condition and split. */
    private static final class RandomFlags {
        private static final List<String> VERSIONS = List.of("1.0.0", "2.3.4-rc.1");

        private final Random random;
        private final int round;

        RandomFlags(Random random, int round) {
            this.random = random;
            this.round = round;
        }

        List<String> keys() {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < FLAGS; i++) {
                keys.add("f" + round + "-" + i);
            }
            return keys;
        }

        /** Of which some may stand in a document under their names. */
        private String segment(int number) {
            return "s" + round + (number == 2 ? "." : "-") + number;
        }

        List<Event> events() {
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                events.add(new Event.SegmentSaved(FROM, new Segment(segment(i), "", condition(i, 2))));
            }
            for (String key : keys()) {
                Map<String, Json> variants = variants();
                ValueType type = type(variants);
                TreeSet<String> tags = new TreeSet<>(random.nextBoolean() ? List.of() : List.of("t1", "t2"));
                events.add(new Event.FlagSaved(
                        new Flag(key, FlagKind.OPS, type, "shop", "what", tags, OptionalInt.empty(), false)));
                events.add(new Event.ConfigurationSaved(FROM, key, configuration(variants, key)));
            }
            return events;
        }

        private Map<String, Json> variants() {
            Map<String, Json> variants = new LinkedHashMap<>();
            int what = random.nextInt(4);
            for (String name : List.of("on", "off", "50%", "true")) {
                variants.put(
                        name,
                        switch (what) {
                            case 0 -> Json.of("value " + name);
                            case 1 -> Json.of(name.length());
                            case 2 -> name.equals("on") ? Json.of(0.5) : Json.of(name.length());
                            default -> Json.object().put("n", name).build();
                        });
            }
            return variants;
        }

        private static ValueType type(Map<String, Json> variants) {
            return switch (Objects.requireNonNull(variants.get("on"))) {
                case Json.Text text -> ValueType.STRING;
                case Json.Whole whole -> ValueType.INTEGER;
                case Json.Decimal decimal -> ValueType.NUMBER;
                default -> ValueType.OBJECT;
            };
        }

        private Configuration configuration(Map<String, Json> variants, String key) {
            List<Rule> rules = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                rules.add(new Rule(random.nextInt(4) == 0 ? "named" : "", condition(4, 3), serve(variants, key)));
            }
            WhenBlind blind = random.nextInt(12) == 0 ? new WhenBlind.SafeAfter(9) : new WhenBlind.Keep();
            return new Configuration(
                    variants, name(variants), random.nextInt(8) != 0, List.of(), rules, serve(variants, key), blind);
        }

        private String name(Map<String, Json> variants) {
            return List.copyOf(variants.keySet()).get(random.nextInt(variants.size()));
        }

        private Serve serve(Map<String, Json> variants, String key) {
            if (random.nextBoolean()) {
                return new Serve.Fixed(name(variants));
            }
            List<Serve.Share> shares = new ArrayList<>();
            for (int i = 1 + random.nextInt(3); i > 0; i--) {
                shares.add(new Serve.Share(name(variants), random.nextInt(4)));
            }
            shares.add(new Serve.Share(name(variants), 1));
            List<Optional<String>> seeds =
                    List.of(Optional.empty(), Optional.of(""), Optional.of(key), Optional.of("a seed"));
            return new Serve.Split(shares, attribute(), seeds.get(random.nextInt(seeds.size())));
        }

        private String attribute() {
            return ATTRIBUTES.get(random.nextInt(ATTRIBUTES.size()));
        }

        private <E extends Enum<E>> E any(E[] values) {
            return values[random.nextInt(values.length)];
        }

        private Condition condition(int below, int depth) {
            return switch (random.nextInt(depth == 0 ? 7 : 11)) {
                case 0, 1 -> new Condition.In(attribute(), values());
                case 2 -> new Condition.TextMatch(attribute(), any(Condition.TextOperator.values()), texts());
                case 3 -> {
                    double limit = random.nextBoolean() ? random.nextInt(9) - 4 : random.nextDouble();
                    yield new Condition.NumberMatch(attribute(), any(Condition.NumberOperator.values()), limit);
                }
                case 4 ->
                    new Condition.VersionMatch(
                            attribute(),
                            any(Condition.VersionOperator.values()),
                            VERSIONS.get(random.nextInt(VERSIONS.size())));
                case 5 ->
                    random.nextInt(4) == 0
                            ? new Condition.DateMatch(
                                    attribute(),
                                    any(Condition.DateOperator.values()),
                                    Instant.ofEpochMilli(random.nextLong(2_000_000_000_000L)))
                            : new Condition.Exists(attribute());
                case 6 ->
                    below == 0
                            ? new Condition.Exists(attribute())
                            : new Condition.InSegment(segment(random.nextInt(below)));
                case 7 -> new Condition.Not(condition(below, depth - 1));
                case 8 -> new Condition.All(parts(below, depth));
                case 9 -> new Condition.Any(parts(below, depth));
                default -> new Condition.All(List.of(condition(below, depth - 1), new Condition.Exists("x")));
            };
        }

        private List<Condition> parts(int below, int depth) {
            List<Condition> parts = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                parts.add(condition(below, depth - 1));
            }
            return parts;
        }

        private List<Json> values() {
            List<Json> values = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                values.add(VALUES.get(random.nextInt(VALUES.size())));
            }
            return values;
        }

        private List<String> texts() {
            List<String> texts = new ArrayList<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                texts.add(List.of("a", "1.", "ser", "").get(random.nextInt(4)));
            }
            return texts;
        }
    }
}
