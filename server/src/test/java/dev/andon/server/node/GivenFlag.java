package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import java.util.List;
import java.util.Optional;

/** A flag to begin with: on for everybody in production, safe when it is off. */
public final class GivenFlag {
    private GivenFlag() {}

    /** Throws what the command throws. */
    public static void create(ControlPlane plane, String key) {
        Flag flag = Flag.read(Fields.strict(Json.object()
                .put("key", key)
                .put("type", "boolean")
                .put("owner", "team")
                .build()));
        Configuration configuration = Configuration.read(Fields.strict(Json.object()
                .put("variants", Json.object().put("on", true).put("off", false))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", Json.object().put("variant", "on"))
                .build()));
        plane.execute(
                (image, kills, now) -> Decision.of(
                        "flag.create",
                        List.of(
                                new Event.FlagSaved(flag),
                                new Event.ConfigurationSaved("production", key, configuration)),
                        Committed::version),
                new CommandContext("ann", "because", "c", Optional.empty(), false));
    }
}
