package dev.andon.server.node;

import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Target;
import dev.andon.core.stop.KillOrder;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Turns requests to kill into orders, by the image alone. */
final class KillOrders {
    private static final int MAX_PLACES = 1_000;

    private KillOrders() {}

    static KillOrder order(Image image, KillRequest request, CommandContext context) {
        EnvironmentImage environment = image.environment(request.environment())
                .orElseThrow(() -> new Refused(
                        Refused.Code.NOT_FOUND,
                        "environment",
                        request.environment(),
                        "one of "
                                + String.join(
                                        ", ", new TreeSet<>(image.environments().keySet()))));
        places("services", request.services());
        places("regions", request.regions());
        if (context.reason().isBlank()) {
            throw new InvalidInput("reason", "nothing", "why it is stopped");
        }
        return new KillOrder(
                request.environment(),
                request.target(),
                resolve(environment, request.target()),
                request.audience().map(audience -> inlined(audience, environment)),
                request.services(),
                request.regions(),
                context.reason(),
                context.actor(),
                request.origin(),
                context.idempotency().map(CommandContext.Idempotency::key));
    }

    static KillAnswer rehearse(KnownKills kills, KillOrder order) {
        EnvironmentImage environment =
                kills.image().environment(order.environment()).orElseThrow();
        SortedSet<String> dependents = new Dependents(environment).reachedFlags(order.flags(), List.of());
        dependents = new TreeSet<>(dependents);
        dependents.removeAll(order.flags());
        Optional<StandingKill> already = kills.standing(order.environment()).stream()
                .filter(kill -> order.stopsTheSameAs(kill.signed().kill()))
                .findFirst();
        return new KillAnswer.Rehearsed(order.flags(), dependents, already);
    }

    private static SortedSet<String> resolve(EnvironmentImage environment, Target target) {
        if (!(target instanceof Target.OneFlag one)) {
            throw new InvalidInput("target", target.label(), "a single flag: {\"flag\": \"its-key\"}");
        }
        if (!environment.configurations().containsKey(one.flag())) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "target.flag",
                    one.flag(),
                    "a flag that environment " + environment.environment().key() + " has");
        }
        return new TreeSet<>(List.of(one.flag()));
    }

    private static void places(String field, List<String> places) {
        if (places.size() > MAX_PLACES) {
            throw new InvalidInput(field, places.size() + " items", "at most " + MAX_PLACES);
        }
        for (String place : places) {
            Keys.name(field, place);
        }
    }

    /** A kill must mean the same for ever, so the segments that it names are written out. */
    private static Condition inlined(Condition condition, EnvironmentImage environment) {
        return switch (condition) {
            case Condition.All all ->
                new Condition.All(all.parts().stream()
                        .map(part -> inlined(part, environment))
                        .toList());
            case Condition.Any any ->
                new Condition.Any(any.parts().stream()
                        .map(part -> inlined(part, environment))
                        .toList());
            case Condition.Not not -> new Condition.Not(inlined(not.part(), environment));
            case Condition.InSegment in ->
                inlined(segment(environment, in.segment()).when(), environment);
            case Condition.In in -> in;
            case Condition.TextMatch match -> match;
            case Condition.NumberMatch match -> match;
            case Condition.VersionMatch match -> match;
            case Condition.DateMatch match -> match;
            case Condition.Exists exists -> exists;
        };
    }

    private static Segment segment(EnvironmentImage environment, String key) {
        Versioned<Segment> segment = environment.segments().get(key);
        if (segment == null) {
            throw new InvalidInput(
                    "audience.segment",
                    key,
                    "a segment of environment " + environment.environment().key());
        }
        return segment.value();
    }
}
