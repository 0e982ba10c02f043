package dev.andon.core.evaluate;

import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.LocalStop;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What stands above the configuration: what this process stops by itself, kills, and flags that are to be safe because
 * contact is lost. Kills that are aimed
 * at more than one flag are matched with all flags once and kept apart, so that what else is stopped costs no more than
 * what it stops. Immutable.
 */
final class Overlay {
    static final Overlay NONE = new Overlay(Wide.NONE, Map.of());

    private static final Comparator<Stop> ORDER =
            // Kills of everyone decide without a look at the context; among equals, the order must not depend on the
            // map's.
            Comparator.comparing((Stop stop) -> stop.audience != null).thenComparing(stop -> stop.kill.id());

    private final Wide wide;

    /** Flags that a kill aimed at them or this process stops, or that are blind, with all that stops them. */
    private final Map<String, Stops> byFlag;

    private Overlay(Wide wide, Map<String, Stops> byFlag) {
        this.wide = wide;
        this.byFlag = byFlag;
    }

    /**
     * @param image whose flags these are
     * @param before whatever was in force before; what didn't change is taken over from it
     */
    static Overlay of(
            Collection<StandingKill> kills,
            Set<String> blind,
            LocalStops local,
            Place place,
            Map<String, CompiledFlag> flags,
            Image image,
            Overlay before) {
        if (kills.isEmpty() && blind.isEmpty() && local.isEmpty()) {
            return NONE;
        }
        List<StandingKill> wideKills = new ArrayList<>();
        Map<String, List<Stop>> found = new HashMap<>();
        for (StandingKill kill : kills) {
            if (kill.wide()) {
                wideKills.add(kill);
            } else {
                Stop stop = new Stop(kill, place);
                kill.flags()
                        .forEach(flag -> found.computeIfAbsent(flag, key -> new ArrayList<>(1))
                                .add(stop));
            }
        }
        Wide wide = before.wide.isOf(wideKills, place, flags, image.flags())
                ? before.wide
                : Wide.of(wideKills, place, flags, image.flags());
        Set<String> keys = new LinkedHashSet<>(found.keySet());
        keys.addAll(blind);
        keys.addAll(local.held());
        Map<String, Stops> byFlag = new HashMap<>();
        for (String key : keys) {
            CompiledFlag flag = flags.get(key);
            if (flag != null) {
                List<Stop> stops = new ArrayList<>(found.getOrDefault(key, List.of()));
                stops.addAll(wide.stopsOf(key));
                stops.sort(ORDER);
                byFlag.put(key, new Stops(flag, stops, blind.contains(key), local.of(key)));
            }
        }
        return new Overlay(wide, byFlag);
    }

    /** What comes out of a flag that is stopped for the context; null if it isn't. */
    @Nullable
    Evaluation stop(String flag, Context context, @Nullable Trace trace) {
        Stops stops = of(flag);
        return stops == null ? null : stops.stop(context, trace);
    }

    private @Nullable Stops of(String flag) {
        Stops stops = byFlag.isEmpty() ? null : byFlag.get(flag);
        return stops == null && !wide.byFlag.isEmpty() ? wide.byFlag.get(flag) : stops;
    }

    /** Whether anything may stop the flag, for some contexts at least. */
    boolean stops(String flag) {
        return of(flag) != null;
    }

    /** What comes out of a flag that is stopped whatever the context; null if it isn't, or not for every one. */
    @Nullable
    Evaluation always(String flag) {
        Stops stops = of(flag);
        return stops == null ? null : stops.always();
    }

    /** The kills that are aimed at more than one flag, and what they stop. */
    private static final class Wide {
        static final Wide NONE = new Wide(List.of(), Place.UNKNOWN, Map.of(), Map.of(), Map.of());

        private final List<StandingKill> kills;
        private final Place place;
        private final Map<String, CompiledFlag> flags;
        private final Map<String, Versioned<Flag>> metadata;
        private final Map<String, Stops> byFlag;

        private Wide(
                List<StandingKill> kills,
                Place place,
                Map<String, CompiledFlag> flags,
                Map<String, Versioned<Flag>> metadata,
                Map<String, Stops> byFlag) {
            this.kills = kills;
            this.place = place;
            this.flags = flags;
            this.metadata = metadata;
            this.byFlag = byFlag;
        }

