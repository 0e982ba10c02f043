package dev.andon.core.stop;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A kill before it has a number: what {@link Kill} says, apart from its id and node.
 *
 * @param flags the keys that the target resolved to
 * @param request the caller's idempotency key, with the caller's identity before it
 */
public record KillOrder(
        String environment,
        Target target,
        SortedSet<String> flags,
        Optional<Condition> audience,
        List<String> services,
        List<String> regions,
        String reason,
        String actor,
        Origin origin,
        Optional<String> request) {
    public KillOrder {
        flags = Collections.unmodifiableSortedSet(new TreeSet<>(flags));
        services = List.copyOf(services);
        regions = List.copyOf(regions);
    }

    static KillOrder of(Kill kill) {
        return new KillOrder(
                kill.environment(),
                kill.target(),
                kill.flags(),
                kill.audience(),
                kill.services(),
                kill.regions(),
                kill.reason(),
                kill.actor(),
                kill.origin(),
                kill.request());
    }

    Kill numbered(KillId id, Instant at, String node) {
        return new Kill(
                id, environment, target, flags, audience, services, regions, reason, actor, origin, at, node, request);
    }

    /** Whether both stop the same for the same audience, whoever asks for whatever reason. */
    boolean stopsTheSameAs(KillOrder other) {
        return environment.equals(other.environment)
                && target.equals(other.target)
                && audience.equals(other.audience)
                && services.equals(other.services)
                && regions.equals(other.regions)
                && other.flags.containsAll(flags);
    }

    /** Whether both are one request, sent twice. */
    boolean sameRequestAs(KillOrder other) {
        return requestDigest().equals(other.requestDigest());
    }

    /** Lower-case hexadecimal SHA-256 over what the caller asked for. */
    String requestDigest() {
        Json.Builder json = Json.object()
                .put("environment", environment)
                .put("target", target.toJson())
                .put("services", Json.texts(services))
                .put("regions", Json.texts(regions))
                .put("reason", reason);
        audience.ifPresent(condition -> json.put("audience", condition.toJson()));
        try {
            byte[] text = json.build().text().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is required of every Java runtime", e);
        }
    }
}
