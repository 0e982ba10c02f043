package dev.andon.server.flag;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.KnownKills;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** How flags are shown. */
final class FlagJson {
    private static final Schema SUMMARY = Schema.object()
            .required("version", Shapes.VERSION)
            .required("on", Schema.bool("Off serves the safe variant to everyone"))
            .required("kills", Shapes.KILLS)
            .build();

    private static final Schema DETAIL = Schema.object()
            .required("version", Shapes.VERSION)
            .required("configuration", Shapes.CONFIGURATION)
            .required("kills", Shapes.KILLS)
            .build();

    static final Schema LISTED = Schema.object()
            .required("key", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required("flag", Shapes.FLAG)
            .required("environments", Schema.map(SUMMARY, "By environment's key"))
            .build();

    static final Schema WHOLE = Schema.object()
            .required("key", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required("flag", Shapes.FLAG)
            .required("environments", Schema.map(DETAIL, "By environment's key"))
            .named("FlagEverywhere");

    static final Schema CONFIGURED = Schema.object()
            .required("environment", Shapes.KEY)
            .required("key", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required("flag", Shapes.FLAG)
            .required("configuration", Shapes.CONFIGURATION)
            .required("kills", Shapes.KILLS)
            .named("FlagInEnvironment");

    private FlagJson() {}

    static Collection<Versioned<Flag>> inUse(Image image) {
        return image.flags().values().stream()
                .filter(flag -> !flag.value().archived())
                .toList();
    }

    static Json listed(Image image, KnownKills kills, Versioned<Flag> flag) {
        Json.Builder environments = Json.object();
        new TreeMap<>(image.environments()).forEach((key, environment) -> {
            Versioned<Configuration> configuration =
                    environment.configurations().get(flag.value().key());
            if (configuration != null) {
                environments.put(
                        key,
                        Json.object()
                                .put("version", configuration.version())
                                .put("on", configuration.value().on())
                                .put("kills", kills(kills, key, flag.value().key())));
            }
        });
        return head(flag).put("environments", environments).build();
    }

    static Json whole(Image image, KnownKills kills, Versioned<Flag> flag) {
        Json.Builder environments = Json.object();
        new TreeMap<>(image.environments()).forEach((key, environment) -> {
            Versioned<Configuration> configuration =
                    environment.configurations().get(flag.value().key());
            if (configuration != null) {
                environments.put(
                        key,
                        Json.object()
                                .put("version", configuration.version())
                                .put("configuration", configuration.value().toJson())
                                .put("kills", kills(kills, key, flag.value().key())));
            }
        });
        return head(flag).put("environments", environments).build();
    }

    static Json configured(
            EnvironmentImage environment, KnownKills kills, Flag flag, Versioned<Configuration> configuration) {
        String key = environment.environment().key();
        return Json.object()
                .put("environment", key)
                .put("key", flag.key())
                .put("version", configuration.version())
                .put("flag", flag.toJson())
                .put("configuration", configuration.value().toJson())
                .put("kills", kills(kills, key, flag.key()))
                .build();
    }

    private static Json.Builder head(Versioned<Flag> flag) {
        return Json.object()
                .put("key", flag.value().key())
                .put("version", flag.version())
                .put("flag", flag.value().toJson());
    }

    private static Json kills(KnownKills kills, String environment, String flag) {
        List<String> ids = new ArrayList<>();
        kills.holding(environment, flag).forEach(kill -> ids.add(kill.id().toString()));
        return Json.texts(ids);
    }
}