        static Wide of(
                List<StandingKill> kills,
                Place place,
                Map<String, CompiledFlag> flags,
                Map<String, Versioned<Flag>> metadata) {
            if (kills.isEmpty()) {
                return NONE;
            }
            List<Stop> stops = new ArrayList<>();
            kills.forEach(kill -> stops.add(new Stop(kill, place)));
            stops.sort(ORDER);
            Map<String, Stops> byFlag = new HashMap<>();
            flags.forEach((key, flag) -> {
                Versioned<Flag> known = metadata.get(key);
                List<Stop> holding = stops.stream()
                        .filter(stop ->
                                known == null ? stop.kill.flags().contains(key) : stop.kill.holds(known.value()))
                        .toList();
                if (!holding.isEmpty()) {
                    byFlag.put(key, new Stops(flag, holding, false, null));
                }
            });
            return new Wide(List.copyOf(kills), place, flags, metadata, byFlag);
        }

        /** Whether it is made of these. Maps that didn't change are the same ones: comparing them would cost too much. */
        @SuppressWarnings("ReferenceEquality")
        boolean isOf(
                List<StandingKill> some,
                Place at,
                Map<String, CompiledFlag> compiled,
                Map<String, Versioned<Flag>> known) {
            return flags == compiled && metadata == known && place.equals(at) && kills.equals(some);
        }

        List<Stop> stopsOf(String flag) {
            Stops stops = byFlag.get(flag);
            return stops == null ? List.of() : List.of(stops.stops);
        }
    }

    private static final class Stops {
        private final Stop[] stops;
        private final Evaluation[] killed;
        private final @Nullable Evaluation blind;
        private final @Nullable Evaluation local;

        Stops(CompiledFlag flag, List<Stop> stops, boolean blind, @Nullable LocalStop local) {
            this.stops = stops.toArray(new Stop[0]);
            this.killed = new Evaluation[this.stops.length];
            for (int i = 0; i < killed.length; i++) {
                killed[i] = flag.killed(this.stops[i].kill.id());
            }
            this.blind = blind ? flag.blind() : null;
            this.local = local == null ? null : flag.killedLocally(local);
        }

        /** Kills of everyone come first. */
        @Nullable
        Evaluation always() {
            if (local != null) {
                return local;
            }
            for (int i = 0; i < stops.length; i++) {
                if (stops[i].here) {
                    return stops[i].audience == null ? killed[i] : null;
                }
            }
            return blind;
        }

        @Nullable
        Evaluation stop(Context context, @Nullable Trace trace) {
            if (local != null) {
                if (trace != null) {
                    trace.step("local stop", "this process", local.message());
                }
                return local;
            }
            for (int i = 0; i < stops.length; i++) {
                if (stops[i].matches(context, trace)) {
                    return killed[i];
                }
            }
            if (blind != null && trace != null) {
                trace.step("blind", "contact", "lost; safe variant");
            }
            return blind;
        }
    }

    private static final class Stop {
        private final StandingKill kill;
        private final boolean here;
        private final @Nullable Check audience;

        Stop(StandingKill kill, Place place) {
            this.kill = kill;
            this.here = place.within(kill.signed().kill());
            this.audience = audience(kill.signed().kill());
        }

        /** Null stands for everyone, also where an audience can't be decided without segments. */
        private static @Nullable Check audience(Kill kill) {
            Condition audience = kill.audience().orElse(null);
            if (audience == null) {
                return null;
            }
            Set<String> segments = new LinkedHashSet<>();
            audience.collectSegments(segments);
            return segments.isEmpty() ? Compilation.standalone(audience) : null;
        }

        boolean matches(Context context, @Nullable Trace trace) {
            if (trace == null) {
                return here && (audience == null || holds(audience, context, null));
            }
            trace.open();
            boolean matches = here && (audience == null || holds(audience, context, trace));
            KillId id = kill.id();
            trace.close(
                    "kill", id.toString(), matches ? "stops" : here ? "other audience" : "other services or regions");
            return matches;
        }

        /** A context that fails while an audience reads it counts as belonging to the audience. */
        private static boolean holds(Check audience, Context context, @Nullable Trace trace) {
            int depth = trace == null ? 0 : trace.depth();
            try {
                return audience.holds(context, trace);
            } catch (Throwable e) {
                if (trace != null) {
                    trace.unwind(depth, e);
                }
                return true;
            }
        }
    }
}
