package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Keys;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problem;
import dev.andon.server.http.ProblemException;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.ControlPlane;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The imports' part of the API. Thread-safe. */
public final class Imports {
    private static final int SHOWN = 20;
    private static final List<String> RESULTS = List.of("created", "updated", "unchanged");

    private static final Schema WARNINGS =
            Schema.array(Schema.text("A sentence"), "What isn't kept, or works differently here");

    private static final Schema DOCUMENT = Schema.oneOf(
            List.of(
                    Schema.openObject("A flagd document"),
                    Schema.text("A flagd document as text, in YAML 1.2 or JSON")),
            "A flagd document, as it is or as text");

    private static final Schema ANSWER = Schema.object()
            .required("environment", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required(
                    "flags",
                    Schema.array(
                            Schema.object()
                                    .required("key", Shapes.KEY)
                                    .required("result", Schema.words(RESULTS, "What became of it"))
                                    .required("safeVariant", Schema.text("What a kill serves: check that it is safe"))
                                    .required("warnings", WARNINGS)
                                    .build(),
                            "The document's flags"))
            .required(
                    "segments",
                    Schema.array(
                            Schema.object()
                                    .required("key", Shapes.KEY)
                                    .required("result", Schema.words(RESULTS, "What became of it"))
                                    .build(),
                            "Segments made of the document's evaluators"))
            .required("warnings", WARNINGS)
            .named("Import");

    private final ControlPlane plane;

    public Imports(ControlPlane plane) {
        this.plane = plane;
    }

    public List<Route> routes() {
        return List.of(Route.post(Route.API + "/environments/{environment}/imports")
                .operation("imports", "importFlags", "Takes over a document of another product: all of it, or nothing")
                .needs(Access.ADMIN)
                .write()
                .takes(Schema.object()
                        .required("format", Schema.words(List.of("flagd"), "What the document is"))
                        .required("document", DOCUMENT)
                        .optional(
                                "owner",
                                Schema.text(
                                        "The owner of new flags; unless given, what their `metadata.owner` says, or `"
                                                + ImportCommand.OWNER + "`"))
                        .optional(
                                "kind",
                                Schema.words(
                                        FlagKind.WORDS.keySet(),
                                        "The kind of new flags; unless given, what their `metadata.kind` says, or"
                                                + " `release`"))
                        .optional("without", Schema.array(Shapes.KEY, "Flags of the document to leave out")))
                .answers(201, "What became of each flag", ANSWER)
                .does(this::importFlags));
    }

    private Reply importFlags(Call call) {
        record Request(FlagdDocument document, Optional<String> owner, Optional<FlagKind> kind) {}
        Request request = call.read(fields -> {
            fields.word("format", Map.of("flagd", true));
            Set<String> without = new HashSet<>(fields.texts("without"));
            return new Request(
                    FlagdDocument.read(document(fields.json("document")), without),
                    fields.optionalText("owner").map(owner -> Keys.name("owner", owner)),
                    fields.has("kind") ? Optional.of(fields.word("kind", FlagKind.WORDS)) : Optional.empty());
        });
        refuseProblems(request.document().problems());
        ImportCommand command =
                new ImportCommand(call.path("environment"), request.document(), request.owner(), request.kind());
        return new Writes(plane).answer(call, 201, command);
    }

    /** Text is YAML, or JSON, which is YAML as well. */
    private static Json document(Json given) {
        return given instanceof Json.Text text ? Yaml.read(text.value()) : given;
    }

    /** All of them at once, so that a document needn't be mended one refusal at a time. */
    private static void refuseProblems(List<InvalidInput> problems) {
        if (problems.isEmpty()) {
            return;
        }
        InvalidInput first = problems.getFirst();
        int more = problems.size() - SHOWN;
        String detail = problems.stream()
                .limit(SHOWN)
                .map(InvalidInput::getMessage)
                .collect(Collectors.joining("; ", "", more > 0 ? "; and " + more + " flags more" : ""));
        throw new ProblemException(Problem.of(400, "not-expressible", "The document can't be taken over whole", detail)
                .at(first.path(), first.value(), first.expected())
                .next("Nothing was changed. Change these flags, or leave them out with `without`."));
    }
}
