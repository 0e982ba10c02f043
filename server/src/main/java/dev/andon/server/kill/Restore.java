package dev.andon.server.kill;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Releases one kill, or all that hold a flag. Only kills that are in the ledger can be released: one that is on its way
 * there would come back with it.
 */
record Restore(String environment, Subject subject) implements Command<Json> {

    /** What is to run again. */
    sealed interface Subject {
        record Flag(String key) implements Subject {}

        record OneKill(KillId id) implements Subject {}
    }

    @Override
    public Decision<Json> decide(Image image, KnownKills kills, Instant now) {
        if (image.environment(environment).isEmpty()) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "environment",
                    environment,
                    "one of "
                            + String.join(
                                    ", ", new TreeSet<>(image.environments().keySet())));
        }
        List<StandingKill> meant = meant(kills);
        List<StandingKill> waiting = waiting(kills);
        if (!waiting.isEmpty()) {
            throw new Refused(
                    Refused.Code.CONFLICT,
                    "kill",
                    waiting.getFirst().id().toString(),
                    "one that is in the ledger; it is on its way there, try again in a moment");
        }
        List<Event> events = new ArrayList<>();
        meant.forEach(kill -> events.add(new Event.KillRestored(environment, kill.id())));
        return Decision.of("restore", events, committed -> reply(committed, meant, kills));
    }

    /** Those of the kills it is about that are on their way to the ledger. */
    List<StandingKill> waiting(KnownKills kills) {
        return kills.pending(environment).stream()
                .filter(kill -> switch (subject) {
                    case Subject.Flag flag -> kill.flags().contains(flag.key());
                    case Subject.OneKill one -> kill.id().equals(one.id());
                })
                .toList();
    }

    private List<StandingKill> meant(KnownKills kills) {
        List<StandingKill> standing = kills.standing(environment);
        return switch (subject) {
            case Subject.Flag flag -> {
                List<StandingKill> holding = kills.holding(environment, flag.key());
                if (holding.isEmpty()) {
                    throw new Refused(
                            Refused.Code.NOT_FOUND,
                            "flag",
                            flag.key(),
                            standing.isEmpty()
                                    ? "a flag that a kill holds; nothing is stopped in " + environment
                                    : "a flag that a kill holds: one of " + flags(standing));
                }
                yield holding;
            }
            case Subject.OneKill one -> {
                List<StandingKill> found = standing.stream()
                        .filter(kill -> kill.id().equals(one.id()))
                        .toList();
                if (found.isEmpty()) {
                    throw new Refused(
                            Refused.Code.NOT_FOUND,
                            "kill",
                            one.id().toString(),
                            standing.isEmpty()
                                    ? "a kill that stands; nothing is stopped in " + environment
                                    : "one of "
                                            + standing.stream()
                                                    .map(kill -> kill.id().toString())
                                                    .collect(Collectors.joining(", ")));
                }
                yield found;
            }
        };
    }

    private static String flags(List<StandingKill> kills) {
        Set<String> flags = new TreeSet<>();
        kills.forEach(kill -> flags.addAll(kill.flags()));
        return String.join(", ", flags);
    }

    private Json reply(Committed committed, List<StandingKill> released, KnownKills before) {
        Set<KillId> gone = released.stream().map(StandingKill::id).collect(Collectors.toSet());
        Set<String> flags = new TreeSet<>();
        released.forEach(kill -> flags.addAll(kill.flags()));
        List<Json> still = new ArrayList<>();
        for (StandingKill kill : before.standing(environment)) {
            Set<String> held = new TreeSet<>(kill.flags());
            held.retainAll(flags);
            if (!gone.contains(kill.id()) && !held.isEmpty()) {
                still.add(summary(kill, held));
            }
        }
        return Json.object()
                .put("environment", environment)
                .put(
                        "released",
                        Json.array(released.stream()
                                .map(kill -> summary(kill, kill.flags()))
                                .toList()))
                .put("flags", Json.texts(flags))
                .put("stillStopped", Json.array(still))
                .put("version", committed.version())
                .build();
    }

    private static Json summary(StandingKill kill, Set<String> flags) {
        return Json.object()
                .put("id", kill.id().toString())
                .put("target", kill.signed().kill().target().label())
                .put("flags", Json.texts(flags))
                .put("reason", kill.signed().kill().reason())
                .put("actor", kill.signed().kill().actor())
                .put("at", kill.signed().kill().at().toString())
                .build();
    }
}
