package dev.andon.core.stream;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/** A ledger in memory, one version per call, that makes the frames a server would. */
final class Ledger {
    static final String ENVIRONMENT = "production";
    static final String JOURNAL = "9f86d081";

    private final String id;
    private final long epoch;
    private final List<List<Versioned<Event>>> entries = new ArrayList<>();
    private final List<Image> images = new ArrayList<>();
    private final TreeMap<KillId, StandingKill> pending = new TreeMap<>();

    Ledger(String id) {
        this(id, 1);
    }

    private Ledger(String id, long epoch) {
        this.id = id;
        this.epoch = epoch;
        images.add(Image.EMPTY);
        append(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
    }

    /** The same ledger as it was at a version, continued in a new epoch. */
    Ledger restoredFrom(long version, long newEpoch) {
        Ledger copy = new Ledger(id, newEpoch);
        for (int i = 1; i < version; i++) {
            copy.append(entries.get(i).stream().map(Versioned::value).toArray(Event[]::new));
        }
        return copy;
    }

    long version() {
        return entries.size();
    }

    Image image() {
        return images.get(images.size() - 1);
    }

    Ledger append(Event... events) {
        long version = entries.size() + 1L;
        List<Versioned<Event>> entry = new ArrayList<>();
        for (Event event : events) {
            entry.add(new Versioned<>(event, version));
        }
        entries.add(entry);
        images.add(new ImageDelta(image()).applyAll(entry).build(new Provenance(id, epoch, version)));
        return this;
    }

    Ledger flag(String key, boolean on) {
        return append(
                new Event.FlagSaved(flagOf(key)), new Event.ConfigurationSaved(ENVIRONMENT, key, configuration(on)));
    }

    Ledger configure(String flag, Configuration configuration) {
        return append(new Event.ConfigurationSaved(ENVIRONMENT, flag, configuration));
    }

    Ledger segment(Segment segment) {
        return append(new Event.SegmentSaved(ENVIRONMENT, segment));
    }

    Ledger pend(StandingKill kill) {
        pending.put(kill.id(), kill);
        return this;
    }

    Ledger settle(StandingKill kill) {
        pending.remove(kill.id());
        return append(new Event.KillStood(kill.signed(), kill.flags()));
    }

    Ledger restore(StandingKill kill) {
        return append(new Event.KillRestored(ENVIRONMENT, kill.id()));
    }

    Frame.Snapshot snapshot() {
        return snapshot(version());
    }

    Frame.Snapshot snapshot(long version) {
        Image image = images.get((int) version);
        return new Frame.Snapshot(
                image.provenance(),
                digest(image),
                image.events(image.environments().get(ENVIRONMENT)),
                List.copyOf(pending.values()));
    }

    Frame.Patch patch(long from, long to) {
        List<Versioned<Event>> events = new ArrayList<>();
        entries.subList((int) from, (int) to).forEach(events::addAll);
        Image image = images.get((int) to);
        return new Frame.Patch(from, image.provenance(), digest(image), events);
    }

    Frame.Patch patch() {
        return patch(version() - 1, version());
    }

    List<StandingKill> pending() {
        return List.copyOf(pending.values());
    }

    static String digest(Image image) {
        return image.environments().get(ENVIRONMENT).digest().toString();
    }

    static Flag flagOf(String key) {
        return new Flag(
                key, FlagKind.RELEASE, ValueType.BOOLEAN, "team", "", new TreeSet<>(), OptionalInt.empty(), false);
    }

    Ledger tagged(String flag, String... tags) {
        return append(new Event.FlagSaved(new Flag(
                flag,
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(List.of(tags)),
                OptionalInt.empty(),
                false)));
    }

    static Configuration configuration(boolean on) {
        return configuration(on, new WhenBlind.Keep(), List.of(), List.of());
    }

    static Configuration configuration(
            boolean on, WhenBlind whenBlind, List<Prerequisite> prerequisites, List<Rule> rules) {
        return new Configuration(
                Map.of("on", Json.of(true), "off", Json.of(false)),
                "off",
                on,
                prerequisites,
                rules,
                new Serve.Fixed("on"),
                whenBlind);
    }

    static StandingKill kill(long number, String... flags) {
        return kill(number, new Target.OneFlag(flags[0]), flags);
    }

    static StandingKill kill(long number, Target target, String... flags) {
        KillId id = new KillId(JOURNAL, number);
        TreeSet<String> keys = new TreeSet<>(List.of(flags));
        Kill kill = new Kill(
                id,
                ENVIRONMENT,
                target,
                keys,
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "node-1",
                Optional.empty(),
                new Kill.Resolved(1, 1, true));
        return new StandingKill(new SignedKill(kill.toJson().text(), "unsigned", kill), keys);
    }
}
