package dev.andon.core.evaluate;

import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.ValueType;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One environment made ready for evaluation in one place. Immutable and safe to share between threads; a change makes
 * another ruleset, which shares all that stayed the same.
 *
 * <p>Evaluation looks, in this order, at standing kills, blindness, off, prerequisites, rules and the fall-through. It
 * never throws, takes no lock, reads no clock and does no I/O. Outcomes are made in advance: on plain attributes nothing
 * is allocated, apart from conditions on versions and on dates given as text, and splits by number. When it fails:
 *
 * <ol>
 *   <li>The context fails while a kill's audience reads it: the kill stops.
 *   <li>It fails within a prerequisite: the prerequisite isn't met.
 *   <li>It fails elsewhere: the caller's default applies, with {@link ErrorCode#GENERAL}.
 *   <li>The flag reaches further than {@link dev.andon.core.image.Reach} allows, which is refused when it is saved: as 3.
 * </ol>
 */
public final class Ruleset {
    /** Before anything was loaded: every evaluation gives the caller's default. */
    public static final Ruleset EMPTY = new Ruleset(
            Image.EMPTY, "", Place.UNKNOWN, Map.of(), Map.of(), List.of(), Set.of(), LocalStops.NONE, Overlay.NONE);

    private final Image image;
    private final String environment;
    private final Place place;
    private final Map<String, CompiledFlag> flags;
    private final Map<String, Check> segments;
    private final List<StandingKill> carried;
    private final Set<String> blind;
    private final LocalStops local;
    private final Map<KillId, StandingKill> kills;
    private final Overlay overlay;

    private Ruleset(
            Image image,
            String environment,
            Place place,
            Map<String, CompiledFlag> flags,
            Map<String, Check> segments,
            List<StandingKill> carried,
            Set<String> blind,
            LocalStops local,
            Overlay before) {
        this.image = image;
        this.environment = environment;
        this.place = place;
        this.flags = flags;
        this.segments = segments;
        this.carried = carried;
        this.blind = blind;
        this.local = local.on(image);
        this.kills = standing(image, environment, carried);
        this.overlay = Overlay.of(kills.values(), blind, this.local, place, flags, image, before);
    }

    /** For evaluation in a place that isn't known. */
    public static Ruleset of(Image image, String environment) {
        return of(image, environment, Place.UNKNOWN);
    }

    /** Compiles all of an environment; one that the image hasn't got has no flags. */
    public static Ruleset of(Image image, String environment, Place place) {
        return compiled(image, environment, place, List.of(), Set.of(), LocalStops.NONE);
    }

    private static Ruleset compiled(
            Image image,
            String environment,
            Place place,
            List<StandingKill> carried,
            Set<String> blind,
            LocalStops local) {
        EnvironmentImage part = image.environment(environment).orElse(null);
        Map<String, CompiledFlag> flags = new HashMap<>();
        Map<String, Check> segments = new HashMap<>();
        if (part != null) {
            Compilation compilation = new Compilation(image, part, flags, segments);
            part.configurations().keySet().forEach(compilation::flag);
        }
        return new Ruleset(image, environment, place, flags, segments, carried, blind, local, Overlay.NONE);
    }

    /**
     * The ruleset of a later image of the same environment, equal to one made from scratch; what is carried and blind
     * stays so.
     *
     * @param touched all that changed in the environment since this ruleset's image
     */
    public Ruleset advance(Image next, ImageDelta.Touched touched) {
        EnvironmentImage part = next.environment(environment).orElse(null);
        if (part == null) {
            return compiled(next, environment, place, carried, blind, local);
        }
        Dependents dependents = new Dependents(part);
        Set<String> staleSegments = dependents.reachedSegments(touched.segments());
        Set<String> staleFlags = dependents.reachedFlags(touched.flags(), touched.segments());
        Map<String, CompiledFlag> nextFlags = flags;
        Map<String, Check> nextSegments = segments;
        if (!staleFlags.isEmpty() || !staleSegments.isEmpty()) {
            nextFlags = new HashMap<>(flags);
            nextSegments = new HashMap<>(segments);
            nextFlags.keySet().removeAll(staleFlags);
            nextSegments.keySet().removeAll(staleSegments);
            Compilation compilation = new Compilation(next, part, nextFlags, nextSegments);
            staleFlags.forEach(compilation::flag);
        }
        return new Ruleset(next, environment, place, nextFlags, nextSegments, carried, blind, local, overlay);
    }

    /**
     * With exactly these kills beside the image's own: those that this process knows and the image may not hold yet. One
     * whose number the image has settled counts as the image says; one of another environment doesn't count.
     */
    public Ruleset withKills(Collection<StandingKill> pending) {
        return new Ruleset(image, environment, place, flags, segments, List.copyOf(pending), blind, local, overlay);
    }

