package dev.andon.server.kill;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Flag;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.http.Schema;
import dev.andon.server.node.Presence;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What processes stop by themselves of some flags: no kill began it, and no restore ends it. */
final class LocallyStopped {
    static final Schema SCHEMA = Schema.object()
            .required("service", Schema.text("The service"))
            .required("instance", Schema.text("The process"))
            .required("source", Schema.text("Where it was set, and only there it ends: code, environment or file"))
            .required("target", Schema.text("What it stops"))
            .required("reason", Schema.text("Why"))
            .named("LocallyStopped");

    private static final int SHOWN = 100;

    private LocallyStopped() {}

    /** The first 100 of the connected processes and their stops that hold any of the flags. */
    static List<Json> of(List<Presence.Present> present, Image image, Collection<String> flags) {
        List<Json> found = new ArrayList<>();
        // Very many processes stop the same few things.
        Map<LocalStop, Boolean> known = new HashMap<>();
        for (Presence.Present one : present) {
            for (Frame.LocalStops.Standing standing : one.local().stops()) {
                if (one.connected()
                        && found.size() < SHOWN
                        && known.computeIfAbsent(standing.stop(), stop -> holdsAny(stop, image, flags))) {
                    found.add(Json.object()
                            .put("service", one.instance().key().service())
                            .put("instance", one.instance().key().instance())
                            .put("source", standing.stop().source().word())
                            .put("target", standing.stop().target().label())
                            .put("reason", standing.stop().reason())
                            .build());
                }
            }
        }
        return found;
    }

    private static boolean holdsAny(LocalStop stop, Image image, Collection<String> flags) {
        if (stop.target() instanceof Target.OneFlag one) {
            return flags.contains(one.flag());
        }
        return flags.stream().anyMatch(flag -> {
            Versioned<Flag> known = image.flags().get(flag);
            return known != null && stop.target().matches(known.value());
        });
    }
}
