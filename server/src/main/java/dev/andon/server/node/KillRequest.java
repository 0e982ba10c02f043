package dev.andon.server.node;

import dev.andon.core.model.Condition;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import java.util.List;
import java.util.Optional;

/**
 * An order to stop; its reason and actor are the {@link CommandContext}'s.
 *
 * @param audience who is stopped; everyone unless set
 * @param services services that are stopped; all when empty
 * @param regions regions that are stopped; all when empty
 * @param confirmation the token of a dry run of the same
 */
public record KillRequest(
        String environment,
        Target target,
        Optional<Condition> audience,
        List<String> services,
        List<String> regions,
        Origin origin,
        Optional<String> confirmation) {
    public KillRequest(
            String environment,
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            Origin origin) {
        this(environment, target, audience, services, regions, origin, Optional.empty());
    }

    public KillRequest {
        services = List.copyOf(services);
        regions = List.copyOf(regions);
    }
}
