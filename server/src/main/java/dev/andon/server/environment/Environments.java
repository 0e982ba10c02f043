package dev.andon.server.environment;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Page;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.Command;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.util.List;

/** The environments' part of the API. Thread-safe. */
public final class Environments {
    private static final String PATH = Route.API + "/environments";

    private final ControlPlane plane;

    public Environments(ControlPlane plane) {
        this.plane = plane;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("environments", "listEnvironments", "The environments")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(
                                200,
                                "A page of environments",
                                Schema.page(Schema.object()
                                        .required("key", Shapes.KEY)
                                        .required("description", Schema.text("What it is for"))
                                        .required("version", Shapes.VERSION)
                                        .required("flags", Schema.whole(0, Long.MAX_VALUE, "How many flags it has"))
                                        .required(
                                                "kills", Schema.whole(0, Long.MAX_VALUE, "How many kills stand in it"))
                                        .build()))
                        .does(this::list),
                Route.post(PATH)
                        .operation("environments", "createEnvironment", "Creates an environment, without flags")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object()
                                .required("key", Shapes.KEY)
                                .optional("description", Schema.text("What it is for")))
                        .answers(
                                201,
                                "The environment",
                                Schema.object()
                                        .required("version", Shapes.VERSION)
                                        .required("environment", Shapes.ENVIRONMENT)
                                        .build())
                        .does(this::create));
    }

    private Reply list(Call call) {
        KnownKills kills = plane.kills();
        Page page = call.page();
        return Reply.ok(page.of(
                kills.image().environments().values(),
                environment -> environment.environment().key(),
                environment -> summary(environment, kills)));
    }

    private static Json summary(EnvironmentImage environment, KnownKills kills) {
        String key = environment.environment().key();
        return Json.object()
                .put("key", key)
                .put("description", environment.environment().description())
                .put("version", environment.version())
                .put("flags", environment.configurations().size())
                .put("kills", kills.standing(key).size())
                .build();
    }

    private Reply create(Call call) {
        Environment environment = call.read(Environment::read);
        return new Writes(plane).answer(call, 201, creating(environment));
    }

    static Command<Json> creating(Environment environment) {
        return (image, kills, now) -> {
            if (image.environments().containsKey(environment.key())) {
                throw new Refused(Refused.Code.CONFLICT, "key", environment.key(), "a key that no environment has");
            }
            return Decision.of(
                    "environment.create",
                    List.of(new Event.EnvironmentSaved(environment)),
                    committed -> Json.object()
                            .put("version", committed.version())
                            .put("environment", environment.toJson())
                            .build());
        };
    }
}
