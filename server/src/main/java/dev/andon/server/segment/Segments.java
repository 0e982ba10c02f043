package dev.andon.server.segment;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Segment;
import dev.andon.server.http.Access;
import dev.andon.server.http.AsOf;
import dev.andon.server.http.Call;
import dev.andon.server.http.Precondition;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.Command;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import java.util.List;

/** The segments' part of the API. Thread-safe. */
public final class Segments {
    private static final String PATH = Route.API + "/environments/{environment}/segments";

    private static final Schema SHOWN = Schema.object()
            .required("environment", Shapes.KEY)
            .required("key", Shapes.KEY)
            .required("version", Shapes.VERSION)
            .required("segment", Shapes.SEGMENT)
            .named("SegmentInEnvironment");

    private final ControlPlane plane;
    private final Writes writes;

    public Segments(ControlPlane plane) {
        this.plane = plane;
        this.writes = new Writes(plane);
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("segments", "listSegments", "An environment's segments")
                        .needs(Access.VIEWER)
                        .asOf()
                        .pages()
                        .answers(200, "A page of segments", Schema.page(SHOWN))
                        .does(this::list),
                Route.get(PATH + "/{segment}")
                        .operation("segments", "readSegment", "A segment")
                        .needs(Access.VIEWER)
                        .asOf()
                        .answers(200, "The segment", SHOWN)
                        .does(this::read),
                Route.put(PATH + "/{segment}")
                        .operation("segments", "saveSegment", "Creates or replaces a segment")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .refuses(428)
                        .takes(Schema.object().required("segment", Shapes.SEGMENT))
                        .answers(200, "The segment", SHOWN)
                        .does(this::save),
                Route.delete(PATH + "/{segment}")
                        .operation("segments", "deleteSegment", "Deletes a segment that nothing uses")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .answers(
                                200,
                                "It is gone",
                                Schema.object()
                                        .required("environment", Shapes.KEY)
                                        .required("key", Shapes.KEY)
                                        .required("version", Shapes.VERSION)
                                        .required("deleted", Schema.bool("Always true"))
                                        .build())
                        .does(this::delete));
    }

    private Reply list(Call call) {
        EnvironmentImage environment = environment(AsOf.state(call, plane).image(), call.path("environment"));
        return Reply.ok(call.page()
                .of(
                        environment.segments().values(),
                        segment -> segment.value().key(),
                        segment -> shown(call.path("environment"), segment)));
    }

    private Reply read(Call call) {
        EnvironmentImage environment = environment(AsOf.state(call, plane).image(), call.path("environment"));
        Versioned<Segment> segment = segment(environment, call.path("segment"));
        return Reply.ok(shown(call.path("environment"), segment)).version(segment.version());
    }

    private Reply save(Call call) {
        Segment segment = call.read(fields -> Call.nested(fields, "segment", Segment::read));
        if (!segment.key().equals(call.path("segment"))) {
            throw new InvalidInput("segment.key", segment.key(), call.path("segment") + ", as in the path");
        }
        return writes.answer(call, 200, saving(call.path("environment"), segment, call.precondition()));
    }

    private Reply delete(Call call) {
        return writes.answer(call, 200, deleting(call.path("environment"), call.path("segment"), call.precondition()));
    }

    static Command<Json> saving(String environment, Segment segment, Precondition precondition) {
        return (image, kills, now) -> {
            Versioned<Segment> known =
                    environment(image, environment).segments().get(segment.key());
            precondition.checkReplacing(environment + "/" + segment.key(), known == null ? 0 : known.version());
            boolean same = known != null && known.value().equals(segment);
            return Decision.of(
                    "segment.save",
                    same ? List.of() : List.of(new Event.SegmentSaved(environment, segment)),
                    committed ->
                            shown(environment, segment(environment(committed.after(), environment), segment.key())));
        };
    }

    static Command<Json> deleting(String environment, String key, Precondition precondition) {
        return (image, kills, now) -> {
            Versioned<Segment> known = segment(environment(image, environment), key);
            precondition.check(environment + "/" + key, known.version());
            return Decision.of(
                    "segment.delete",
                    List.of(new Event.SegmentDeleted(environment, key)),
                    committed -> Json.object()
                            .put("environment", environment)
                            .put("key", key)
                            .put("version", committed.version())
                            .put("deleted", true)
                            .build());
        };
    }

    private static Json shown(String environment, Versioned<Segment> segment) {
        return Json.object()
                .put("environment", environment)
                .put("key", segment.value().key())
                .put("version", segment.version())
                .put("segment", segment.value().toJson())
                .build();
    }

    private static EnvironmentImage environment(Image image, String key) {
        return image.environment(key)
                .orElseThrow(() -> Problems.notFound(
                        "environment", key, image.environments().keySet()));
    }

    private static Versioned<Segment> segment(EnvironmentImage environment, String key) {
        Versioned<Segment> segment = environment.segments().get(key);
        if (segment == null) {
            throw Problems.notFound("segment", key, environment.segments().keySet());
        }
        return segment;
    }
}
