package dev.andon.core;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Random histories that keep every invariant, as a ledger's do. The same seed gives the same history. */
public final class Histories {
    public static final String LEDGER = "ledger-1";

    private static final List<String> JOURNALS = List.of("9f86d081", "0a1b2c3d4e");
    private static final int KILL_NUMBERS = 12;

    /** One entry of the ledger, as far as images are concerned. */
    public record Written(long version, List<Event> events) {
        public List<Versioned<Event>> versioned() {
            return events.stream().map(event -> new Versioned<>(event, version)).toList();
        }
    }

    private final Samples samples;
    private Image image = Image.EMPTY;

    private Histories(long seed) {
        samples = new Samples(seed);
    }

    public static List<Written> sound(long seed, int entries) {
        Histories history = new Histories(seed);
        List<Written> written = new ArrayList<>();
        while (written.size() < entries) {
            long version = written.size() + 1L;
            List<Event> events = written.size() < Samples.ENVIRONMENTS.size()
                    ? List.of(new Event.EnvironmentSaved(
                            history.samples.environment(Samples.ENVIRONMENTS.get(written.size()))))
                    : history.propose();
            if (!events.isEmpty() && history.accept(version, events)) {
                written.add(new Written(version, events));
            }
        }
        return written;
    }

    /** The images after each of the entries, that before the first one included. */
    public static List<Image> images(List<Written> history) {
        List<Image> images = new ArrayList<>();
        Image image = Image.EMPTY;
        images.add(image);
        for (Written entry : history) {
            image = next(image, entry);
            images.add(image);
        }
        return images;
    }

    public static Image next(Image image, Written entry) {
        return new ImageDelta(image).applyAll(entry.versioned()).build(at(entry.version()));
    }

    public static Provenance at(long version) {
        return new Provenance(LEDGER, 1, version);
    }

    private boolean accept(long version, List<Event> events) {
        Image after = next(image, new Written(version, events));
        try {
            Invariants.check(image, after, events, standing());
        } catch (InvalidInput refused) {
            return false;
        }
        image = after;
        return true;
    }

    private List<StandingKill> standing() {
        return image.environments().values().stream()
                .flatMap(environment -> environment.kills().values().stream())
                .map(Versioned::value)
                .toList();
    }

    private List<Event> propose() {
        List<Event> events = new ArrayList<>();
        if (image.flags().size() < Samples.FLAGS.size() && samples.chance(0.5)) {
            return create(Samples.FLAGS.get(image.flags().size()));
        }
        int parts = 1 + samples.below(3);
        for (int i = 0; i < parts; i++) {
            events.addAll(part());
        }
        return events;
    }

    private List<Event> part() {
        String environment = samples.one(Samples.ENVIRONMENTS);
        String flag = samples.one(Samples.FLAGS);
        return switch (samples.below(16)) {
            case 0, 1, 2 -> create(flag);
            case 3, 4, 5, 6 ->
                image.flag(flag)
                        .<List<Event>>map(known -> List.of(
                                new Event.ConfigurationSaved(environment, flag, samples.configuration(known.type()))))
                        .orElse(List.of());
            case 7 ->
                image.flag(flag)
                        .<List<Event>>map(known -> List.of(new Event.FlagSaved(samples.flag(flag, known.type()))))
                        .orElse(List.of());
            case 8 ->
                image.flag(flag)
                        .<List<Event>>map(known -> List.of(new Event.FlagSaved(known.archive())))
                        .orElse(List.of());
            case 9 -> comeAndGo(environment, flag);
            case 10 -> List.of(new Event.SegmentSaved(environment, samples.segment(samples.one(Samples.SEGMENTS))));
            case 11 -> deleteSegment(environment);
            case 12 -> stop(environment);
            case 13 -> restore(environment);
            case 14 ->
                List.of(
                        new Event.TokenSaved(samples.token("t" + samples.below(3))),
                        new Event.NodeSaved(Samples.node()));
            default ->
                List.of(
                        new Event.RequestDone("ann/" + samples.below(5), "digest " + samples.below(1000)),
                        new Event.EnvironmentSaved(samples.environment(environment)));
        };
    }

    private List<Event> create(String flag) {
        Flag known = image.flag(flag).orElse(null);
        ValueType type = known == null ? samples.type() : known.type();
        List<Event> events = new ArrayList<>();
        if (known == null) {
            events.add(new Event.FlagSaved(samples.flag(flag, type)));
        }
        for (String environment : Samples.ENVIRONMENTS) {
            if (samples.chance(0.8)) {
                events.add(new Event.ConfigurationSaved(environment, flag, samples.configuration(type)));
            }
        }
        return events;
    }

    /** An archived flag comes back; one in use leaves an environment. */
    private List<Event> comeAndGo(String environment, String flag) {
        Versioned<Flag> known = image.flags().get(flag);
        if (known == null) {
            return List.of();
        }
        if (known.value().archived()) {
            return List.of(
                    new Event.FlagSaved(known.value().unarchive()),
                    new Event.ConfigurationSaved(
                            environment,
                            flag,
                            samples.configuration(known.value().type())));
        }
        return image.environments().get(environment).configurations().containsKey(flag)
                ? List.of(new Event.ConfigurationDeleted(environment, flag))
                : List.of();
    }

    private List<Event> deleteSegment(String environment) {
        EnvironmentImage part = image.environments().get(environment);
        if (part.segments().isEmpty()) {
            return List.of();
        }
        List<String> keys = part.segments().keySet().stream().sorted().toList();
        return List.of(new Event.SegmentDeleted(environment, samples.one(keys)));
    }

    private List<Event> stop(String environment) {
        KillId id = new KillId(samples.one(JOURNALS), 1 + samples.below(KILL_NUMBERS));
        EnvironmentImage part = image.environments().get(environment);
        Versioned<StandingKill> standing = part.kills().get(id);
        SortedSet<String> flags = new TreeSet<>(samples.some(1, 3, () -> samples.one(Samples.FLAGS)));
        if (standing != null) {
            flags.addAll(standing.value().flags());
            return List.of(new Event.KillStood(standing.value().signed(), flags));
        }
        if (image.marks().covers(id)) {
            return List.of();
        }
        Kill kill = samples.kill(id, environment, flags);
        // Signing would take most of the time; images don't look at signatures.
        return List.of(new Event.KillStood(new SignedKill(kill.toJson().text(), "unsigned", kill), flags));
    }

    private List<Event> restore(String environment) {
        List<KillId> ids = image.environments().get(environment).kills().keySet().stream()
                .sorted()
                .toList();
        return ids.isEmpty() ? List.of() : List.of(new Event.KillRestored(environment, samples.one(ids)));
    }
}