    /** With exactly these flags serving their safe variants because contact is lost. */
    public Ruleset withBlind(Set<String> safeFlags) {
        return new Ruleset(image, environment, place, flags, segments, carried, Set.copyOf(safeFlags), local, overlay);
    }

    /**
     * With exactly these stops of this process, above all else. A flag that one of them held in this ruleset it goes on
     * holding, whatever becomes of the flag.
     */
    public Ruleset withLocalStops(List<LocalStop> stops) {
        return new Ruleset(
                image, environment, place, flags, segments, carried, blind, local.with(stops, image), overlay);
    }

    /** The keys of the flags that this process stops: of those that are known, and of those that were named. */
    public Set<String> locallyStopped() {
        return local.held();
    }

    /** How many of the flags that are known a stop of this process holds. */
    public int held(LocalStop stop) {
        return local.count(stop);
    }

    static String detail(LocalStop stop) {
        return "stopped in this process by its " + stop.source().word() + ": " + stop.reason();
    }

    public Image image() {
        return image;
    }

    public String environment() {
        return environment;
    }

    /** The flags in use, in no particular order. */
    public Collection<CompiledFlag> flags() {
        return Collections.unmodifiableCollection(flags.values());
    }

    /** A flag in use; null for unknown and archived ones. */
    public @Nullable CompiledFlag flag(String key) {
        return flags.get(key);
    }

    /** All kills that stand in the environment, the image's and those carried, in the order of their ids. */
    public Collection<StandingKill> kills() {
        return Collections.unmodifiableCollection(kills.values());
    }

    /** The kills that hold a flag, whatever their audience, services and regions. */
    public List<StandingKill> killsOf(String flag) {
        return kills.values().stream().filter(kill -> kill.holds(image, flag)).toList();
    }

    public Evaluation evaluate(String key, Context context) {
        CompiledFlag flag = flags.get(key);
        return flag == null ? unknown(key) : evaluate(flag, context);
    }

    /** As {@link #evaluate(String, Context)}, but a flag of another type gives {@link ErrorCode#TYPE_MISMATCH}. */
    public Evaluation evaluate(String key, ValueType expected, Context context) {
        CompiledFlag flag = flags.get(key);
        return flag == null ? unknown(key) : evaluate(flag, expected, context);
    }

    public Evaluation evaluate(CompiledFlag flag, ValueType expected, Context context) {
        return flag.serves(expected) ? evaluate(flag, context) : flag.mismatch(expected);
    }

    /** Without a look-up. {@code flag} comes from this ruleset. */
    public Evaluation evaluate(CompiledFlag flag, Context context) {
        return decide(flag, context, null);
    }

    /**
     * What the flag gives in this ruleset whatever the context, so that whoever keeps it needs to ask no more; null if that
     * depends on the context.
     *
     * @param flag comes from this ruleset
     */
    public @Nullable Evaluation always(CompiledFlag flag) {
        return flag.always(overlay);
    }

    /** Evaluates, and says how it came about; for people who ask, as it allocates without thrift. */
    public Explanation explain(String key, Context context) {
        CompiledFlag flag = flags.get(key);
        Trace trace = new Trace();
        Evaluation evaluation = flag == null ? unknown(key) : decide(flag, context, trace);
        return new Explanation(key, evaluation, trace.steps());
    }

    private Evaluation decide(CompiledFlag flag, Context context, @Nullable Trace trace) {
        try {
            return flag.evaluate(this, context, trace);
        } catch (Throwable e) {
            if (trace != null) {
                trace.unwind(1, e);
            }
            return e instanceof VirtualMachineError ? Evaluation.FAILED : flag.failure(e);
        }
    }

    private Evaluation unknown(String key) {
        Evaluation stopped = local.missing(key);
        if (stopped != null) {
            return stopped;
        }
        return environment.isEmpty() ? Evaluation.NOT_READY : Evaluation.FLAG_NOT_FOUND;
    }

    Overlay overlay() {
        return overlay;
    }

    private static Map<KillId, StandingKill> standing(Image image, String environment, List<StandingKill> carried) {
        Map<KillId, StandingKill> standing = new TreeMap<>();
        for (StandingKill kill : carried) {
            boolean here = kill.signed().kill().environment().equals(environment);
            if (here && !image.marks().covers(kill.id())) {
                standing.put(kill.id(), kill);
            }
        }
        Optional<EnvironmentImage> part = image.environment(environment);
        part.ifPresent(own ->
                own.kills().values().forEach(kill -> standing.put(kill.value().id(), kill.value())));
        return standing;
    }
}
