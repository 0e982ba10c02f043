package dev.andon.server.rollback;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.server.MemoryPlane;
import dev.andon.server.http.Chosen;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Moment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;

/** A ledger with random changes of one environment; with kills too, if wanted. The same seed makes the same ledger. */
final class RandomHistory {
    static final String ENVIRONMENT = "e";
    static final int FLAGS = 7;

    static final CommandContext CONTEXT = new CommandContext("test", "random", "c", Optional.empty(), false);

    private static final int AT_FIRST = 5;
    private static final String JOURNAL = "0123456789abcdef";

    final Random random;
    final MemoryPlane plane = new MemoryPlane(() -> Instant.EPOCH);
    private final RandomRules rules;
    private final boolean withKills;
    private int kills;

    RandomHistory(int seed, boolean withKills) {
        this.random = new Random(seed);
        this.rules = new RandomRules(random, FLAGS, flag -> safeOf(plane.image(), flag));
        this.withKills = withKills;
        List<Event> events = new ArrayList<>();
        events.add(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        for (int i = 0; i < AT_FIRST; i++) {
            events.add(new Event.FlagSaved(RandomRules.flag("f" + i)));
            events.add(new Event.ConfigurationSaved(
                    ENVIRONMENT, "f" + i, rules.configuration(List.of(), List.of(), new Serve.Fixed("a"), true)));
        }
        plane.append("start", events);
        plane.append("segment.save", List.of(RandomRules.segment("s0", new Condition.Exists("x"))));
    }

    long newest() {
        return plane.image().provenance().version();
    }

    Past past(long version) {
        Image old = plane.imageAt(version);
        EnvironmentImage environment = old.environment(ENVIRONMENT).orElseThrow();
        return new Past(new Chosen(new Moment(version, Instant.EPOCH, false), Optional.empty()), environment);
    }

    List<StandingKill> standing() {
        return plane.kills().standing(ENVIRONMENT);
    }

    static List<Context> contexts() {
        List<Context> contexts = new ArrayList<>();
        contexts.add(Context.EMPTY);
        for (int x = 0; x < 3; x++) {
            for (int y = 0; y < 3; y++) {
                Attributes context = Context.EMPTY.with("x", (long) x).with("y", (long) y);
                contexts.add(context.withTargetingKey("u" + (x * 3 + y)));
            }
        }
        return contexts;
    }

    private static Optional<String> safeOf(Image image, String flag) {
        return image.environment(ENVIRONMENT)
                .map(environment -> environment.configurations().get(flag))
                .map(configuration -> configuration.value().safeVariant());
    }

    /** One random change; those that the rules refuse don't happen. */
    void change() {
        int what = random.nextInt(withKills ? 28 : 22);
        List<Event> events = switch (what) {
            case 0, 1, 2, 3, 4, 5, 6, 7, 8 -> configure("f" + random.nextInt(FLAGS));
            case 9, 10, 11, 12, 13 -> saveSegment("s" + random.nextInt(RandomRules.SEGMENTS));
            case 14, 15, 16, 17 ->
                List.of(new Event.SegmentDeleted(ENVIRONMENT, "s" + random.nextInt(RandomRules.SEGMENTS)));
            case 18, 19 -> archive("f" + random.nextInt(FLAGS));
            case 20 -> free("f" + random.nextInt(FLAGS));
            case 21 -> List.of(new Event.ConfigurationDeleted(ENVIRONMENT, "f" + random.nextInt(FLAGS)));
            case 22, 23, 24 -> kill();
            default -> restore();
        };
        if (events.isEmpty()) {
            return;
        }
        try {
            plane.execute((image, known, now) -> Decision.of("change", events, done -> done), CONTEXT);
        } catch (InvalidInput refused) {
            // The rules that every image keeps.
        }
    }

    private List<Event> configure(String flag) {
        Versioned<Flag> known = plane.image().flags().get(flag);
        List<Event> events = new ArrayList<>();
        if (known == null) {
            events.add(new Event.FlagSaved(RandomRules.flag(flag)));
        }
        events.add(new Event.ConfigurationSaved(
                ENVIRONMENT, flag, rules.configuration(Integer.parseInt(flag.substring(1)))));
        return events;
    }

    private List<Event> saveSegment(String key) {
        return List.of(RandomRules.segment(key, rules.condition(Integer.parseInt(key.substring(1)), 2)));
    }

    private List<Event> archive(String flag) {
        return plane.image()
                .flag(flag)
                .<List<Event>>map(known -> List.of(new Event.FlagSaved(known.archive())))
                .orElse(List.of());
    }

    /** Takes a flag out of all that others require, so that it can go. */
    private List<Event> free(String flag) {
        List<Event> events = new ArrayList<>();
        plane.image().environment(ENVIRONMENT).orElseThrow().configurations().forEach((user, versioned) -> {
            Configuration configuration = versioned.value();
            if (configuration.prerequisites().stream()
                    .anyMatch(prerequisite -> prerequisite.flag().equals(flag))) {
                events.add(new Event.ConfigurationSaved(
                        ENVIRONMENT,
                        user,
                        new Configuration(
                                configuration.variants(),
                                configuration.safeVariant(),
                                configuration.on(),
                                List.of(),
                                configuration.rules(),
                                configuration.fallThrough(),
                                configuration.whenBlind())));
            }
        });
        return events;
    }

    /** In the ledger, or on its way there. */
    private List<Event> kill() {
        TreeSet<String> flags = new TreeSet<>();
        flags.add("f" + random.nextInt(FLAGS));
        flags.add("f" + random.nextInt(FLAGS));
        flags.removeIf(flag -> plane.image().flag(flag).isEmpty());
        if (flags.isEmpty()) {
            return List.of();
        }
        KillId id = new KillId(JOURNAL, ++kills);
        Optional<Condition> audience = random.nextInt(3) == 0
                ? Optional.of(new Condition.In("x", List.of(Json.of(random.nextInt(3)))))
                : Optional.empty();
        Kill kill = new Kill(
                id,
                ENVIRONMENT,
                new Target.OneFlag(flags.first()),
                flags,
                audience,
                List.of(),
                List.of(),
                "bad",
                "me",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty());
        SignedKill signed = new SignedKill(kill.toJson().text(), "", kill);
        if (random.nextInt(3) == 0) {
            plane.stand(new StandingKill(signed, flags));
            return List.of();
        }
        return List.of(new Event.KillStood(signed, flags));
    }

    private List<Event> restore() {
        List<StandingKill> standing = standing();
        return standing.isEmpty()
                ? List.of()
                : List.of(new Event.KillRestored(
                        ENVIRONMENT,
                        standing.get(random.nextInt(standing.size())).id()));
    }
}
