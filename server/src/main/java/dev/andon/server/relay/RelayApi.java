package dev.andon.server.relay;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Node;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problem;
import dev.andon.server.http.ProblemException;
import dev.andon.server.http.Rates;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.LedgerFeed;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.Refused;
import dev.andon.server.node.Upstream;
import dev.andon.store.StoredSnapshot;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;

/**
 * What a relay asks its upstream for, which may itself be one: kills and clients go over the link instead, so that no page of
 * entries ever stands before a kill. Thread-safe.
 */
public final class RelayApi {
    static final String PATH = Route.API + "/relay";

    private static final String NDJSON = "application/x-ndjson";

    /** How many images may be on their way at once: each may be 64 MiB. */
    private static final int SNAPSHOTS = 4;

    /** How often a token may note what relays have seen, and have relays join: the ledger keeps it for ever. */
    private static final int OBSERVATIONS_A_SECOND = 5;

    private static final int OBSERVATIONS_AT_ONCE = 200;
    private static final int JOININGS_A_SECOND = 1;
    private static final int JOININGS_AT_ONCE = 100;

    /** What a relay may say in the ledger to have seen. */
    private static final Set<String> OBSERVED = new TreeSet<>(
            Set.of("kill.receipt", "kill.relapse", "local-stop.began", "local-stop.ended", "ledger.fork"));

    private static final Schema HASH = Schema.text("The chain hash there");
    private static final Schema EPOCH = Schema.whole(0, Long.MAX_VALUE, "Counts breaks in history");

    private final ControlPlane plane;
    private final LedgerFeed feed;
    private final Optional<Upstream> upstream;
    private final InstantSource clock;
    private final Rates observations;
    private final Rates joinings;
    private final Semaphore snapshots = new Semaphore(SNAPSHOTS);

