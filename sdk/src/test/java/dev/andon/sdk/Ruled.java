package dev.andon.sdk;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** A ledger in memory for tests: each call is an entry. */
final class Ruled {
    private static final String ENVIRONMENT = "production";

    private Image image = Image.EMPTY;
    private List<Versioned<Event>> last = List.of();
    private long version;

    Ruled() {
        append(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
    }

    Ruled append(Event... events) {
        version++;
        last = new ArrayList<>();
        for (Event event : events) {
            last.add(new Versioned<>(event, version));
        }
        image = new ImageDelta(image).applyAll(last).build(new Provenance("ledger-a", 1, version));
        return this;
    }

    /** A boolean flag that serves {@code on} to everybody, or its safe variant {@code off} where it is off. */
    Ruled bool(String key, boolean on) {
        return bool(key, on, new WhenBlind.Keep());
    }

    Ruled bool(String key, boolean on, WhenBlind whenBlind) {
        return flag(key, ValueType.BOOLEAN, variants("on", Json.of(true), "off", Json.of(false)), on, whenBlind);
    }

    Ruled flag(String key, ValueType type, Map<String, Json> variants, boolean on, WhenBlind whenBlind) {
        String first = variants.keySet().iterator().next();
        return save(
                key,
                type,
                new Configuration(variants, "off", on, List.of(), List.of(), new Serve.Fixed(first), whenBlind));
    }

    /** A boolean flag that is on for those whose country is DE. */
    Ruled targeted(String key) {
        Rule rule = new Rule("", new Condition.In("country", List.of(Json.of("DE"))), new Serve.Fixed("on"));
        return save(
                key,
                ValueType.BOOLEAN,
                new Configuration(
                        variants("on", Json.of(true), "off", Json.of(false)),
                        "off",
                        true,
                        List.of(),
                        List.of(rule),
                        new Serve.Fixed("off"),
                        new WhenBlind.Keep()));
    }

    Ruled split(String key) {
        return save(
                key,
                ValueType.BOOLEAN,
                new Configuration(
                        variants("on", Json.of(true), "off", Json.of(false)),
                        "off",
                        true,
                        List.of(),
                        List.of(),
                        new Serve.Split(
                                List.of(new Serve.Share("on", 50), new Serve.Share("off", 50)),
                                Serve.TARGETING_KEY,
                                Optional.empty()),
                        new WhenBlind.Keep()));
    }

    private Ruled save(String key, ValueType type, Configuration configuration) {
        return append(metadata(key, type), new Event.ConfigurationSaved(ENVIRONMENT, key, configuration));
    }

    private static Event metadata(String key, ValueType type) {
        return new Event.FlagSaved(
                new Flag(key, FlagKind.RELEASE, type, "team", "", new TreeSet<>(), OptionalInt.empty(), false));
    }

    /** Boolean flags that are on, in one entry. */
    Ruled bools(List<String> keys) {
        List<Event> events = new ArrayList<>();
        Map<String, Json> variants = variants("on", Json.of(true), "off", Json.of(false));
        Configuration configuration = new Configuration(
                variants, "off", true, List.of(), List.of(), new Serve.Fixed("on"), new WhenBlind.Keep());
        for (String key : keys) {
            events.add(metadata(key, ValueType.BOOLEAN));
            events.add(new Event.ConfigurationSaved(ENVIRONMENT, key, configuration));
        }
        return append(events.toArray(new Event[0]));
    }

    Ruled settle(StandingKill kill) {
        return append(new Event.KillStood(kill.signed(), kill.flags()));
    }

    Ruled restore(StandingKill kill) {
        return append(new Event.KillRestored(ENVIRONMENT, kill.id()));
    }

    Frame.Snapshot snapshot() {
        return new Frame.Snapshot(
                image.provenance(), digest(), image.events(image.environments().get(ENVIRONMENT)), List.of());
    }

    /** From the version before to the newest. */
    Frame.Patch patch() {
        return new Frame.Patch(version - 1, image.provenance(), digest(), last);
    }

    HeldState state() {
        return HeldState.EMPTY.apply(snapshot()).next();
    }

    long version() {
        return version;
    }

    private String digest() {
        return image.environments().get(ENVIRONMENT).digest().toString();
    }

    static Map<String, Json> variants(String first, Json firstValue, String second, Json secondValue) {
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put(first, firstValue);
        variants.put(second, secondValue);
        return variants;
    }

    static StandingKill kill(long number, String flag) {
        TreeSet<String> flags = new TreeSet<>(List.of(flag));
        Kill kill = new Kill(
                new KillId("9f86d081", number),
                ENVIRONMENT,
                new Target.OneFlag(flag),
                flags,
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "node-1",
                Optional.empty());
        return new StandingKill(new SignedKill(kill.toJson().text(), "unsigned", kill), flags);
    }
}
