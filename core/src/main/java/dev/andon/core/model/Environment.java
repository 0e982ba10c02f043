package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A self-contained place of use, such as {@code production}: everything that evaluation reads belongs to one.
 *
 * @param protocols of {@link #PROTOCOLS}, whose clients evaluate by themselves here: what one of them can't express is refused
 *     when it is saved
 */
public record Environment(String key, String description, SortedSet<String> protocols) {
    /** Clients that get all flags as a flagd document. */
    public static final String FLAGD_SYNC = "flagd-sync";

    /** Protocols that hand out rules in a language of their own. */
    public static final List<String> PROTOCOLS = List.of(FLAGD_SYNC);

    public Environment {
        Keys.key("key", key);
        Keys.prose("description", description);
        for (String protocol : protocols) {
            if (!PROTOCOLS.contains(protocol)) {
                throw new InvalidInput("protocols", protocol, "one of " + String.join(", ", PROTOCOLS));
            }
        }
        protocols = Keys.sorted(protocols);
    }

    /** Served by the stream and by evaluation on the server alone. */
    public Environment(String key, String description) {
        this(key, description, new TreeSet<>());
    }

    public boolean serves(String protocol) {
        return protocols.contains(protocol);
    }

    public Environment serving(String protocol) {
        SortedSet<String> more = new TreeSet<>(protocols);
        more.add(protocol);
        return new Environment(key, description, more);
    }

    public static Environment read(Fields fields) {
        return new Environment(
                fields.text("key"), fields.text("description", ""), Keys.sorted(fields.texts("protocols")));
    }

    public Json toJson() {
        Json.Builder json = Json.object().put("key", key).put("description", description);
        if (!protocols.isEmpty()) {
            json.put("protocols", Json.texts(protocols));
        }
        return json.build();
    }
}
