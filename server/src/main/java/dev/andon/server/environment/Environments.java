package dev.andon.server.environment;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import dev.andon.server.http.Access;
import dev.andon.server.http.AsOf;
import dev.andon.server.http.Call;
import dev.andon.server.http.Page;
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
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.util.List;

/** The environments' part of the API. Thread-safe. */
public final class Environments {
    private static final String PATH = Route.API + "/environments";

    private static final Schema DESCRIPTION = Schema.text("What it is for");
    private static final Schema SHOWN = Schema.object()
            .required("version", Shapes.VERSION)
            .required("environment", Shapes.ENVIRONMENT)
            .build();

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
                                        .required("description", DESCRIPTION)
                                        .required("protocols", Shapes.PROTOCOLS)
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
                                .optional("description", DESCRIPTION)
                                .optional("protocols", Shapes.PROTOCOLS))
                        .answers(201, "The environment", SHOWN)
                        .does(this::create),
                Route.get(PATH + "/{environment}")
                        .operation("environments", "readEnvironment", "An environment, without what is in it")
                        .needs(Access.VIEWER)
                        .asOf()
                        .answers(200, "The environment", SHOWN)
                        .does(this::read),
                Route.put(PATH + "/{environment}")
                        .operation("environments", "editEnvironment", "Replaces what is said of an environment")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .refuses(428)
                        .takes(Schema.object().required("environment", Shapes.ENVIRONMENT))
                        .answers(200, "The environment", SHOWN)
                        .does(this::edit));
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
                .put("protocols", Json.texts(environment.environment().protocols()))
                .put("version", environment.version())
                .put("flags", environment.configurations().size())
                .put("kills", kills.standing(key).size())
                .build();
    }

    private Reply read(Call call) {
        EnvironmentImage environment = find(AsOf.state(call, plane).image(), call.path("environment"));
        return Reply.ok(shown(environment.environment(), environment.version())).version(environment.version());
    }

    private Reply create(Call call) {
        Environment environment = call.read(Environment::read);
        return new Writes(plane).answer(call, 201, creating(environment));
    }

    private Reply edit(Call call) {
        Environment environment = call.read(fields -> Call.nested(fields, "environment", Environment::read));
        if (!environment.key().equals(call.path("environment"))) {
            throw new InvalidInput(
                    "environment.key",
                    environment.key(),
                    call.path("environment") + ", as in the path; keys don't change");
        }
        return new Writes(plane).answer(call, 200, editing(environment, call.precondition()));
    }

    private static EnvironmentImage find(Image image, String key) {
        return image.environment(key)
                .orElseThrow(() -> Problems.notFound(
                        "environment", key, image.environments().keySet()));
    }

    private static Json shown(Environment environment, long version) {
        return Json.object()
                .put("version", version)
                .put("environment", environment.toJson())
                .build();
    }

    static Command<Json> creating(Environment environment) {
        return (image, kills, now) -> {
            if (image.environments().containsKey(environment.key())) {
                throw new Refused(Refused.Code.CONFLICT, "key", environment.key(), "a key that no environment has");
            }
            return Decision.of(
                    "environment.create",
                    List.of(new Event.EnvironmentSaved(environment)),
                    committed -> shown(environment, committed.version()));
        };
    }

    private static Command<Json> editing(Environment environment, Precondition precondition) {
        return (image, kills, now) -> {
            EnvironmentImage known = find(image, environment.key());
            precondition.checkReplacing(environment.key(), known.version());
            boolean same = known.environment().equals(environment);
            return Decision.of(
                    "environment.edit",
                    same ? List.of() : List.of(new Event.EnvironmentSaved(environment)),
                    committed -> shown(environment, committed.version()));
        };
    }
}
