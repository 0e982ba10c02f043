package dev.andon.core.evaluate;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Reads {@code api/vectors}, which every implementation of evaluation has to agree with. */
final class Vectors {
    static final String ENVIRONMENT = "production";

    private Vectors() {}

    static Fields read(String name) {
        try {
            return Fields.strict(Json.parse(Files.readAllBytes(Path.of("..", "api", "vectors", name))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Ruleset ruleset(Fields document) {
        List<Event> events = new ArrayList<>();
        events.add(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        document.map("flags").forEach((key, json) -> {
            Fields flag = Fields.strict(json);
            events.add(new Event.FlagSaved(new Flag(
                    key,
                    flag.has("kind") ? flag.word("kind", FlagKind.WORDS) : FlagKind.RELEASE,
                    flag.word("type", ValueType.WORDS),
                    flag.text("owner", "team"),
                    "",
                    new TreeSet<>(flag.texts("tags")),
                    OptionalInt.empty(),
                    false)));
            Fields configuration = flag.object("configuration");
            events.add(new Event.ConfigurationSaved(ENVIRONMENT, key, Configuration.read(configuration)));
            configuration.end();
            flag.end();
        });
        document.map("segments").forEach((key, segment) -> {
            Fields when = Fields.strict(segment).object("when");
            events.add(new Event.SegmentSaved(ENVIRONMENT, new Segment(key, "", Condition.read(when))));
            when.end();
        });
        document.objects("kills", Vectors::kill)
                .forEach(kill -> events.add(new Event.KillStood(kill.signed(), kill.flags())));
        Place place = Place.of(document.text("service", ""), document.text("region", ""));
        return Ruleset.of(image(events), ENVIRONMENT, place).withBlind(Set.copyOf(document.texts("blind")));
    }

    static Image image(List<Event> events) {
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        events.forEach(event -> delta.apply(1, event));
        return delta.build(new Provenance("vectors", 1, 1));
    }

    static Flag flag(String key, ValueType type) {
        return new Flag(
                key, FlagKind.RELEASE, type, "team", "", Collections.emptySortedSet(), OptionalInt.empty(), false);
    }

    private static StandingKill kill(Fields fields) {
        TreeSet<String> flags = new TreeSet<>(fields.texts("flags"));
        Optional<Condition> audience = fields.optionalObject("audience").map(Condition::read);
        Target target = fields.has("target") ? Target.parse(fields.text("target")) : new Target.OneFlag(flags.first());
        return kill(fields.text("id"), target, flags, audience, fields.texts("services"), fields.texts("regions"));
    }

    static StandingKill kill(
            String id,
            SortedSet<String> flags,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions) {
        return kill(id, new Target.OneFlag(flags.first()), flags, audience, services, regions);
    }

    static StandingKill kill(
            String id,
            Target target,
            SortedSet<String> flags,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions) {
        Kill kill = new Kill(
                KillId.parse("id", id),
                ENVIRONMENT,
                target,
                flags,
                audience,
                services,
                regions,
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
        return new StandingKill(new SignedKill(kill.toJson().text(), "unsigned", kill), flags);
    }

    static Context context(Map<String, Json> attributes) {
        Attributes context = Context.EMPTY;
        for (Map.Entry<String, Json> attribute : attributes.entrySet()) {
            context = context.with(attribute.getKey(), value(attribute.getValue()));
        }
        return context;
    }

    static Object value(Json json) {
        if (json instanceof Json.Text text) {
            return text.value();
        }
        if (json instanceof Json.Bool bool) {
            return bool.value();
        }
        if (json instanceof Json.Whole whole) {
            return whole.value();
        }
        if (json instanceof Json.Decimal decimal) {
            return decimal.value();
        }
        List<Object> elements = new ArrayList<>();
        ((Json.Array) json).items().forEach(item -> elements.add(item == Json.Null.NULL ? null : value(item)));
        return elements;
    }
}
