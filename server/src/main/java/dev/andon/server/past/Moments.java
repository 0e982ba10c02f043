package dev.andon.server.past;

import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Change;
import dev.andon.server.http.Chosen;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.When;
import dev.andon.server.node.ControlPlane;
import java.time.InstantSource;
import java.util.List;
import java.util.SortedMap;

/** The past's part of the API: which version a time stands for, and what differs between two versions. Thread-safe. */
public final class Moments {
    private static final int MAX_CHANGES = 10_000;
    private static final String WHEN = "A version, or a time: the newest change at or before it";

    private static final Schema DIFF = Schema.object()
            .required("environment", Shapes.KEY)
            .required("from", Chosen.SCHEMA)
            .required("to", Chosen.SCHEMA)
            .required(
                    "changes",
                    Schema.array(
                            Change.SCHEMA,
                            "What is different at `to`: flags' metadata and configurations, segments, and kills, in the"
                                    + " order of their subjects; at most " + MAX_CHANGES))
            .optional("more", Schema.whole(1, Long.MAX_VALUE, "How many changes beyond those"))
            .named("Diff");

    private final ControlPlane plane;
    private final InstantSource clock;

    public Moments(ControlPlane plane, InstantSource clock) {
        this.plane = plane;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(Route.API + "/moments/{moment}")
                        .operation("past", "readMoment", "The entry that a version or a time stands for")
                        .needs(Access.VIEWER)
                        .answers(
                                200,
                                "The entry: of a time, the newest change whose own time is at or before it, or the last"
                                        + " of the kills that settled right after that and were taken by then",
                                Chosen.SCHEMA)
                        .does(this::moment),
                Route.get(Route.API + "/environments/{environment}/diff")
                        .operation("past", "readDiff", "What differs in an environment between two versions")
                        .needs(Access.VIEWER)
                        .query("from", Schema.text(WHEN), WHEN + "; required")
                        .query("to", Schema.text(WHEN), WHEN + "; the newest unless given")
                        .query("flag", Shapes.KEY, "Only what concerns this flag")
                        .answers(200, "The difference", DIFF)
                        .does(this::diff));
    }

    private Reply moment(Call call) {
        return Reply.ok(When.read("moment", call.path("moment"))
                .choose("moment", plane, clock.instant())
                .toJson());
    }

    private Reply diff(Call call) {
        String environment = call.path("environment");
        Image present = plane.image();
        if (!present.environments().containsKey(environment)) {
            throw Problems.notFound(
                    "environment", environment, present.environments().keySet());
        }
        Chosen from = chosen(
                "from", call.query("from").orElseThrow(() -> new InvalidInput("query.from", "nothing", When.EXPECTED)));
        Chosen to =
                chosen("to", call.query("to").orElse("" + present.provenance().version()));
        SortedMap<String, Change> changes = new Difference(environment, call.query("flag"))
                .between(
                        plane.history().imageAt(from.version()), plane.history().imageAt(to.version()));
        Json.Builder json = Json.object()
                .put("environment", environment)
                .put("from", from.toJson())
                .put("to", to.toJson())
                .put(
                        "changes",
                        Json.array(changes.values().stream()
                                .limit(MAX_CHANGES)
                                .map(Change::toJson)
                                .toList()));
        if (changes.size() > MAX_CHANGES) {
            json.put("more", changes.size() - MAX_CHANGES);
        }
        return Reply.ok(json.build());
    }

    private Chosen chosen(String name, String text) {
        String field = "query." + name;
        return When.read(field, text).choose(field, plane, clock.instant());
    }
}
