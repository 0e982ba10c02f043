package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.ServedState;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;

/** The exports' part of the API. Thread-safe. */
public final class Exports {
    private static final String YAML = "yaml";
    private static final List<String> FORMATS = List.of("json", YAML);
    private static final String EXPORTED = "exported";
    private static final String LEFT_OUT = "left-out";

    private static final Schema ANSWER = Schema.object()
            .required("environment", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required("document", Schema.anything("The flagd document: an object, or text in YAML"))
            .required(
                    "kills",
                    Schema.array(Schema.text("A kill's id"), "Kills that stand, and stop flags in the document, too"))
            .required(
                    "flags",
                    Schema.array(
                            Schema.object()
                                    .required("key", Shapes.KEY)
                                    .required(
                                            "result",
                                            Schema.words(List.of(EXPORTED, LEFT_OUT), "Whether the document has it"))
                                    .required(
                                            "warnings",
                                            Schema.array(
                                                    Schema.text("A sentence"),
                                                    "What isn't in the document, or is there in another form; why a"
                                                            + " flag is left out"))
                                    .build(),
                            "The environment's flags"))
            .named("Export");

    private final ControlPlane plane;
    private final Function<String, Optional<ServedState>> newest;

    /** @param newest what is served of an environment now */
    public Exports(ControlPlane plane, Function<String, Optional<ServedState>> newest) {
        this.plane = plane;
        this.newest = newest;
    }

    public List<Route> routes() {
        return List.of(Route.get(Route.API + "/environments/{environment}/flagd")
                .operation(
                        "exports",
                        "exportFlags",
                        "The environment's flags as a flagd document, standing kills included")
                .needs(Access.VIEWER)
                .query(
                        "format",
                        Schema.words(FORMATS, "How the document is written; `json` unless given"),
                        "The format")
                .answers(200, "The document, and what it lacks", ANSWER)
                .does(this::export));
    }

    private Reply export(Call call) {
        String format = call.query("format").orElse(FORMATS.getFirst());
        if (!FORMATS.contains(format)) {
            throw new InvalidInput("query.format", format, "one of " + String.join(", ", FORMATS));
        }
        String environment = call.path("environment");
        ServedState state = newest.apply(environment)
                .orElseThrow(() -> Problems.notFound(
                        "environment", environment, plane.image().environments().keySet()));
        Export export = Export.of(state);
        return Reply.ok(Json.object()
                .put("environment", environment)
                .put("version", state.version())
                .put(
                        "kills",
                        Json.texts(export.kills().stream().map(KillId::toString).toList()))
                .put("flags", Json.array(flags(export)))
                .put("document", format.equals(YAML) ? Json.of(YamlText.of(export.json())) : export.json())
                .build());
    }

    private static List<Json> flags(Export export) {
        SortedMap<String, Json> flags = new TreeMap<>();
        export.warnings().forEach((key, warnings) -> flags.put(key, flag(key, EXPORTED, Json.texts(warnings))));
        export.left().forEach((key, why) -> flags.put(key, flag(key, LEFT_OUT, Json.texts(List.of(why.getMessage())))));
        return flags.values().stream().toList();
    }

    private static Json flag(String key, String result, Json warnings) {
        return Json.object()
                .put("key", key)
                .put("result", result)
                .put("warnings", warnings)
                .build();
    }
}
