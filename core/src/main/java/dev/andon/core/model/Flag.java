package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.OptionalInt;
import java.util.SortedSet;

/**
 * A flag's identity and metadata, the same in every environment. Evaluation in an environment reads the
 * {@link Configuration} there.
 *
 * @param owner the team or person to tell; kills can target it
 * @param lifetimeDays how long the flag is expected to live; empty for flags meant to stay
 * @param archived true once the flag is out of use; its key stays taken for ever
 */
public record Flag(
        String key,
        FlagKind kind,
        ValueType type,
        String owner,
        String description,
        SortedSet<String> tags,
        OptionalInt lifetimeDays,
        boolean archived) {
    private static final int MAX_TAGS = 64;
    public static final int MAX_LIFETIME_DAYS = 36_500;

    public Flag {
        Keys.key("key", key);
        Keys.name("owner", owner);
        Keys.prose("description", description);
        Keys.atMost("tags", tags.size(), MAX_TAGS);
        tags.forEach(tag -> Keys.key("tags", tag));
        tags = Keys.sorted(tags);
        if (lifetimeDays.isPresent() && (lifetimeDays.getAsInt() < 1 || lifetimeDays.getAsInt() > MAX_LIFETIME_DAYS)) {
            throw new InvalidInput(
                    "lifetimeDays", "" + lifetimeDays.getAsInt(), "1 to " + MAX_LIFETIME_DAYS + ", or none");
        }
    }

    public Flag archive() {
        return new Flag(key, kind, type, owner, description, tags, lifetimeDays, true);
    }

    /** The same flag, in use again. */
    public Flag unarchive() {
        return new Flag(key, kind, type, owner, description, tags, lifetimeDays, false);
    }

    public static Flag read(Fields fields) {
        return new Flag(
                fields.text("key"),
                fields.has("kind") ? fields.word("kind", FlagKind.WORDS) : FlagKind.RELEASE,
                fields.word("type", ValueType.WORDS),
                fields.text("owner"),
                fields.text("description", ""),
                Keys.sorted(fields.texts("tags")),
                fields.has("lifetimeDays")
                        ? OptionalInt.of((int) fields.whole("lifetimeDays", 1, MAX_LIFETIME_DAYS))
                        : OptionalInt.empty(),
                fields.bool("archived", false));
    }

    public Json toJson() {
        Json.Builder json = Json.object()
                .put("key", key)
                .put("kind", kind.word())
                .put("type", type.word())
                .put("owner", owner)
                .put("description", description)
                .put("tags", Json.texts(tags));
        lifetimeDays.ifPresent(days -> json.put("lifetimeDays", days));
        return json.put("archived", archived).build();
    }
}
