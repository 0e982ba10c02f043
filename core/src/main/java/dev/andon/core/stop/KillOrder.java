package dev.andon.core.stop;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Sha256;
import dev.andon.core.model.Target;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A kill before it has a number: what {@link Kill} says, apart from its id and node.
 *
 * @param flags the keys that the target resolved to, if they are listed
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
        Optional<String> request,
        Kill.Resolved resolved) {
    public KillOrder {
        flags = Collections.unmodifiableSortedSet(new TreeSet<>(flags));
        services = List.copyOf(services);
        regions = List.copyOf(regions);
    }

    /** One that lists its flags and doesn't say what they were resolved on. */
    public KillOrder(
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
        this(
                environment,
                target,
                flags,
                audience,
                services,
                regions,
                reason,
                actor,
                origin,
                request,
                Kill.Resolved.UNKNOWN);
    }

    Kill numbered(KillId id, Instant at, String node) {
        return new Kill(
                id,
                environment,
                target,
                flags,
                audience,
                services,
                regions,
                reason,
                actor,
                origin,
                at,
                node,
                request,
                resolved);
    }

    /** How long the body of the kill will be, about. */
    public int bodyChars() {
        KillId longest = new KillId("0".repeat(KillId.MAX_JOURNAL_CHARS), Long.MAX_VALUE);
        return numbered(longest, Instant.MAX, "n".repeat(Keys.KEY_CHARS))
                .toJson()
                .text()
                .length();
    }

    /**
     * Whether the kill stops the same for the same audience, whoever asks for whatever reason. What the target resolves to
     * doesn't matter: what comes to match it is held.
     */
    public boolean stopsTheSameAs(Kill kill) {
        return environment.equals(kill.environment())
                && target.equals(kill.target())
                && audience.equals(kill.audience())
                && services.equals(kill.services())
                && regions.equals(kill.regions());
    }

    /** Whether the kill came of the same request. */
    boolean sameRequestAs(Kill kill) {
        return requestDigest().equals(requestDigest(kill));
    }

    /** Lower-case hexadecimal SHA-256 over what would be stopped, for whatever reason. */
    public String stopDigest() {
        return digest(environment, target, audience, services, regions, Optional.empty());
    }

    /** Lower-case hexadecimal SHA-256 over what the caller asked for. */
    String requestDigest() {
        return digest(environment, target, audience, services, regions, Optional.of(reason));
    }

    static String requestDigest(Kill kill) {
        return digest(
                kill.environment(),
                kill.target(),
                kill.audience(),
                kill.services(),
                kill.regions(),
                Optional.of(kill.reason()));
    }

    private static String digest(
            String environment,
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            Optional<String> reason) {
        Json.Builder json = Json.object()
                .put("environment", environment)
                .put("target", target.toJson())
                .put("services", Json.texts(services))
                .put("regions", Json.texts(regions))
                .put("reason", reason);
        audience.ifPresent(condition -> json.put("audience", condition.toJson()));
        return Sha256.hex(json.build().text());
    }
}
