package dev.andon.server.instance;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Sha256;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Observation;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What processes stop by themselves, for the ledger: when the first of a service begins to, and when none does any more. A
 * thousand processes of one service with the same order are one entry.
 *
 * <p>An end is noted a while after the beginning at the earliest, and a while after the last process is gone: a code that
 * stops and lifts in turns, and processes that start again and again, don't fill the ledger.
 *
 * <p>Only for the bookkeeper's thread; times come in.
 */
final class LocalStopBook {
    static final Duration QUIET = Duration.ofMinutes(1);
    static final int MAX_OPEN = 1_000;

    private static final Logger log = LoggerFactory.getLogger(LocalStopBook.class);

    private final Consumer<Observation> recorder;
    private final Supplier<Image> image;
    private final Map<Key, Open> open = new LinkedHashMap<>();

    /** Ends that are on their way to the ledger, as they are saved. */
    private final Map<String, Json> ending = new LinkedHashMap<>();

    private boolean full;

    record Key(String environment, String service, LocalStop.Source source, Target target) {}

    /** A stop that has begun and whose end isn't noted. */
    private static final class Open {
        final String reason;
        final String first;
        final Instant since;
        int instances;
        boolean lifted;
        boolean begun;

        @Nullable
        Instant emptySince;

        Open(String reason, String first, Instant since) {
            this.reason = reason;
            this.first = first;
            this.since = since;
        }

        /** When its end is to be noted, unless it goes on. */
        Instant due(Instant empty) {
            // Somebody may have set the clock back since.
            Instant earliest = since.isAfter(empty) ? empty : since.plus(QUIET);
            Instant gone = lifted ? empty : empty.plus(QUIET);
            return gone.isAfter(earliest) ? gone : earliest;
        }
    }

    /** @param recorder takes what is to go into the ledger; must not block */
    LocalStopBook(Consumer<Observation> recorder, Supplier<Image> image) {
        this.recorder = recorder;
        this.image = image;
    }

    /**
     * An instance stops other things than before.
     *
     * @param said whether it says so itself; if not, it is gone
     */
    void change(InstanceKey instance, Frame.LocalStops before, Frame.LocalStops now, boolean said, Instant at) {
        if (before.stops().isEmpty() && now.stops().isEmpty()) {
            return;
        }
        Map<Key, LocalStop> next = keys(instance, now);
        Set<Key> had = new HashSet<>(keys(instance, before).keySet());
        next.forEach((key, stop) -> {
            if (!had.remove(key)) {
                begin(key, stop, instance, at);
            }
        });
        had.forEach(key -> end(key, said, at));
    }

    private static Map<Key, LocalStop> keys(InstanceKey instance, Frame.LocalStops local) {
        Map<Key, LocalStop> keys = new LinkedHashMap<>();
        for (Frame.LocalStops.Standing standing : local.stops()) {
            LocalStop stop = standing.stop();
            keys.putIfAbsent(new Key(instance.environment(), instance.service(), stop.source(), stop.target()), stop);
        }
        return keys;
    }

    private void begin(Key key, LocalStop stop, InstanceKey instance, Instant at) {
        Open known = open.get(key);
        if (known != null) {
            known.instances++;
            known.emptySince = null;
        } else if (open.size() < MAX_OPEN) {
            Open begun = new Open(stop.reason(), instance.instance(), at);
            begun.instances = 1;
            open.put(key, begun);
            noteBegin(key, begun);
        } else if (!full) {
            full = true;
            log.error("ALARM: processes stop more than {} things by themselves; the log doesn't show all", MAX_OPEN);
        }
    }

    private void end(Key key, boolean said, Instant at) {
        Open known = open.get(key);
        // One that came when the book was full isn't counted.
        if (known != null && known.instances > 0) {
            known.instances--;
            if (known.instances == 0) {
                known.emptySince = at;
                known.lifted = said;
            }
        }
    }

