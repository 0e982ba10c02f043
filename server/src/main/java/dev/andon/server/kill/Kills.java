package dev.andon.server.kill;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Exercises;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Refused;
import dev.andon.server.node.TooBusy;
import dev.andon.server.node.Traffic;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The endpoints for stopping, for what stopped, and for restoring. Thread-safe. */
public final class Kills {
    private static final Logger log = LoggerFactory.getLogger(Kills.class);
    private static final String ENVIRONMENT = Route.API + "/environments/{environment}";
    private static final int MAX_WAIT_MS = 60_000;
    private static final long SETTLE_MS = 2_000;
    private static final long SETTLE_CHECK_MS = 5;

    private final ControlPlane plane;
    private final Writes writes;
    private final KillReceipts receipts;
    private final Bookkeeper books;
    private final Presence presence;
    private final Traffic traffic;
    private final Exercises exercises;
    private final LongSupplier nanoTime;

    /** @param presence asked on the bookkeeper's thread */
    public Kills(
            ControlPlane plane,
            KillReceipts receipts,
            Bookkeeper books,
            Presence presence,
            Traffic traffic,
            Exercises exercises,
            LongSupplier nanoTime) {
        this.plane = plane;
        this.writes = new Writes(plane);
        this.receipts = receipts;
        this.books = books;
        this.presence = presence;
        this.traffic = traffic;
        this.exercises = exercises;
        this.nanoTime = nanoTime;
    }

    public List<Route> routes() {
        return List.of(
                Route.post(ENVIRONMENT + "/kills")
                        .operation("kills", "kill", "Stops: every instance serves the safe variant")
                        .needs(Access.OPERATOR)
                        .write()
                        .urgent()
                        .takes(Schema.object()
                                .required("target", KillShapes.TARGET)
                                .optional("audience", Shapes.CONDITION)
                                .optional(
                                        "services",
                                        Schema.array(Schema.text("A service"), "Only these; all unless given"))
                                .optional(
                                        "regions",
                                        Schema.array(Schema.text("A region"), "Only these; all unless given"))
                                .optional(
                                        "confirm",
                                        Schema.text("The token of a dry run of the same, at most 5 minutes old; needed"
                                                + " for a target wider than one flag, for one that touches more of the"
                                                + " evaluations than is configured, and for one that a node which is"
                                                + " cut off doesn't know")))
                        .answers(200, "What it would stop (dry run)", KillShapes.REHEARSED)
                        .answers(201, "It stands", KillJson.KILL)
                        .answers(200, "It stood before; no second kill was made", KillJson.KILL)
                        .does(this::kill),
                Route.get(ENVIRONMENT + "/kills")
                        .operation("kills", "listKills", "Lists the kills that stand, pending ones included")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(200, "Kills", Schema.page(KillJson.KILL))
                        .does(this::list),
                Route.get(Route.API + "/kills/{kill}")
                        .operation("kills", "getKill", "A kill and its receipt as of now")
                        .needs(Access.VIEWER)
                        .urgent()
                        .query(
                                "wait",
                                Schema.whole(0, MAX_WAIT_MS, "Milliseconds"),
                                "Wait so long for the receipt to be proven, or for nobody to be left who could say"
                                        + " more, before answering")
                        .answers(200, "The kill", KillJson.KILL)
                        .does(this::get),
                Route.get(Route.API + "/kills/{kill}/receipt")
                        .operation(
                                "kills",
                                "getReceipt",
                                "The whole receipt as a document: exactly the bytes that the digest of its last word"
                                        + " is of")
                        .needs(Access.VIEWER)
                        .query("number", Schema.whole(0, 100, "From 1"), "Of an earlier last word; else the newest one")
                        .answers(200, "The document", KillJson.DOCUMENT)
                        .does(this::document),
                Route.post(ENVIRONMENT + "/restores")
                        .operation("kills", "restore", "Releases one kill, or all that are aimed at a flag or target")
                        .needs(Access.OPERATOR)
                        .write()
                        .takes(Schema.object()
                                .optional("flag", Shapes.KEY)
                                .optional("target", KillShapes.TARGET)
                                .optional("kill", Schema.text("A kill's id; one of flag, target and kill is given")))
                        .answers(201, "Released", Restore.SCHEMA)
                        .does(this::restore));
    }

    private Reply kill(Call call) {
        KillRequest request = call.read(fields -> request(call.path("environment"), fields));
        return switch (plane.kill(request, call.context())) {
            case KillAnswer.Rehearsed rehearsed -> rehearsed(request, rehearsed);
            case KillAnswer.Standing standing -> {
                Json body = KillJson.answered(plane, receipt(standing), standing.durable(), standing.repeated());
                yield Reply.json(standing.repeated() ? 200 : 201, body)
                        .header(
                                "Location",
                                Route.API + "/kills/" + standing.kill().id());
            }
        };
    }

