package dev.andon.server.flagd;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Segment;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.server.node.Publication;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import dev.andon.store.LedgerPosition;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** One environment, written as JSON with ' for ", and what flagd's clients get of it. */
final class Written {
    static final String ENVIRONMENT = "production";

    private final List<Event> events = new ArrayList<>();

    Written() {
        this(new Environment(ENVIRONMENT, ""));
    }

    private Written(Environment environment) {
        events.add(new Event.EnvironmentSaved(environment));
    }

    /** In an environment that is served to flagd's clients. */
    static Written served() {
        return new Written(new Environment(ENVIRONMENT, "").serving(Environment.FLAGD_SYNC));
    }

    static Json json(String text) {
        return Json.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    static Condition condition(String text) {
        return Condition.read(Fields.strict(json(text)));
    }

    static Configuration configuration(String text) {
        return Configuration.read(Fields.strict(json(text)));
    }

    /** A boolean flag that is on for those for whom the condition holds. */
    Written when(String key, String condition) {
        return flag(
                key,
                ValueType.BOOLEAN,
                "{'variants': {'on': true, 'off': false}, 'safeVariant': 'off', 'on': true, 'rules': [{'when': "
                        + condition + ", 'serve': {'variant': 'on'}}], 'fallThrough': {'variant': 'off'}}");
    }

    Written flag(String key, ValueType type, String configuration) {
        events.add(new Event.FlagSaved(
                new Flag(key, FlagKind.RELEASE, type, "shop", "", new TreeSet<>(), OptionalInt.empty(), false)));
        events.add(new Event.ConfigurationSaved(ENVIRONMENT, key, configuration(configuration)));
        return this;
    }

    Written segment(String key, String condition) {
        events.add(new Event.SegmentSaved(ENVIRONMENT, new Segment(key, "", condition(condition))));
        return this;
    }

    Written kill(String id, String flag, Optional<String> audience) {
        Kill kill = new Kill(
                KillId.parse("id", id),
                ENVIRONMENT,
                new Target.OneFlag(flag),
                new TreeSet<>(List.of(flag)),
                audience.map(Written::condition),
                List.of(),
                List.of(),
                "it misbehaves",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
        events.add(new Event.KillStood(new SignedKill(kill.toJson().text(), "unsigned", kill), kill.flags()));
        return this;
    }

    Image image() {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        events.forEach(event -> delta.apply(1, event));
        return delta.build(new Provenance("a".repeat(32), 1, 1));
    }

    List<Event> events() {
        return events;
    }

    ServedState state() {
        ServedStates states = new ServedStates(InstantSource.system());
        states.publish(new Publication(Image.EMPTY, image(), LedgerPosition.START, List.of(), true));
        return states.newest(ENVIRONMENT).orElseThrow();
    }

    Document document() {
        return Document.of(state(), flag -> true);
    }

    /** What clients get of one flag. */
    Fields flag(String key) {
        return Fields.lenient(Fields.lenient(document().json()).map("flags").get(key));
    }
}
