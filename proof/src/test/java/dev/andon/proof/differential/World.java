package dev.andon.proof.differential;

import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** One environment: a rule set. Immutable. */
record World(Map<String, Configured> flags, Map<String, Condition> segments, List<Kill> kills) {
    static final String ENVIRONMENT = "production";

    World {
        flags = Collections.unmodifiableMap(new LinkedHashMap<>(flags));
        segments = Collections.unmodifiableMap(new LinkedHashMap<>(segments));
        kills = List.copyOf(kills);
    }

    record Configured(Flag flag, Configuration configuration) {
        Configured with(Configuration other) {
            return new Configured(flag, other);
        }
    }

    Image image() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        segments.forEach(
                (key, when) -> delta.apply(1, new Event.SegmentSaved(ENVIRONMENT, new Segment(key, "", when))));
        flags.forEach((key, configured) -> {
            delta.apply(1, new Event.FlagSaved(configured.flag()));
            delta.apply(1, new Event.ConfigurationSaved(ENVIRONMENT, key, configured.configuration()));
        });
        kills.forEach(kill -> delta.apply(
                1, new Event.KillStood(new SignedKill(kill.toJson().text(), "unsigned", kill), kill.flags())));
        return delta.build(new Provenance("a".repeat(32), 1, 1));
    }

    Stream<Serve.Split> splits() {
        return flags.values().stream()
                .map(Configured::configuration)
                .flatMap(configuration -> Stream.concat(
                        configuration.rules().stream().map(Rule::serve), Stream.of(configuration.fallThrough())))
                .filter(Serve.Split.class::isInstance)
                .map(Serve.Split.class::cast);
    }

    /** Andon's own evaluation, where these kills stop everyone. */
    Ruleset ruleset(Set<KillId> widened) {
        List<Kill> all = new ArrayList<>();
        kills.forEach(kill -> all.add(widened.contains(kill.id()) ? forEveryone(kill) : kill));
        return Ruleset.of(new World(flags, segments, all).image(), ENVIRONMENT);
    }

    private static Kill forEveryone(Kill kill) {
        return with(kill, Optional.empty());
    }

    static Kill with(Kill kill, Optional<Condition> audience) {
        return new Kill(
                kill.id(),
                kill.environment(),
                kill.target(),
                kill.flags(),
                audience,
                kill.services(),
                kill.regions(),
                kill.reason(),
                kill.actor(),
                kill.origin(),
                kill.at(),
                kill.node(),
                kill.request(),
                kill.resolved());
    }

    World withFlags(Map<String, Configured> others) {
        return new World(others, segments, kills);
    }

    World withSegments(Map<String, Condition> others) {
        return new World(flags, others, kills);
    }

    World withKills(List<Kill> others) {
        return new World(flags, segments, others);
    }

    /** What people may read and copy into a test. */
    Json toJson() {
        Json.Builder json = Json.object();
        Json.Builder configurations = Json.object();
        flags.forEach((key, configured) -> configurations.put(
                key,
                Json.object()
                        .put("flag", configured.flag().toJson())
                        .put("configuration", configured.configuration().toJson())));
        json.put("flags", configurations);
        Json.Builder named = Json.object();
        segments.forEach((key, when) -> named.put(key, when.toJson()));
        json.put("segments", named);
        return json.put("kills", Json.array(kills.stream().map(Kill::toJson).toList()))
                .build();
    }
}