    /** Notes the ends that are due. */
    void tick(Instant now) {
        Iterator<Map.Entry<Key, Open>> all = open.entrySet().iterator();
        while (all.hasNext()) {
            Map.Entry<Key, Open> one = all.next();
            Instant empty = one.getValue().emptySince;
            if (empty != null && !one.getValue().due(empty).isAfter(now)) {
                all.remove();
                full = false;
                noteEnd(one.getKey(), one.getValue());
            }
        }
    }

    private void noteBegin(Key key, Open stop) {
        note(
                key,
                stop,
                "began",
                "service " + key.service() + " stops " + key.target().label() + " by itself (its "
                        + key.source().word() + ": " + stop.reason + "), first seen in " + stop.first,
                () -> stop.begun = true);
    }

    private void noteEnd(Key key, Open stop) {
        String name = name(key, stop, "ended");
        if (ending.size() < MAX_OPEN) {
            ending.put(name, saved(key, stop, true));
        }
        note(
                key,
                stop,
                "ended",
                "service " + key.service() + " no longer stops " + key.target().label() + " by itself (its "
                        + key.source().word() + "), as far as this node sees: "
                        + (stop.lifted ? "it was lifted" : "the processes are gone"),
                () -> ending.remove(name));
    }

    private void note(Key key, Open stop, String what, String sentence, Runnable written) {
        recorder.accept(new Observation(
                name(key, stop, what),
                "local-stop." + what,
                sentence,
                new Event.Observed(
                        "local-stop",
                        key.environment() + "/service/" + key.service(),
                        Optional.of(key.environment()),
                        Optional.of(key.target()),
                        flags(key.target()),
                        new Json.Members(Map.of(
                                "what", Json.of(what),
                                "source", Json.of(key.source().word()),
                                "target", Json.of(key.target().label()),
                                "reason", Json.of(stop.reason),
                                "instance", Json.of(stop.first)))),
                version -> written.run()));
    }

    private SortedSet<String> flags(Target target) {
        SortedSet<String> flags = new TreeSet<>();
        if (target instanceof Target.OneFlag one) {
            flags.add(one.flag());
        } else {
            image.get().flags().values().stream()
                    .filter(flag -> target.matches(flag.value()))
                    .limit(Event.Observed.MAX_FLAGS)
                    .forEach(flag -> flags.add(flag.value().key()));
        }
        return flags;
    }

    /** The same after a restart, so that what was on its way to the ledger then is there once. */
    private static String name(Key key, Open stop, String what) {
        String whole = String.join(
                "\n",
                key.environment(),
                key.service(),
                key.source().word(),
                key.target().label(),
                stop.first,
                stop.since.toString());
        return "local-stop-" + what + "-" + HexFormat.of().formatHex(Sha256.of(whole), 0, 16);
    }

    List<Json> saved() {
        List<Json> all = new ArrayList<>(ending.values());
        open.forEach((key, stop) -> all.add(saved(key, stop, false)));
        return all;
    }

    private static Json saved(Key key, Open stop, boolean ended) {
        return Json.object()
                .put("environment", key.environment())
                .put("service", key.service())
                .put("source", key.source().word())
                .put("target", key.target().toJson())
                .put("reason", stop.reason)
                .put("instance", stop.first)
                .put("since", stop.since.toString())
                .put("begun", stop.begun)
                .put("ended", ended)
                .put("lifted", stop.lifted)
                .build();
    }

    /** Nobody who stops is connected yet; what wasn't in the ledger is noted again. */
    void load(List<Fields> saved, Instant now) {
        for (Fields fields : saved) {
            LocalStop stop = LocalStop.read(fields);
            Key key = new Key(fields.text("environment"), fields.text("service"), stop.source(), stop.target());
            Open known = new Open(stop.reason(), fields.text("instance"), Instant.parse(fields.text("since")));
            known.begun = fields.bool("begun");
            known.lifted = fields.bool("lifted");
            if (!known.begun) {
                noteBegin(key, known);
            }
            if (fields.bool("ended")) {
                noteEnd(key, known);
            } else {
                known.lifted = false;
                known.emptySince = now;
                open.put(key, known);
            }
        }
    }
}
