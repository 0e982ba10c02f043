package dev.andon.server.kill;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Releases one kill, or all that are aimed at one target. A flag that a wider kill holds, too, isn't freed by restoring
 * the flag: nobody who means one flag is to start others. What processes stop by themselves isn't touched either. Only kills that are in the ledger can be released: one that is on
 * its way there would come back with it.
 *
 * @param present who is there, for the answer; empty if that couldn't be told in time
 */
record Restore(String environment, Subject subject, Optional<List<Presence.Present>> present) implements Command<Json> {
    static final Schema SCHEMA = Schema.object()
            .required("environment", Schema.text("The environment"))
            .required("released", Schema.array(KillSummary.SCHEMA, "The kills that were released, with what they held"))
            .required(
                    "flags",
                    Schema.array(Schema.text("A flag's key"), "What they held, the first " + KillReceipts.Held.SHOWN))
            .required("flagCount", Schema.whole(0, Integer.MAX_VALUE, "How many flags they held"))
            .required("stillStopped", Schema.array(KillSummary.SCHEMA, "Kills that still hold some of it"))
            .required("cascade", Schema.array(Cascade.SCHEMA, "Flags of it that require one that is stopped"))
            .required(
                    "local",
                    Schema.anything(
                            "Processes connected to this server that stop some of it by themselves, the first 100:"
                                    + " service, instance, source, target, reason; null if that can't be told now"))
            .required("version", Shapes.VERSION)
            .named("Restored");

    /** What is to run again. */
    sealed interface Subject {
        record Aimed(Target target) implements Subject {}

        record OneKill(KillId id) implements Subject {}
    }

    @Override
    public Decision<Json> decide(Image image, KnownKills kills, Instant now) {
        if (image.environment(environment).isEmpty()) {
            throw Refused.unknown(
                    "environment",
                    environment,
                    "one of "
                            + String.join(
                                    ", ", new TreeSet<>(image.environments().keySet())),
                    image.environments().keySet());
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
        return kills.pending(environment).stream().filter(this::isMeant).toList();
    }

    private boolean isMeant(StandingKill kill) {
        return switch (subject) {
            case Subject.Aimed aimed -> kill.signed().kill().target().equals(aimed.target());
            case Subject.OneKill one -> kill.id().equals(one.id());
        };
    }

    private List<StandingKill> meant(KnownKills kills) {
        List<StandingKill> standing = kills.standing(environment);
        List<StandingKill> meant = standing.stream().filter(this::isMeant).toList();
        if (meant.isEmpty()) {
            throw nothing(kills, standing);
        }
        return meant;
    }

    private Refused nothing(KnownKills kills, List<StandingKill> standing) {
        return switch (subject) {
            case Subject.OneKill one -> {
                Set<String> ids =
                        standing.stream().map(kill -> kill.id().toString()).collect(Collectors.toSet());
                yield Refused.unknown(
                        "kill",
                        one.id().toString(),
                        standing.isEmpty()
                                ? "a kill that stands; nothing is stopped in " + environment
                                : "a kill that stands: one of " + listed(ids),
                        ids);
            }
            case Subject.Aimed aimed
            when aimed.target() instanceof Target.OneFlag flag -> {
                List<StandingKill> holding = kills.holding(environment, flag.flag());
                yield holding.isEmpty() ? notAimed("flag", flag.flag(), standing, kills) : held(flag.flag(), holding);
            }
            case Subject.Aimed aimed -> notAimed("target", aimed.target().label(), standing, kills);
        };
    }

    private Refused notAimed(String field, String label, List<StandingKill> standing, KnownKills kills) {
        SortedSet<String> targets = new TreeSet<>();
        standing.forEach(kill -> targets.add(kill.signed().kill().target().label()));
        List<Json> cascade = Cascade.of(kills.image(), environment, new TreeSet<>(List.of(label)), standing);
        String why = cascade.isEmpty() ? "" : "; " + Cascade.text(cascade.getFirst()) + ", and isn't killed itself";
        List<Json> local = LocallyStopped.of(present.orElse(List.of()), kills.image(), List.of(label));
        if (!local.isEmpty()) {
            why += "; processes that stop it by themselves: " + local.size() + ", lifted only where that was set";
        }
        return Refused.unknown(
                field,
                label,
                (targets.isEmpty()
                                ? "what a kill is aimed at; nothing is stopped in " + environment
                                : "what a kill is aimed at: one of " + listed(targets))
                        + why,
                targets);
    }

    /** A flag that only wider kills hold. */
    private static Refused held(String flag, List<StandingKill> holding) {
        StandingKill first = holding.getFirst();
        String label = first.signed().kill().target().label();
        String others = holding.size() == 1 ? "" : ", and " + (holding.size() - 1) + " more";
        return new Refused(
                Refused.Code.STOPPED,
                "flag",
                flag + ", which kill " + first.id() + " of " + label + " holds" + others,
                "a flag that a kill is aimed at by itself; restore " + label + " or kill " + first.id()
                        + ", which releases all that it holds");
    }

    private static String listed(Set<String> words) {
        int shown = 10;
        String listed =
                String.join(", ", new TreeSet<>(words).stream().limit(shown).toList());
        return words.size() <= shown ? listed : listed + " and " + (words.size() - shown) + " more";
    }

    private Json reply(Committed committed, List<StandingKill> released, KnownKills before) {
        Set<KillId> gone = released.stream().map(StandingKill::id).collect(Collectors.toSet());
        SortedSet<String> flags = new TreeSet<>();
        List<Json> summaries = new ArrayList<>();
        for (StandingKill kill : released) {
            SortedSet<String> held = kill.held(before.image());
            flags.addAll(held);
            summaries.add(KillSummary.of(kill, held));
        }
        List<StandingKill> left = before.standing(environment).stream()
                .filter(kill -> !gone.contains(kill.id()))
                .toList();
        List<Json> still = new ArrayList<>();
        for (StandingKill kill : left) {
            SortedSet<String> held = new TreeSet<>(flags);
            held.removeIf(flag -> !kill.holds(before.image(), flag));
            if (!held.isEmpty()) {
                still.add(KillSummary.of(kill, held));
            }
        }
        KillReceipts.Held shown = KillReceipts.Held.of(flags);
        return Json.object()
                .put("environment", environment)
                .put("released", Json.array(summaries))
                .put("flags", Json.texts(shown.first()))
                .put("flagCount", shown.count())
                .put("stillStopped", Json.array(still))
                .put("cascade", Json.array(Cascade.of(before.image(), environment, flags, left)))
                .put(
                        "local",
                        present.<Json>map(all -> Json.array(LocallyStopped.of(all, before.image(), flags)))
                                .orElse(Json.Null.NULL))
                .put("version", committed.version())
                .build();
    }
}
