package dev.andon.core.image;

import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Segment;
import java.util.Map;

/**
 * One environment's part of an image. Immutable.
 *
 * @param version the last entry that changed what clients of this environment see
 * @param configurations by flag key, without archived flags
 * @param digest over the flags' metadata, configurations, segments and standing kills
 */
public record EnvironmentImage(
        Environment environment,
        long version,
        Map<String, Versioned<Configuration>> configurations,
        Map<String, Versioned<Segment>> segments,
        Map<KillId, Versioned<StandingKill>> kills,
        Digest digest) {

    static EnvironmentImage empty(Environment environment) {
        return new EnvironmentImage(environment, 0, Map.of(), Map.of(), Map.of(), Digest.EMPTY);
    }
}
