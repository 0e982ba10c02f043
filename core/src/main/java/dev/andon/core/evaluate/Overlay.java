package dev.andon.core.evaluate;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
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
 * What stands above the configuration: kills, and flags that are to be safe because contact is lost. Holds only the flags
 * that are stopped, so that making it costs no more than what it stops. Immutable.
 */
final class Overlay {
    static final Overlay NONE = new Overlay(Map.of());

    private final Map<String, Stops> byFlag;

    private Overlay(Map<String, Stops> byFlag) {
        this.byFlag = byFlag;
    }

    static Overlay of(Collection<StandingKill> kills, Set<String> blind, Place place, Map<String, CompiledFlag> flags) {
        if (kills.isEmpty() && blind.isEmpty()) {
            return NONE;
        }
        List<Stop> stops = new ArrayList<>();
        kills.forEach(
                kill -> stops.add(new Stop(kill, place.within(kill.signed().kill()))));
        // Kills of everyone decide without a look at the context; among equals, the order must not depend on the map's.
        stops.sort(Comparator.comparing((Stop stop) -> stop.audience != null).thenComparing(stop -> stop.kill.id()));
        Map<String, List<Stop>> found = new HashMap<>();
        stops.forEach(stop -> stop.kill
                .flags()
                .forEach(flag ->
                        found.computeIfAbsent(flag, key -> new ArrayList<>(1)).add(stop)));
        Set<String> keys = new LinkedHashSet<>(found.keySet());
        keys.addAll(blind);
        Map<String, Stops> byFlag = new HashMap<>();
        for (String key : keys) {
            CompiledFlag flag = flags.get(key);
            if (flag != null) {
                byFlag.put(key, new Stops(flag, found.getOrDefault(key, List.of()), blind.contains(key)));
            }
        }
        return new Overlay(byFlag);
    }

    /** What comes out of a flag that is stopped for the context; null if it isn't. */
    @Nullable
    Evaluation stop(String flag, Context context, @Nullable Trace trace) {
        if (byFlag.isEmpty()) {
            return null;
        }
        Stops stops = byFlag.get(flag);
        return stops == null ? null : stops.stop(context, trace);
    }

    private static final class Stops {
        private final Stop[] stops;
        private final Evaluation[] killed;
        private final @Nullable Evaluation blind;

        Stops(CompiledFlag flag, List<Stop> stops, boolean blind) {
            this.stops = stops.toArray(new Stop[0]);
            this.killed = new Evaluation[this.stops.length];
            for (int i = 0; i < killed.length; i++) {
                killed[i] = flag.killed(this.stops[i].kill.id());
            }
            this.blind = blind ? flag.blind() : null;
        }

        @Nullable
        Evaluation stop(Context context, @Nullable Trace trace) {
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

        Stop(StandingKill kill, boolean here) {
            this.kill = kill;
            this.here = here;
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
