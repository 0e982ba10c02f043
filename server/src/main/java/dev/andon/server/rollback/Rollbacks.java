package dev.andon.server.rollback;

import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Refused;
import java.util.List;

/** The rollbacks' part of the API. Thread-safe. */
public final class Rollbacks {
    private static final int MAX_FLAGS = 1_000;

    private static final Schema ANSWER = Schema.object()
            .required("environment", Shapes.KEY)
            .required("to", Shapes.VERSION)
            .required("version", Shapes.VERSION)
            .required("flags", Schema.array(Shapes.KEY, "Flags whose configuration was taken back"))
            .required("segments", Schema.array(Shapes.KEY, "Segments that were taken back"))
            .required(
                    "skipped",
                    Schema.array(
                            Schema.object()
                                    .required("flag", Shapes.KEY)
                                    .required("why", Schema.text("Why nothing was to be done"))
                                    .build(),
                            "Flags that needed nothing"))
            .required(
                    "changedDependencies",
                    Schema.array(
                            Schema.object()
                                    .required(
                                            "subject",
                                            Schema.text("A segment or required flag that changed since then"))
                                    .required("change", Schema.words(List.of("changed", "removed"), "How"))
                                    .required("flags", Schema.array(Shapes.KEY, "The flags that read it"))
                                    .build(),
                            "What the flags read then and that is different now; taken back with `withDependencies`"))
            .required("alsoAffected", Schema.array(Shapes.KEY, "Other flags that read what was taken back"))
            .named("Rollback");

    private final ControlPlane plane;

    public Rollbacks(ControlPlane plane) {
        this.plane = plane;
    }

    public List<Route> routes() {
        return List.of(Route.post(Route.API + "/environments/{environment}/rollbacks")
                .operation("rollbacks", "rollBack", "Configures flags as they were at an earlier version")
                .needs(Access.ADMIN)
                .write()
                .takes(Schema.object()
                        .required("flags", Schema.array(Shapes.KEY, "The flags"))
                        .required("to", Schema.whole(1, Long.MAX_VALUE, "The version to go back to"))
                        .optional("withDependencies", Schema.bool("Segments and required flags too")))
                .answers(201, "What was taken back", ANSWER)
                .does(this::rollBack));
    }

    private Reply rollBack(Call call) {
        record Request(List<String> flags, long to, boolean withDependencies) {}
        Request request = call.read(fields -> new Request(
                fields.texts("flags"), fields.whole("to", 1, Long.MAX_VALUE), fields.bool("withDependencies", false)));
        if (request.flags().isEmpty() || request.flags().size() > MAX_FLAGS) {
            throw new InvalidInput("flags", request.flags().size() + " items", "1 to " + MAX_FLAGS + " flags' keys");
        }
        Image image = plane.image();
        String environment = call.path("environment");
        if (!image.environments().containsKey(environment)) {
            throw Problems.notFound(
                    "environment", environment, image.environments().keySet());
        }
        long newest = image.provenance().version();
        if (request.to() > newest) {
            throw new Refused(Refused.Code.NOT_FOUND, "to", "" + request.to(), "a version from 1 to " + newest);
        }
        Image old = plane.history().imageAt(request.to());
        Rollback rollback = new Rollback(environment, request.flags(), request.to(), request.withDependencies(), old);
        return new Writes(plane).answer(call, 201, rollback);
    }
}
