package dev.andon.proof.differential;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Random rule sets: flags that ask one question each, and flags of all kinds that build on one another. */
final class Worlds {
    /** Flags that ask one question each: {@code ask-} and the operator. */
    static final String ASKS = "ask-";

    private static final int ASKING = 4;
    private static final int DEPTH = 2;
    private static final List<String> KEYS = List.of("f0", "constructor", "f.1:x");
    private static final List<String> TAGS = List.of("vendor:x", "gdpr");
    private static final List<String> OWNERS = List.of("shop", "search team");
    private static final List<String> VARIANTS =
            List.of("off", "on", "blau ü", "c.d", "true", "7", "constructor", "__proto__", "false", "0");
    private static final List<String> SEGMENTS = List.of("staff", "s.1", "a:b", "beta-2", "staff2");
    private static final List<String> SEEDS = List.of("seed", "", "ü$&", "a\"b\\");

    private final Dice dice;
    private final Map<String, Condition> segments = new LinkedHashMap<>();
    private final Map<String, World.Configured> flags = new LinkedHashMap<>();
    private final List<Kill> kills = new ArrayList<>();

    private Worlds(Dice dice) {
        this.dice = dice;
    }

    static World random(Dice dice) {
        return new Worlds(dice).make();
    }

    private World make() {
        for (int i = dice.below(SEGMENTS.size() + 1); i > 0; i--) {
            List<String> before = List.copyOf(segments.keySet());
            segments.put(SEGMENTS.get(segments.size()), Operator.any(dice, before, DEPTH));
        }
        List<String> known = List.copyOf(segments.keySet());
        for (int i = 0; i < ASKING; i++) {
            Operator operator = dice.one(List.of(Operator.values()));
            put(ASKS + operator.name() + "-" + i, asking(operator.condition(dice, known, DEPTH)), ValueType.BOOLEAN);
        }
        for (int i = 0; i < KEYS.size(); i++) {
            ValueType type = dice.one(List.of(ValueType.values()));
            put(KEYS.get(i), building(type, known), type);
        }
        for (String flag : List.copyOf(flags.keySet())) {
            if (dice.percent(flag.startsWith(ASKS) ? 6 : 15)) {
                kills.add(kill(new Target.OneFlag(flag)));
            }
        }
        if (dice.percent(25)) {
            kills.add(kill(wide()));
        }
        return new World(flags, segments, kills);
    }

    private void put(String key, Configuration configuration, ValueType type) {
        SortedSet<String> tags = new TreeSet<>(dice.some(0, 1, () -> dice.one(TAGS)));
        FlagKind kind = dice.one(List.of(FlagKind.values()));
        Flag flag = new Flag(key, kind, type, dice.one(OWNERS), "", tags, OptionalInt.empty(), false);
        flags.put(key, new World.Configured(flag, configuration));
    }

    private static Configuration asking(Condition condition) {
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put("off", Json.of(false));
        variants.put("on", Json.of(true));
        Rule rule = new Rule("", condition, new Serve.Fixed("on"));
        return new Configuration(
                variants, "off", true, List.of(), List.of(rule), new Serve.Fixed("off"), new WhenBlind.Keep());
    }

    private Configuration building(ValueType type, List<String> known) {
        Map<String, Json> variants = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(VARIANTS.subList(0, 2));
        names.addAll(dice.some(0, 3, () -> dice.one(VARIANTS)));
        names.forEach(name -> variants.put(name, value(type)));
        List<String> list = List.copyOf(names);
        List<Prerequisite> needs = new ArrayList<>();
        if (dice.percent(45)) {
            needs.addAll(dice.some(1, 2, this::prerequisite));
        }
        List<Rule> rules = dice.some(0, 3, () -> new Rule("", Operator.any(dice, known, DEPTH), serve(list)));
        return new Configuration(
                variants, dice.one(list), dice.percent(93), needs, rules, serve(list), new WhenBlind.Keep());
    }

    private Prerequisite prerequisite() {
        if (dice.percent(3)) {
            return new Prerequisite("nowhere", List.of("on"));
        }
        Map.Entry<String, World.Configured> required = dice.one(List.copyOf(flags.entrySet()));
        List<String> names =
                new ArrayList<>(required.getValue().configuration().variants().keySet());
        Collections.shuffle(names, new java.util.Random(dice.below(1_000)));
        return new Prerequisite(required.getKey(), names.subList(0, 1 + dice.below(names.size())));
    }

    private Serve serve(List<String> variants) {
        if (dice.percent(75)) {
            return new Serve.Fixed(dice.one(variants));
        }
        List<Serve.Share> shares = dice.some(0, 4, () -> new Serve.Share(dice.one(variants), weight()));
        shares.add(new Serve.Share(dice.one(variants), 1 + dice.below(100)));
        String attribute =
                dice.percent(60) ? Serve.TARGETING_KEY : Pools.name(dice, dice.one(List.of(Pools.Kind.values())));
        return new Serve.Split(shares, attribute, dice.percent(40) ? Optional.of(dice.one(SEEDS)) : Optional.empty());
    }

    private int weight() {
        return dice.percent(20) ? 0 : dice.percent(10) ? 400_000_000 : 1 + dice.below(100);
    }

    private Json value(ValueType type) {
        return switch (type) {
            case BOOLEAN -> Json.of(dice.percent(50));
            case STRING -> Json.of(dice.one(Pools.TEXTS));
            case INTEGER -> Json.of(dice.percent(5) ? 5_000_000_000L : dice.below(Integer.MAX_VALUE) - 1_000_000_000L);
            case NUMBER -> dice.one(Pools.NUMBERS);
            case OBJECT -> {
                Json.Builder object = Json.object();
                if (dice.percent(5)) {
                    object.put("large", Json.array(List.of(Json.of((1L << 53) + 1))));
                }
                dice.some(0, 3, () -> dice.one(Pools.TEXTS)).forEach(name -> object.put(name, Pools.any(dice, 1)));
                yield object.build();
            }
        };
    }

    private Target wide() {
        return switch (dice.below(8)) {
            case 0 -> new Target.Everything();
            case 1, 2 -> new Target.OfKind(dice.one(List.of(FlagKind.values())));
            case 3, 4 -> new Target.OwnedBy(dice.one(OWNERS));
            default -> new Target.Tagged(dice.one(TAGS));
        };
    }

    private Kill kill(Target target) {
        SortedSet<String> held = new TreeSet<>();
        flags.values().stream()
                .map(World.Configured::flag)
                .filter(target::matches)
                .forEach(flag -> held.add(flag.key()));
        boolean some = dice.percent(target instanceof Target.Everything ? 80 : 50);
        return new Kill(
                new KillId("9f86d081", kills.size() + 1),
                World.ENVIRONMENT,
                target,
                held,
                some ? Optional.of(Operator.any(dice, List.of(), 1)).filter(Worlds::plain) : Optional.empty(),
                List.of(),
                List.of(),
                "it misbehaves",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
    }

    /** Audiences name no segments. */
    private static boolean plain(Condition condition) {
        Set<String> named = new TreeSet<>();
        condition.collectSegments(named);
        return named.isEmpty();
    }
}
