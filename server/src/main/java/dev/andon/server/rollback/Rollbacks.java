package dev.andon.server.rollback;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Chosen;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.When;
import dev.andon.server.http.Writes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Refused;
import java.time.InstantSource;
import java.util.List;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;

/** The rollbacks' part of the API. Thread-safe. */
public final class Rollbacks {
    private static final int MAX_NAMED = 1_000;

    private final ControlPlane plane;
    private final InstantSource clock;

    public Rollbacks(ControlPlane plane, InstantSource clock) {
        this.plane = plane;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(Route.post(Route.API + "/environments/{environment}/rollbacks")
                .operation(
                        "rollbacks",
                        "rollBack",
                        "Makes flags, segments or the whole environment what they were at an earlier version or time")
                .needs(Access.ADMIN)
                .write()
                .refuses(412)
                .takes(Schema.object()
                        .optional("flags", Schema.array(Shapes.KEY, "Flags; archived ones come back"))
                        .optional("segments", Schema.array(Shapes.KEY, "Segments; deleted ones come back"))
                        .optional(
                                "whole",
                                Schema.bool("True in place of flags and segments: all that evaluation reads, exactly;"
                                        + " what came since goes, what went since comes back"))
                        .required("to", When.SCHEMA)
                        .optional(
                                "withDependencies", Schema.bool("Also the segments and required flags that they read"))
                        .optional(
                                "ifUnchangedSince",
                                Schema.whole(
                                        1,
                                        Long.MAX_VALUE,
                                        "The `version` of a dry run: refuse if the environment changed since then")))
                .answers(201, "What was taken back, and what stayed", Report.SCHEMA)
                .does(this::rollBack));
    }

    private record Request(Scope scope, When to, OptionalLong ifUnchangedSince) {
        static Request read(Fields fields) {
            SortedSet<String> flags = new TreeSet<>(fields.texts("flags"));
            SortedSet<String> segments = new TreeSet<>(fields.texts("segments"));
            boolean withDependencies = fields.bool("withDependencies", false);
            boolean whole = fields.bool("whole", false);
            int named = flags.size() + segments.size();
            if (whole && (named > 0 || withDependencies)) {
                throw new InvalidInput(
                        "whole",
                        "true beside " + (named > 0 ? "flags or segments" : "withDependencies"),
                        "either the whole environment or what is named");
            }
            if (!whole && (named == 0 || named > MAX_NAMED)) {
                throw new InvalidInput(
                        "flags",
                        named + " flags and segments",
                        "1 to " + MAX_NAMED + " of them, or whole: true for the whole environment");
            }
            OptionalLong since = fields.has("ifUnchangedSince")
                    ? OptionalLong.of(fields.whole("ifUnchangedSince", 1, Long.MAX_VALUE))
                    : OptionalLong.empty();
            Scope scope = whole ? new Scope.Whole() : new Scope.Named(flags, segments, withDependencies);
            return new Request(scope, When.read(fields, "to"), since);
        }
    }

    private Reply rollBack(Call call) {
        Request request = call.read(Request::read);
        Image image = plane.image();
        String environment = call.path("environment");
        if (!image.environments().containsKey(environment)) {
            throw Problems.notFound(
                    "environment", environment, image.environments().keySet());
        }
        Chosen chosen = request.to().choose("to", plane, clock.instant());
        FirstAfter later = new FirstAfter(
                plane.history(), chosen.version(), image.provenance().version());
        EnvironmentImage then = plane.history()
                .imageAt(chosen.version())
                .environment(environment)
                .orElseThrow(() -> new Refused(
                        Refused.Code.NOT_FOUND,
                        "to",
                        "version " + chosen.version() + ", when there was no environment " + environment,
                        later.of(event -> event instanceof Event.EnvironmentSaved saved
                                && saved.environment().key().equals(environment))));
        Past past = new Past(chosen, then);
        if (request.scope() instanceof Scope.Named named) {
            requireThere(environment, image, past, named, later);
        }
        Rollback rollback = new Rollback(environment, request.scope(), past, request.ifUnchangedSince());
        return new Writes(plane).answer(call, 201, rollback);
    }

    /** Whoever names something means something that was there. */
    private static void requireThere(String environment, Image image, Past past, Scope.Named named, FirstAfter later) {
        for (String flag : named.flags()) {
            if (!image.flags().containsKey(flag)) {
                throw Problems.notFound("flags", flag, image.flags().keySet());
            }
            if (past.configuration(flag).isEmpty()) {
                throw new Refused(
                        Refused.Code.NOT_FOUND,
                        "flags",
                        flag + ", which wasn't configured at version " + past.version(),
                        later.of(event -> event instanceof Event.ConfigurationSaved saved
                                        && saved.environment().equals(environment)
                                        && saved.flag().equals(flag))
                                + "; to take it out of use, switch it off or archive it");
            }
        }
        for (String segment : named.segments()) {
            if (past.segment(segment).isEmpty()) {
                SortedSet<String> known = past.segments();
                image.environment(environment)
                        .ifPresent(place -> known.addAll(place.segments().keySet()));
                if (!known.contains(segment)) {
                    throw Problems.notFound("segments", segment, known);
                }
                throw new Refused(
                        Refused.Code.NOT_FOUND,
                        "segments",
                        segment + ", which wasn't there at version " + past.version(),
                        later.of(event -> event instanceof Event.SegmentSaved saved
                                && saved.environment().equals(environment)
                                && saved.segment().key().equals(segment)));
            }
        }
    }
}
