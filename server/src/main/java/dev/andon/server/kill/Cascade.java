package dev.andon.server.kill;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Prerequisite;
import dev.andon.server.http.Schema;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/** Flags that kills stop without holding them: they require, at however many steps, one that is held. */
final class Cascade {
    static final Schema SCHEMA = Schema.object()
            .required("flag", Schema.text("A flag that isn't held itself"))
            .required("requires", Schema.text("The stopped flag that it requires, directly or through others"))
            .required("kill", Schema.text("The id of a kill that holds that one"))
            .named("Cascaded");

    private static final int SHOWN = 100;

    private Cascade() {}

    /** Those of the flags that the kills stop so, the first few. */
    static List<Json> of(Image image, String environment, SortedSet<String> flags, List<StandingKill> kills) {
        EnvironmentImage part = image.environments().get(environment);
        List<Json> found = new ArrayList<>();
        if (part == null || kills.isEmpty()) {
            return found;
        }
        for (String flag : flags) {
            if (found.size() == SHOWN) {
                break;
            }
            boolean held = kills.stream().anyMatch(kill -> kill.holds(image, flag));
            if (!held) {
                required(image, part, flag, kills).ifPresent(found::add);
            }
        }
        return found;
    }

    private static Optional<Json> required(
            Image image, EnvironmentImage environment, String flag, List<StandingKill> kills) {
        Set<String> seen = new HashSet<>();
        ArrayDeque<String> open = new ArrayDeque<>(List.of(flag));
        while (!open.isEmpty()) {
            Versioned<Configuration> configuration =
                    environment.configurations().get(open.pop());
            if (configuration == null) {
                continue;
            }
            for (Prerequisite prerequisite : configuration.value().prerequisites()) {
                String required = prerequisite.flag();
                for (StandingKill kill : kills) {
                    if (kill.holds(image, required)) {
                        return Optional.of(Json.object()
                                .put("flag", flag)
                                .put("requires", required)
                                .put("kill", kill.id().toString())
                                .build());
                    }
                }
                if (seen.add(required)) {
                    open.push(required);
                }
            }
        }
        return Optional.empty();
    }

    /** In words: what it requires, and what holds that. */
    static String text(Json one) {
        Fields fields = Fields.lenient(one);
        return "it requires " + fields.text("requires") + ", which kill " + fields.text("kill") + " holds";
    }
}
