package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * An order to stop, as the node that took it wrote it down. An overlay: the configuration under it stays untouched.
 *
 * @param flags the keys that the target resolved to when the kill was taken, if they are {@linkplain Resolved#listed
 *     listed}
 * @param audience who is stopped; everyone unless set. Holds no segment: segments are inlined when the kill is taken
 * @param services services that are stopped; all when empty
 * @param regions regions that are stopped; all when empty
 * @param actor who ordered it
 * @param node the node whose key signs it
 * @param request the caller's idempotency key, if there was one
 * @param resolved what the target was resolved on
 */
public record Kill(
        KillId id,
        String environment,
        Target target,
        SortedSet<String> flags,
        Optional<Condition> audience,
        List<String> services,
        List<String> regions,
        String reason,
        String actor,
        Origin origin,
        Instant at,
        String node,
        Optional<String> request,
        Resolved resolved) {
    public static final int MAX_FLAGS = 100_000;

    /** How long the list of flags may be; where it would be longer, the target alone says what is held. */
    public static final int MAX_LISTED_CHARS = 1 << 16;

    private static final int CHARS_AROUND_KEY = 3;

    /**
     * The ledger's state on which a target was resolved.
     *
     * @param listed whether the kill lists what the target resolved to; if not, it holds all that matched then
     */
    public record Resolved(long epoch, long version, boolean listed) {
        /** Of kills that don't say: they hold the flags that they list, and no others join. */
        public static final Resolved UNKNOWN = new Resolved(0, 0, true);

        static Resolved read(Fields fields) {
            return new Resolved(
                    fields.whole("epoch", 0, Long.MAX_VALUE),
                    fields.whole("version", 0, Long.MAX_VALUE),
                    fields.bool("listed", true));
        }

        Json toJson() {
            return Json.object()
                    .put("epoch", epoch)
                    .put("version", version)
                    .put("listed", listed)
                    .build();
        }
    }

    public Kill {
        Keys.key("environment", environment);
        Keys.atMost("flags", flags.size(), MAX_FLAGS);
        flags = Keys.sorted(flags);
        services = List.copyOf(services);
        regions = List.copyOf(regions);
        Keys.prose("reason", reason);
        if (reason.isBlank()) {
            throw new InvalidInput("reason", "nothing", "why it is stopped, for the log and for whoever is woken next");
        }
    }

    /** One that lists its flags and doesn't say what they were resolved on. */
    public Kill(
            KillId id,
            String environment,
            Target target,
            SortedSet<String> flags,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            String reason,
            String actor,
            Origin origin,
            Instant at,
            String node,
            Optional<String> request) {
        this(
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
                Resolved.UNKNOWN);
    }

    /** Whether it holds the flag for what the flag is, be the flag listed or not. */
    public boolean matches(Flag flag) {
        boolean joins = !target.wide() || !resolved.equals(Resolved.UNKNOWN);
        return joins && target.matches(flag);
    }

    /** Whether flags that it doesn't list may be held. */
    public boolean wide() {
        return target.wide() && !resolved.equals(Resolved.UNKNOWN);
    }

    /** Whether a list of these keys is short enough for a kill's body. */
    public static boolean canList(Collection<String> keys) {
        long chars = 0;
        for (String key : keys) {
            chars += key.length() + CHARS_AROUND_KEY;
        }
        return chars <= MAX_LISTED_CHARS;
    }

    public static Kill read(Fields fields) {
        return new Kill(
                KillId.parse(fields.pathOf("id"), fields.text("id")),
                fields.text("environment"),
                Target.read(fields.object("target")),
                Keys.sorted(fields.texts("flags")),
                fields.optionalObject("audience").map(Condition::read),
                fields.texts("services"),
                fields.texts("regions"),
                fields.text("reason"),
                fields.text("actor"),
                fields.word("origin", Origin.WORDS),
                instant(fields, "at"),
                fields.text("node"),
                fields.optionalText("request"),
                fields.optionalObject("resolved").map(Resolved::read).orElse(Resolved.UNKNOWN));
    }

    public Json toJson() {
        Json.Builder json = Json.object()
                .put("id", id.toString())
                .put("environment", environment)
                .put("target", target.toJson())
                .put("flags", Json.texts(flags));
        audience.ifPresent(condition -> json.put("audience", condition.toJson()));
        if (!services.isEmpty()) {
            json.put("services", Json.texts(services));
        }
        if (!regions.isEmpty()) {
            json.put("regions", Json.texts(regions));
        }
        json.put("reason", reason)
                .put("actor", actor)
                .put("origin", origin.word())
                .put("at", at.toString())
                .put("node", node)
                .put("request", request);
        if (!resolved.equals(Resolved.UNKNOWN)) {
            json.put("resolved", resolved.toJson());
        }
        return json.build();
    }

    static Instant instant(Fields fields, String name) {
        String text = fields.text(name);
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new InvalidInput(
                    fields.pathOf(name), Json.of(text).text(), "a time in UTC such as 2026-11-22T14:03:00Z");
        }
    }
}