    /** @param upstream who feeds this node, if it is itself a relay */
    public RelayApi(
            ControlPlane plane,
            LedgerFeed feed,
            Optional<Upstream> upstream,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.clock = clock;
        this.observations = new Rates(OBSERVATIONS_A_SECOND, OBSERVATIONS_AT_ONCE, nanoTime);
        this.joinings = new Rates(JOININGS_A_SECOND, JOININGS_AT_ONCE, nanoTime);
        this.plane = plane;
        this.feed = feed;
        this.upstream = upstream;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH + "/head")
                        .operation("relay", "readHead", "Where the ledger ends, as far as this node has folded it")
                        .needs(Access.RELAY)
                        .urgent()
                        .answers(
                                200,
                                "Its end",
                                Schema.object()
                                        .required("ledger", Schema.text("The ledger's id"))
                                        .required("epoch", EPOCH)
                                        .required("version", Schema.whole(0, Long.MAX_VALUE, "The last entry"))
                                        .required("hash", HASH)
                                        .required("replication", Schema.text("What an acknowledged change survives"))
                                        .required(
                                                "warnings",
                                                Schema.array(
                                                        Schema.text("A warning"), "What should be known of the store"))
                                        .required(
                                                "way",
                                                Schema.array(
                                                        Schema.text("A node's id"),
                                                        "The relays by which this node has the ledger, itself first;"
                                                                + " none if it has the ledger itself"))
                                        .optional(
                                                "cutOffMs",
                                                Schema.whole(
                                                        0,
                                                        Long.MAX_VALUE,
                                                        "For how long this node, or one above it, has been cut off"
                                                                + " from the ledger"))
                                        .build())
                        .does(call -> Reply.ok(head())),
                Route.get(PATH + "/entries")
                        .operation("relay", "readEntries", "Entries in their stored bytes, up to a page")
                        .needs(Access.RELAY)
                        .query("after", Schema.whole(0, Long.MAX_VALUE, "A version"), "Begin after this version")
                        .query(
                                "limit",
                                Schema.whole(1, LedgerFeed.PAGE_ENTRIES, "1 to " + LedgerFeed.PAGE_ENTRIES),
                                "How many at most")
                        .answers(
                                200,
                                "Entries in order, none at the end",
                                Schema.object()
                                        .required(
                                                "entries",
                                                Schema.array(
                                                        Schema.object()
                                                                .required("epoch", EPOCH)
                                                                .required(
                                                                        "version",
                                                                        Schema.whole(1, Long.MAX_VALUE, "Its place"))
                                                                .required("hash", HASH)
                                                                .required("bytes", Schema.text("Base64"))
                                                                .build(),
                                                        "The entries"))
                                        .build())
                        .does(this::entries),
                Route.get(PATH + "/snapshot")
                        .operation("relay", "readSnapshot", "The newest image that isn't newer than a version")
                        .needs(Access.RELAY)
                        .query("version", Schema.whole(0, Long.MAX_VALUE, "A version"), "The newest that will do")
                        .answers(
                                200,
                                "Two lines, where it is and the image; nothing if there is none",
                                NDJSON,
                                Schema.text("The image"))
                        .does(this::snapshot),
                Route.put(PATH + "/nodes/{node}")
                        .operation("relay", "joinAsRelay", "Has the ledger know a node as a relay, with its key")
                        .needs(Access.RELAY)
                        .takes(Schema.object()
                                .required("publicKey", Schema.text("Base64 of the X.509 form of its Ed25519 key"))
                                .required("region", Schema.text(1, Keys.KEY_CHARS, "Where it is"))
                                .required(
                                        "joining",
                                        Schema.object()
                                                .required("token", Schema.text("The id of the token that it shows"))
                                                .required("secret", Schema.text("SHA-256 of the secret that it shows"))
                                                .optional("parent", Schema.text("The relay that feeds it, if one does"))
                                                .optional(
                                                        "via",
                                                        Schema.array(
                                                                Schema.object()
                                                                        .required("token", Schema.text("A token's id"))
                                                                        .required(
                                                                                "secret",
                                                                                Schema.text("SHA-256 of its secret"))
                                                                        .build(),
                                                                "What the relays showed that passed it on"))
                                                .required(
                                                        "number",
                                                        Schema.whole(
                                                                1,
                                                                Long.MAX_VALUE,
                                                                "Larger than that of its joining before"))
                                                .build())
                                .required(
                                        "signature",
                                        Schema.text("Base64, by its key, over what api/stream.md says it signs")))
                        .answers(200, "It does", version())
                        .refuses(409, 429)
                        .does(this::join),
                Route.post(PATH + "/nodes/{node}/observations")
                        .operation("relay", "noteObservation", "Has the ledger keep what a relay has seen")
                        .needs(Access.RELAY)
                        .takes(Schema.object()
                                .required("once", Schema.text("Names it: the ledger takes one of each name"))
                                .required("ofEachNode", Schema.bool("The name is among those of this relay alone"))
                                .required("kind", Schema.text("The entry's verb"))
                                .required("said", Schema.text("What happened, in a sentence"))
                                .required("event", Schema.anything("What was observed")))
                        .answers(200, "It is in the ledger", version())
                        .refuses(409, 429)
                        .does(this::note));
    }

    private static Schema version() {
        return Schema.object().required("version", Shapes.VERSION).build();
    }

    private Json head() {
        List<String> way = new ArrayList<>();
        upstream.ifPresent(up -> {
            way.add(plane.node());
            up.way().stream().takeWhile(relay -> !relay.equals(plane.node())).forEach(way::add);
        });
        return new Wire.Head(
                        feed.head(),
                        feed.description().replication(),
                        feed.description().warnings(),
                        way,
                        plane.cutOffSince()
                                .map(since -> Math.max(
                                        0,
                                        Duration.between(since, clock.instant()).toMillis())))
                .toJson();
    }

    private Reply entries(Call call) {
        long after = call.query("after", 0, Long.MAX_VALUE, 0);
        int most = (int) call.query("limit", 1, LedgerFeed.PAGE_ENTRIES, LedgerFeed.PAGE_ENTRIES);
        return Reply.ok(Wire.entriesJson(feed.entries(after, most)));
    }

    private Reply snapshot(Call call) {
        long atMost = call.query("version", 0, Long.MAX_VALUE, Long.MAX_VALUE);
        if (!snapshots.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(503, "busy", "Andon is busy", "snapshots under way: " + SNAPSHOTS + " (expected: less)")
                            .next("Try again when one of them has ended."));
        }
        boolean given = false;
        try {
            Optional<StoredSnapshot> found = feed.snapshot(atMost);
            Reply reply = found.isEmpty()
                    ? Reply.text(200, NDJSON, "")
                    : Reply.pieces(NDJSON, Wire.pieces(found.get()), snapshots::release);
            given = found.isPresent();
            return reply;
        } finally {
            if (!given) {
                snapshots.release();
            }
        }
    }

    private record Join(Node relay, String signature) {}

    private static ProblemException tooOften(String what, int atOnce, int aSecond) {
        return new ProblemException(Problem.of(
                        429,
                        "too-often",
                        "It comes too often",
                        what + ": one more than " + atOnce + " at once (expected: " + aSecond
                                + " a second of one token)")
                .next("Say it again in a second."));
    }

    private Reply join(Call call) {
        String id = Keys.key("node", call.path("node"));
        Join join = call.read(fields -> new Join(
                new Node(id, fields.text("publicKey", Keys.TEXT_CHARS))
                        .relayingIn(
                                fields.text("region"), Optional.of(Call.nested(fields, "joining", Node.Joining::read))),
                fields.text("signature", Keys.TEXT_CHARS)));
        Joins joins = new Joins(call.caller(), upstream.map(up -> plane.node()));
        Image image = plane.image();
        Node relay = joins.recorded(join.relay());
        // The ledger's thread checks again, by what it has then: who is refused already here uses up none of the
        // token's joinings.
        joins.check(image, relay, join.signature(), clock.instant());
        joins.checkRoom(image, relay, clock.instant());
        if (differs(image, relay) && joinings.take(call.caller().token()).isPresent()) {
            throw tooOften("joinings", JOININGS_AT_ONCE, JOININGS_A_SECOND);
        }
        if (upstream.isPresent()) {
            upstream.get().join(relay, join.signature());
            return Reply.ok(
                    Json.object().put("version", image.provenance().version()).build());
        }
        CommandContext context = new CommandContext(
                "token:" + call.caller().name() + " (" + call.caller().token() + ")",
                "relay in " + join.relay().relay().map(Node.Relay::region).orElse(""),
                call.correlation(),
                Optional.empty(),
                false);
        Outcome<Long> outcome = plane.execute(joining(joins, relay, join.signature()), context);
        long version = switch (outcome) {
            case Outcome.Done<Long> done -> done.committed().version();
            case Outcome.Unchanged<Long> unchanged -> unchanged.committed().version();
            case Outcome.Rehearsed<Long> rehearsed -> rehearsed.committed().version();
            case Outcome.Repeated<Long> repeated -> repeated.version();
        };
        return Reply.ok(Json.object().put("version", version).build());
    }

    private static boolean differs(Image image, Node relay) {
        Versioned<Node> known = image.nodes().get(relay.id());
        return known == null || !known.value().equals(relay);
    }

    private static Command<Long> joining(Joins joins, Node relay, String signature) {
        return (image, kills, now) -> {
            joins.check(image, relay, signature, now);
            joins.checkRoom(image, relay, now);
            return Decision.of(
                    "node.join",
                    differs(image, relay) ? List.of(new Event.NodeSaved(relay)) : List.of(),
                    committed -> committed.version());
        };
    }

    /** Under a name that is the relay's alone: what it sees is never taken for what another node has said. */
    private static Observation ofRelay(String relay, Observation seen) {
        return new Observation(
                "relay/" + relay + "/" + seen.once(), seen.type(), seen.reason(), seen.event(), seen.written());
    }

    private Reply note(Call call) {
        String relay = Keys.key("node", call.path("node"));
        Observation observation = call.read(Wire::observation);
        if (!OBSERVED.contains(observation.type())) {
            throw new InvalidInput("kind", observation.type(), "one of " + String.join(", ", OBSERVED));
        }
        Image image = plane.image();
        Versioned<Node> known = image.nodes().get(relay);
        if (known == null || known.value().relay().isEmpty()) {
            throw Refused.unknown(
                    "node",
                    relay,
                    "a relay that has joined, as it does by itself once its upstream takes its token",
                    image.nodes().keySet());
        }
        boolean joined = known.value().joining().isPresent();
        if (joined && !Relays.speaksFor(image, call.caller().token(), known.value())) {
            // it may be about to join anew with this token: what it has seen waits until then
            throw new Refused(
                    Refused.Code.NOT_FOUND,
                    "node",
                    relay,
                    "a relay that has joined with token " + call.caller().token() + ", or one below it");
        }
        if (observations.take(call.caller().token()).isPresent()) {
            throw tooOften("observations", OBSERVATIONS_AT_ONCE, OBSERVATIONS_A_SECOND);
        }
        long version = upstream.isPresent()
                ? upstream.get().note(relay, observation)
                : Recorder.write(plane, relay, ofRelay(relay, observation));
        return Reply.ok(Json.object().put("version", version).build());
    }
}
