package dev.andon.server.simulation;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.random.RandomGenerator;

/** Random flags, configurations, segments, targets and audiences, of few kinds, so that they meet often. */
record Changes(RandomGenerator random) {
    static final int FLAGS = 9;
    static final int SEGMENTS = 3;
    private static final List<String> VARIANTS = List.of("a", "b", "c");
    private static final List<String> TAGS = List.of("vendor:x", "vendor:y");
    private static final List<String> OWNERS = List.of("team one", "team two");
    private static final List<FlagKind> KINDS = List.of(FlagKind.RELEASE, FlagKind.OPS);

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    String flagKey() {
        return "f" + random.nextInt(FLAGS);
    }

    String segmentKey() {
        return "s" + random.nextInt(SEGMENTS);
    }

    Flag flag(String key) {
        TreeSet<String> tags = new TreeSet<>();
        for (String tag : TAGS) {
            if (random.nextInt(3) == 0) {
                tags.add(tag);
            }
        }
        return new Flag(key, one(KINDS), ValueType.STRING, one(OWNERS), "", tags, OptionalInt.empty(), false);
    }

    /** The flag with one thing changed that kills are aimed by. */
    Flag edited(Flag flag) {
        TreeSet<String> tags = new TreeSet<>(flag.tags());
        String owner = flag.owner();
        FlagKind kind = flag.kind();
        switch (random.nextInt(4)) {
            case 0, 1 -> {
                String tag = one(TAGS);
                if (!tags.remove(tag)) {
                    tags.add(tag);
                }
            }
            case 2 -> owner = OWNERS.get(1 - OWNERS.indexOf(owner));
            default -> kind = KINDS.get(1 - KINDS.indexOf(kind));
        }
        return new Flag(
                flag.key(), kind, flag.type(), owner, flag.description(), tags, flag.lifetimeDays(), flag.archived());
    }

    Configuration configuration(String key, Model.State state) {
        Map<String, Json> variants = new LinkedHashMap<>();
        VARIANTS.forEach(name -> variants.put(name, Json.of("value " + name)));
        String safe = random.nextInt(3) == 0 ? "safe " + random.nextInt(2) : "safe";
        variants.put(safe, Json.of(random.nextInt(4) == 0 ? "another" : "nothing"));
        List<Prerequisite> prerequisites = new ArrayList<>();
        int number = Integer.parseInt(key.substring(1));
        if (number > 0 && random.nextInt(3) == 0) {
            String required = "f" + random.nextInt(number);
            if (state.configurations().containsKey(required)) {
                prerequisites.add(new Prerequisite(required, List.of("a", "b")));
            }
        }
        List<Rule> rules = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            rules.add(new Rule("", condition(SEGMENTS), new Serve.Fixed(one(VARIANTS))));
        }
        return new Configuration(
                variants,
                safe,
                random.nextInt(6) != 0,
                prerequisites,
                rules,
                new Serve.Fixed(one(VARIANTS)),
                new WhenBlind.Keep());
    }

    /** The configuration, switched on or off. */
    static Configuration switched(Configuration old) {
        return new Configuration(
                old.variants(),
                old.safeVariant(),
                !old.on(),
                old.prerequisites(),
                old.rules(),
                old.fallThrough(),
                old.whenBlind());
    }

    Segment segment(String key) {
        return new Segment(key, "", condition(Integer.parseInt(key.substring(1))));
    }

    /** Names segments before {@code below} only, so that none goes in circles. */
    Condition condition(int below) {
        Condition plain = new Condition.In(random.nextBoolean() ? "x" : "y", List.of(Json.of(random.nextInt(2))));
        return switch (random.nextInt(6)) {
            case 0 -> new Condition.Not(plain);
            case 1, 2 -> below == 0 ? plain : new Condition.InSegment("s" + random.nextInt(below));
            case 3 ->
                below == 0
                        ? plain
                        : new Condition.Any(List.of(plain, new Condition.InSegment("s" + random.nextInt(below))));
            default -> plain;
        };
    }

    Target target() {
        return switch (random.nextInt(10)) {
            case 0, 1 -> new Target.OneFlag(flagKey());
            case 2, 3, 4, 5 -> new Target.Tagged(one(TAGS));
            case 6, 7 -> new Target.OwnedBy(one(OWNERS));
            case 8 -> new Target.OfKind(one(KINDS));
            default -> new Target.Everything();
        };
    }

    Optional<Condition> audience() {
        return random.nextInt(4) == 0 ? Optional.of(condition(SEGMENTS)) : Optional.empty();
    }

    List<String> some(List<String> places) {
        return random.nextInt(4) == 0 ? List.of(one(places)) : List.of();
    }
}
