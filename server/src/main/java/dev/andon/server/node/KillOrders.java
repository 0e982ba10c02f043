package dev.andon.server.node;

import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Kill;
import dev.andon.core.model.SignedKill;
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

    /**
     * An order, and what it comes to on this image.
     *
     * @param flags the flags that there are and that it would hold
     */
    record Ordered(KillOrder order, SortedSet<String> flags) {

        /** Whether there is anything that it is aimed at, as far as this node knows. */
        boolean known() {
            return !flags.isEmpty();
        }
    }

    /** @param mayBeUnknown whether a target that matches nothing is taken all the same */
    static Ordered order(Image image, KillRequest request, CommandContext context, boolean mayBeUnknown) {
        EnvironmentImage environment = image.environment(request.environment())
                .orElseThrow(() -> Refused.unknown(
                        "environment",
                        request.environment(),
                        "one of "
                                + String.join(
                                        ", ", new TreeSet<>(image.environments().keySet())),
                        image.environments().keySet()));
        places("services", request.services());
        places("regions", request.regions());
        if (context.reason().isBlank()) {
            throw new InvalidInput("reason", "nothing", "why it is stopped");
        }
        SortedSet<String> flags = Resolution.matching(image, environment, request.target());
        if (flags.isEmpty() && !mayBeUnknown) {
            throw Resolution.nothing(image, environment, request.target());
        }
        boolean listed = !(request.target() instanceof Target.Everything) && Kill.canList(flags);
        KillOrder order = new KillOrder(
                request.environment(),
                request.target(),
                listed ? listed(request.target(), flags) : new TreeSet<>(),
                request.audience().map(audience -> Inlining.of(audience, environment)),
                request.services(),
                request.regions(),
                context.reason(),
                context.actor(),
                request.origin(),
                context.idempotency().map(CommandContext.Idempotency::key),
                new Kill.Resolved(image.provenance().epoch(), image.provenance().version(), listed));
        int chars = order.bodyChars();
        if (chars > SignedKill.MAX_SIGNED_CHARS) {
            throw new InvalidInput(
                    order.audience().isPresent() ? "audience" : "services",
                    "a kill of " + chars + " characters, segments written out",
                    "at most " + SignedKill.MAX_SIGNED_CHARS + "; stop a wider audience and all services, which is"
                            + " shorter");
        }
        return new Ordered(order, flags);
    }

    /** What to say of a target that a node doesn't know that is cut off, and that may know less than others. */
    static Refused unknown(Image image, KillOrder order, StoreHealth store) {
        EnvironmentImage environment = image.environment(order.environment()).orElseThrow();
        return Resolution.nothing(image, environment, order.target())
                .unconfirmed("; this node is cut off since " + store.since()
                        + " and may not know all. The confirmation of a dry run stops it all the same");
    }

    /** One flag is named even where there is none yet. */
    private static SortedSet<String> listed(Target target, SortedSet<String> flags) {
        return target instanceof Target.OneFlag one ? new TreeSet<>(List.of(one.flag())) : flags;
    }

    /** The kill that stands and stops the same, if there is one. */
    static Optional<StandingKill> already(KnownKills kills, KillOrder order) {
        return kills.standing(order.environment()).stream()
                .filter(kill -> order.stopsTheSameAs(kill.signed().kill()))
                .findFirst();
    }

    /** The flags that require one of these, however many steps away, without these themselves. */
    static SortedSet<String> dependents(Image image, String environment, SortedSet<String> flags) {
        EnvironmentImage part = image.environments().get(environment);
        if (part == null) {
            return new TreeSet<>();
        }
        SortedSet<String> dependents = new TreeSet<>(new Dependents(part).reachedFlags(flags, List.of()));
        dependents.removeAll(flags);
        return dependents;
    }

    private static void places(String field, List<String> places) {
        if (places.size() > MAX_PLACES) {
            throw new InvalidInput(field, places.size() + " items", "at most " + MAX_PLACES);
        }
        for (String place : places) {
            Keys.name(field, place);
        }
    }
}
