package dev.andon.server.flag;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.server.http.Access;
import dev.andon.server.http.AsOf;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.KnownKills;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The flags' part of the API. Thread-safe. */
public final class Flags {
    private static final String EVERYWHERE = Route.API + "/flags";
    private static final String HERE = Route.API + "/environments/{environment}/flags";

    private final ControlPlane plane;
    private final Writes writes;

    public Flags(ControlPlane plane) {
        this.plane = plane;
        this.writes = new Writes(plane);
    }

    public List<Route> routes() {
        return List.of(
                Route.get(EVERYWHERE)
                        .operation("flags", "listFlags", "The flags in use, with their state in every environment")
                        .needs(Access.VIEWER)
                        .asOf()
                        .pages()
                        .answers(200, "A page of flags", Schema.page(FlagJson.LISTED))
                        .does(this::list),
                Route.post(EVERYWHERE)
                        .operation("flags", "createFlag", "Creates a flag and configures it, off unless told otherwise")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object()
                                .required("flag", Shapes.FLAG)
                                .optional("configuration", Shapes.FIRST_CONFIGURATION)
                                .optional("environments", Schema.array(Shapes.KEY, "Where; everywhere unless given")))
                        .answers(201, "The flag", FlagJson.WHOLE)
                        .does(this::create),
                Route.get(EVERYWHERE + "/{flag}")
                        .operation("flags", "readFlag", "A flag, and its configuration in every environment")
                        .needs(Access.VIEWER)
                        .asOf()
                        .answers(200, "The flag", FlagJson.WHOLE)
                        .does(this::read),
                Route.put(EVERYWHERE + "/{flag}")
                        .operation("flags", "editFlag", "Replaces a flag's metadata")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .refuses(428)
                        .takes(Schema.object().required("flag", Shapes.FLAG))
                        .answers(200, "The flag", FlagJson.WHOLE)
                        .does(this::edit),
                Route.delete(EVERYWHERE + "/{flag}")
                        .operation("flags", "archiveFlag", "Takes a flag out of use everywhere; its key stays taken")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .answers(
                                200,
                                "The archived flag",
                                Schema.object()
                                        .required("key", Shapes.KEY)
                                        .required("version", Shapes.VERSION)
                                        .required("flag", Shapes.FLAG)
                                        .build())
                        .does(this::archive),
                Route.get(HERE)
                        .operation("flags", "listConfigurations", "An environment's flags and their configurations")
                        .needs(Access.VIEWER)
                        .asOf()
                        .pages()
                        .answers(200, "A page of flags", Schema.page(FlagJson.CONFIGURED))
                        .does(this::listHere),
                Route.get(HERE + "/{flag}")
                        .operation("flags", "readConfiguration", "A flag and its configuration in an environment")
                        .needs(Access.VIEWER)
                        .asOf()
                        .answers(200, "The flag", FlagJson.CONFIGURED)
                        .does(this::readHere),
                Route.put(HERE + "/{flag}")
                        .operation("flags", "configureFlag", "Replaces a flag's configuration in an environment")
                        .needs(Access.ADMIN)
                        .write()
                        .conditional()
                        .refuses(428)
                        .takes(Schema.object().required("configuration", Shapes.CONFIGURATION))
                        .answers(200, "The flag", FlagJson.CONFIGURED)
                        .does(this::configure));
    }

    private Reply list(Call call) {
        KnownKills kills = AsOf.state(call, plane);
        Image image = kills.image();
        return Reply.ok(call.page()
                .of(FlagJson.inUse(image), flag -> flag.value().key(), flag -> FlagJson.listed(image, kills, flag)));
    }

    private Reply create(Call call) {
        record Request(Flag flag, Optional<Configuration> configuration, List<String> environments) {}
        Request request =
                call.read(fields -> new Request(readFlag(fields), firstConfiguration(fields), environments(fields)));
        return writes.answer(
                call, 201, FlagCommands.create(request.flag(), request.configuration(), request.environments()));
    }

    private Reply read(Call call) {
        KnownKills kills = AsOf.state(call, plane);
        Versioned<Flag> flag = FlagCommands.inUse(kills.image(), call.path("flag"));
        return Reply.ok(FlagJson.whole(kills.image(), kills, flag)).version(flag.version());
    }

    private Reply edit(Call call) {
        Flag flag = call.read(Flags::readFlag);
        if (!flag.key().equals(call.path("flag"))) {
            throw new InvalidInput("flag.key", flag.key(), call.path("flag") + ", as in the path; keys don't change");
        }
        return writes.answer(call, 200, FlagCommands.edit(flag, call.precondition()));
    }

    private Reply archive(Call call) {
        return writes.answer(call, 200, FlagCommands.archive(call.path("flag"), call.precondition()));
    }

    private Reply listHere(Call call) {
        KnownKills kills = AsOf.state(call, plane);
        EnvironmentImage environment = FlagCommands.environment(kills.image(), call.path("environment"));
        return Reply.ok(call.page()
                .of(
                        environment.configurations().entrySet(),
                        Map.Entry::getKey,
                        flag -> FlagJson.configured(
                                environment,
                                kills,
                                Objects.requireNonNull(kills.image().flags().get(flag.getKey()))
                                        .value(),
                                flag.getValue())));
    }

    private Reply readHere(Call call) {
        KnownKills kills = AsOf.state(call, plane);
        EnvironmentImage environment = FlagCommands.environment(kills.image(), call.path("environment"));
        Versioned<Flag> flag = FlagCommands.inUse(kills.image(), call.path("flag"));
        Versioned<Configuration> configuration = environment.configurations().get(call.path("flag"));
        if (configuration == null) {
            throw Problems.notFound(
                    "flag", call.path("flag") + ", not configured in " + call.path("environment"), List.of());
        }
        return Reply.ok(FlagJson.configured(environment, kills, flag.value(), configuration))
                .version(configuration.version());
    }

    private Reply configure(Call call) {
        Configuration configuration = call.read(fields -> Call.nested(fields, "configuration", Configuration::read));
        return writes.answer(
                call,
                200,
                FlagCommands.configure(
                        call.path("environment"), call.path("flag"), configuration, call.precondition()));
    }

    /** None given stands for all. */
    private static List<String> environments(Fields fields) {
        List<String> environments = fields.texts("environments");
        if (environments.isEmpty() && fields.has("environments")) {
            throw new InvalidInput("environments", "[]", "at least one environment, or no such member for all of them");
        }
        return environments;
    }

    private static Flag readFlag(Fields fields) {
        Flag flag = Call.nested(fields, "flag", Flag::read);
        if (flag.archived()) {
            throw new InvalidInput("flag.archived", "true", "false; archive a flag with DELETE");
        }
        return flag;
    }

    /** A first configuration is off unless it says otherwise. */
    private static Optional<Configuration> firstConfiguration(Fields fields) {
        if (!fields.has("configuration")) {
            return Optional.empty();
        }
        if (!(fields.json("configuration") instanceof Json.Members given)
                || given.members().containsKey("on")) {
            return Optional.of(Call.nested(fields, "configuration", Configuration::read));
        }
        Json.Builder off = Json.object();
        given.members().forEach(off::put);
        Fields whole = Fields.strict(
                Json.object().put("configuration", off.put("on", false)).build());
        return Optional.of(Call.nested(whole, "configuration", Configuration::read));
    }
}
