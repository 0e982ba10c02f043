package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.Function;

/** Random configurations of flags f0, f1, … and segments s0, s1, … that build on one another. */
final class RandomRules {
    static final int SEGMENTS = 4;

    private static final List<String> VARIANTS = List.of("a", "b", "c", "safe");

    private final Random random;
    private final int flags;
    private final Function<String, Optional<String>> safeOf;

    /**
     * @param flags how many there can be
     * @param safeOf the present safe variant of a flag, if it is configured: what may not be asked for
     */
    RandomRules(Random random, int flags, Function<String, Optional<String>> safeOf) {
        this.random = random;
        this.flags = flags;
        this.safeOf = safeOf;
    }

    /** A configuration of no particular interest. */
    static Configuration plain(String value) {
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put("off", Json.of(""));
        variants.put("on", Json.of(value));
        return new Configuration(
                variants, "off", true, List.of(), List.of(), new Serve.Fixed("on"), new WhenBlind.Keep());
    }

    static Flag flag(String key) {
        return new Flag(key, FlagKind.RELEASE, ValueType.STRING, "o", "", new TreeSet<>(), OptionalInt.empty(), false);
    }

    static Event segment(String key, Condition when) {
        return new Event.SegmentSaved(RandomHistory.ENVIRONMENT, new Segment(key, "", when));
    }

    /** Mostly requires flags before it: circles are refused. */
    Configuration configuration(int flag) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        if (random.nextInt(3) != 0) {
            int number = flag > 0 && random.nextInt(6) != 0 ? random.nextInt(flag) : random.nextInt(flags);
            String required = "f" + number;
            safeOf.apply(required).ifPresent(safe -> prerequisites.add(new Prerequisite(required, asked(safe))));
        }
        List<Rule> rules = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            rules.add(new Rule("", condition(SEGMENTS, 2), serve()));
        }
        return configuration(prerequisites, rules, serve(), random.nextInt(8) != 0);
    }

    Configuration configuration(List<Prerequisite> prerequisites, List<Rule> rules, Serve fallThrough, boolean on) {
        Map<String, Json> variants = new LinkedHashMap<>();
        VARIANTS.forEach(name -> variants.put(name, Json.of("value " + name)));
        String safe = random.nextInt(3) == 0 ? "c" : "safe";
        if (random.nextInt(3) == 0) {
            variants.put(safe, Json.of("another value"));
        }
        if (random.nextInt(6) == 0) {
            safe = "safe " + random.nextInt(2);
            variants.put(safe, Json.of("yet another value"));
        }
        return new Configuration(variants, safe, on, prerequisites, rules, fallThrough, new WhenBlind.Keep());
    }

    /** Any variants but the safe one, which may become the safe one later. */
    private List<String> asked(String safe) {
        List<String> asked = new ArrayList<>(VARIANTS);
        asked.remove(safe);
        Collections.shuffle(asked, random);
        return asked.subList(0, 1 + random.nextInt(2));
    }

    private Serve serve() {
        if (random.nextInt(3) != 0) {
            return new Serve.Fixed(VARIANTS.get(random.nextInt(3)));
        }
        return new Serve.Split(
                List.of(
                        new Serve.Share(VARIANTS.get(random.nextInt(3)), 1 + random.nextInt(3)),
                        new Serve.Share(VARIANTS.get(random.nextInt(3)), 1 + random.nextInt(3))),
                random.nextBoolean() ? Serve.TARGETING_KEY : "x",
                random.nextBoolean() ? Optional.empty() : Optional.of("seed" + random.nextInt(2)));
    }

    /** Names segments before {@code below} only. */
    Condition condition(int below, int depth) {
        int what = random.nextInt(depth == 0 ? 2 : 5);
        return switch (what) {
            case 0 -> new Condition.In(random.nextBoolean() ? "x" : "y", List.of(Json.of(random.nextInt(3))));
            case 1 -> below == 0 ? new Condition.Exists("y") : new Condition.InSegment("s" + random.nextInt(below));
            case 2 -> new Condition.Not(condition(below, depth - 1));
            case 3 -> new Condition.All(List.of(condition(below, depth - 1), condition(below, depth - 1)));
            default -> new Condition.Any(List.of(condition(below, depth - 1), condition(below, depth - 1)));
        };
    }
}
