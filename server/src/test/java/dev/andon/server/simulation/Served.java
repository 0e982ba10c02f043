package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.image.StandingKill;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/** Holds what a client serves against what it has to. */
final class Served {
    private static final List<Map<String, Long>> CONTEXTS =
            List.of(Map.of(), Map.of("x", 0L), Map.of("x", 1L, "y", 1L));

    /** Every flag, and one that there never was, for several contexts; how many that were. */
    int check(SimClient client, Model.State then, Model model) {
        Set<String> flags = new TreeSet<>(then.flags().keySet());
        flags.add("nothing");
        List<StandingKill> here = new ArrayList<>();
        for (StandingKill kill : client.inForce.standing()) {
            if (aimedAt(client, model.kill(kill.id()))) {
                here.add(kill);
            }
        }
        for (Map<String, Long> values : CONTEXTS) {
            Predicate<String> killed = flag -> here.stream()
                    .anyMatch(
                            kill -> reaches(model.kill(kill.id()), values) && kill.holds(client.inForce.image(), flag));
            PlainRules rules = new PlainRules(then, values, killed);
            Context context = context(values);
            for (String flag : flags) {
                check(client, flag, values, client.ruleset.evaluate(flag, context), rules);
            }
        }
        return flags.size() * CONTEXTS.size();
    }

    private static boolean aimedAt(SimClient client, KillTruth kill) {
        boolean service = kill.services.isEmpty() || kill.services.contains(client.identity.service());
        boolean region = kill.regions.isEmpty()
                || client.identity.region().isEmpty()
                || kill.regions.contains(client.identity.region().get());
        return service && region;
    }

    /** The audience means what it meant when the kill was ordered. */
    private static boolean reaches(KillTruth kill, Map<String, Long> values) {
        return kill.audience.isEmpty() || PlainRules.holds(kill.audience.get(), values, kill.then.segments());
    }

    private static Context context(Map<String, Long> values) {
        Attributes context = Context.EMPTY;
        for (Map.Entry<String, Long> value : values.entrySet()) {
            context = context.with(value.getKey(), value.getValue());
        }
        return context.withTargetingKey("u");
    }

    private static void check(
            SimClient client, String flag, Map<String, Long> values, Evaluation is, PlainRules rules) {
        PlainRules.Served must = rules.serves(flag).orElse(null);
        if (must == null) {
            unless(is.usesDefault(), "TOTAL", client + " serves " + flag + ", which isn't there: " + is);
            return;
        }
        boolean killed = must.because() == PlainRules.Because.KILLED;
        String what = client + " serves " + is + " of " + flag + " for " + values + ", for " + must;
        unless(!killed || is.reason() == Reason.KILLED, "STOP-WINS", what);
        unless(
                must.variant().equals(is.variant()) && must.value().equals(is.value()),
                killed ? "STOP-WINS" : "TOTAL",
                what);
        unless(is.reason() == Reason.KILLED == killed, "START-BY-LEDGER", what);
        unless(
                (is.reason() == Reason.PREREQUISITE) == (must.because() == PlainRules.Because.PREREQUISITE),
                "CASCADE",
                what);
        unless((is.reason() == Reason.OFF) == (must.because() == PlainRules.Because.OFF), "TOTAL", what);
    }
}