    /** A kill that stands is never answered as if it had failed, even when its receipt can't be shown now. */
    private KillReceipts.Shown receipt(KillAnswer.Standing standing) {
        StandingKill kill = standing.kill();
        try {
            return receipts.show(kill.id()).orElseGet(() -> KillJson.requested(kill));
        } catch (TooBusy e) {
            log.warn("kill {}: stands, and its answer goes without a receipt: {}", kill.id(), e.getMessage());
            return KillJson.requested(kill);
        }
    }

    private static KillRequest request(String environment, Fields fields) {
        Target target = Call.nested(fields, "target", Target::read);
        Optional<Condition> audience = fields.has("audience")
                ? Optional.of(Call.nested(fields, "audience", Condition::read))
                : Optional.empty();
        return new KillRequest(
                environment,
                target,
                audience,
                fields.texts("services"),
                fields.texts("regions"),
                Origin.HUMAN,
                fields.optionalText("confirm"));
    }

    private Reply rehearsed(KillRequest request, KillAnswer.Rehearsed rehearsed) {
        SortedSet<String> touched = new TreeSet<>(rehearsed.flags());
        touched.addAll(rehearsed.dependents());
        Rehearsal rehearsal = new Rehearsal(
                request,
                rehearsed,
                plane.kills(),
                plane.cutOffSince(),
                traffic.counted(request.environment(), touched, Set.copyOf(request.services())),
                present(request.environment()),
                exercises.exercised(request.environment(), rehearsed.flags()));
        return Reply.ok(Json.object()
                .put("dryRun", true)
                .put("version", plane.image().provenance().version())
                .put("changes", Json.array(List.of()))
                .put("result", rehearsal.toJson())
                .build());
    }

    /** Dry runs and restores are urgent, so they are answered also when nobody gets round to say who is there. */
    private Optional<List<Presence.Present>> present(String environment) {
        try {
            return Optional.of(books.ask(() -> presence.present(environment)));
        } catch (TooBusy e) {
            log.warn("kills: answered without the instances: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private Reply list(Call call) {
        String environment = call.path("environment");
        if (plane.image().environment(environment).isEmpty()) {
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "environment",
                    environment,
                    "one of "
                            + String.join(
                                    ", ",
                                    new TreeSet<>(plane.image().environments().keySet())));
        }
        List<Json> kills = plane.kills().standing(environment).stream()
                .map(StandingKill::id)
                .flatMap(id -> receipts.show(id).stream())
                .map(shown -> KillJson.of(plane, shown))
                .toList();
        return Reply.ok(call.page().of(kills, kill -> Fields.lenient(kill).text("id"), Function.identity()));
    }

    private Reply get(Call call) {
        KillId id = KillId.parse("kill", call.path("kill"));
        long waitMs = call.query("wait", 0, MAX_WAIT_MS, 0);
        KillReceipts.Shown shown =
                (waitMs == 0 ? receipts.show(id) : receipts.await(id, waitMs)).orElseThrow(() -> unknown(id));
        return Reply.ok(KillJson.of(plane, shown));
    }

    private Reply document(Call call) {
        KillId id = KillId.parse("kill", call.path("kill"));
        byte[] document =
                receipts.document(id, (int) call.query("number", 0, 100, 0)).orElseThrow(() -> unknown(id));
        return new Reply(200, Map.of(), Reply.JSON, document);
    }

    private Reply restore(Call call) {
        Restore command = call.read(fields -> {
            List<String> given =
                    Stream.of("flag", "target", "kill").filter(fields::has).toList();
            if (given.size() != 1) {
                throw new InvalidInput(
                        "flag",
                        given.isEmpty() ? "nothing" : String.join(" beside ", given),
                        "one of flag, target and kill");
            }
            Restore.Subject subject = switch (given.getFirst()) {
                case "flag" -> new Restore.Subject.Aimed(new Target.OneFlag(fields.text("flag")));
                case "target" -> new Restore.Subject.Aimed(Call.nested(fields, "target", Target::read));
                default -> new Restore.Subject.OneKill(KillId.parse("kill", fields.text("kill")));
            };
            String environment = call.path("environment");
            return new Restore(environment, subject, present(environment));
        });
        awaitSettled(command);
        return writes.answer(call, 201, command);
    }

    /** A kill that was taken a moment ago can be restored at once, as far as its caller can see. */
    private void awaitSettled(Restore command) {
        long endNanos = nanoTime.getAsLong() + SETTLE_MS * 1_000_000;
        try {
            while (plane.store().writable()
                    && !command.waiting(plane.kills()).isEmpty()
                    && nanoTime.getAsLong() - endNanos < 0) {
                Thread.sleep(SETTLE_CHECK_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Refused unknown(KillId id) {
        return new Refused(
                Refused.Code.NOT_FOUND,
                "kill",
                id.toString(),
                "a kill that stands, or one of the newest 1,000; the log has them all");
    }
}
