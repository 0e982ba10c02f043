package dev.andon.core.event;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Keys;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One entry of the ledger: who did what, when and why, and the events that it amounts to.
 *
 * @param type what was done, such as {@code flag.create} or {@code rollback}
 * @param actor who did it
 * @param reason why, in the actor's words
 * @param cause what led to it, if it wasn't the actor's own decision (such as the version that a rollback goes back to)
 * @param correlation ties together what belongs to one request across log, ledger and answers
 * @param previous per subject of the events, the version that last changed it: what was before stands there. Subjects
 *     that are new aren't in it
 * @param events at least one
 */
public record Entry(
        String type,
        String actor,
        Instant at,
        String reason,
        Optional<String> cause,
        String correlation,
        Map<String, Long> previous,
        List<Event> events) {
    /** The format that this version writes; it reads every format up to it. */
    public static final int SCHEMA = 1;

    public static final int MAX_BYTES = JsonLimits.DEFAULT.bytes();

    private static final Set<String> HEADING = Set.of("schema", "type", "at");
    private static final JsonLimits LIMITS = new JsonLimits(MAX_BYTES, 64, MAX_BYTES);

    public Entry {
        Keys.name("actor", actor);
        Keys.prose("reason", reason);
        previous = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(previous));
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new InvalidInput("events", "[]", "at least one event");
        }
    }

    /** What was done and when, for whoever looks for an entry: a fraction of the cost of the whole. */
    public record Heading(String type, Instant at) {}

    /** The exact bytes to store. */
    public byte[] encode() {
        Json.Builder versions = Json.object();
        previous.forEach(versions::put);
        byte[] bytes = Json.object()
                .put("schema", SCHEMA)
                .put("type", type)
                .put("actor", actor)
                .put("at", at.toString())
                .put("reason", reason)
                .put("cause", cause)
                .put("correlation", correlation)
                .put("previous", versions)
                .put("events", Event.listJson(events))
                .build()
                .utf8();
        if (bytes.length > MAX_BYTES) {
            throw new InvalidInput("entry", bytes.length + " bytes", "at most " + MAX_BYTES + "; change less at once");
        }
        return bytes;
    }

    public static Entry decode(byte[] bytes) {
        Fields fields = Fields.lenient(Json.parse(bytes, LIMITS));
        fields.whole("schema", 1, SCHEMA);
        Map<String, Long> previous = new LinkedHashMap<>();
        fields.map("previous").forEach((subject, version) -> {
            if (!(version instanceof Json.Whole whole)) {
                throw new InvalidInput("previous." + subject, version.text(), "a version");
            }
            previous.put(subject, whole.value());
        });
        return new Entry(
                fields.text("type"),
                fields.text("actor"),
                instant(fields),
                fields.text("reason"),
                fields.optionalText("cause"),
                fields.text("correlation"),
                previous,
                new ArrayList<>(fields.objects("events", Event::read)));
    }

    /** Reads the beginning of an entry's bytes, and nothing of what it changed. */
    public static Heading heading(byte[] bytes) {
        Fields fields = Fields.lenient(Json.leading(bytes, LIMITS, HEADING));
        fields.whole("schema", 1, SCHEMA);
        return new Heading(fields.text("type"), instant(fields));
    }

    private static Instant instant(Fields fields) {
        String text = fields.text("at");
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException e) {
            throw new InvalidInput("at", Json.of(text).text(), "a time in UTC such as 2026-11-22T14:03:00Z");
        }
    }
}
