package dev.andon.server.health;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Drain;
import dev.andon.server.node.Feeding;
import dev.andon.server.node.PeerStatus;
import dev.andon.server.node.StoreHealth;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Whether the process lives, and whether it is ready: an image is loaded, so that it serves and kills, and it isn't about to
 * end. The ledger's state stands beside it and isn't required: a node that is cut off must not be taken out of use. Open to
 * everyone, so it tells nothing about addresses. Thread-safe.
 */
public final class Health {
    private static final Schema STORE = Schema.object()
            .required(
                    "state",
                    Schema.words(List.of("connected", "cut-off", "damaged"), "How the node gets on with its ledger"))
            .required("since", Schema.format("date-time", "Since when"))
            .required("seconds", Schema.whole(0, Long.MAX_VALUE, "For how long"))
            .required("kind", Schema.text("Which store; `upstream` at a relay"))
            .required("replication", Schema.text("What an acknowledged change survives"))
            .optional("brokenEntry", Schema.whole(1, Long.MAX_VALUE, "The first entry that can't be trusted"))
            .required("warnings", Schema.array(Schema.text("A warning"), "What should be known about it"))
            .build();

    private static final Schema PEER = Schema.object()
            .required("node", Schema.text("Its id; `upstream` at a relay that doesn't know yet which node feeds it"))
            .required("connected", Schema.bool("A link to it stands"))
            .required("since", Schema.format("date-time", "Since when"))
            .required("seconds", Schema.whole(0, Long.MAX_VALUE, "For how long"))
            .optional("heard", Schema.format("date-time", "When something was heard of it last"))
            .required(
                    "unconfirmed",
                    Schema.whole(0, Long.MAX_VALUE, "Kills that stand here and that it hasn't said to know"))
            .build();

    private static final Schema UPSTREAM = Schema.object()
            .required("loops", Schema.bool("It is fed by this relay itself: nothing is taken from it"))
            .optional(
                    "cutOffSeconds",
                    Schema.whole(
                            0, Long.MAX_VALUE, "For how long it, or one above it, has been cut off from the ledger"))
            .optional(
                    "unjoinedSeconds",
                    Schema.whole(
                            0,
                            Long.MAX_VALUE,
                            "For how long the ledger hasn't known this relay as it is: what it signs counts nowhere"
                                    + " else"))
            .build();

    private static final Schema READY = Schema.object()
            .required("ready", Schema.bool("An image is loaded, and the server isn't about to end"))
            .required("draining", Schema.bool("It is about to end: it serves and kills, and hands its clients over"))
            .required("message", Schema.text("In words"))
            .required(
                    "image",
                    Schema.object()
                            .required("ledger", Schema.text("The ledger's id"))
                            .required("epoch", Schema.whole(0, Long.MAX_VALUE, "Counts breaks in history"))
                            .required("version", Schema.whole(0, Long.MAX_VALUE, "The newest entry it holds"))
                            .build())
            .required("pendingKills", Schema.whole(0, Long.MAX_VALUE, "Kills on their way to the ledger"))
            .required("store", STORE)
            .optional("upstream", UPSTREAM)
            .required(
                    "revokedRelays",
                    Schema.array(
                            Schema.text("A relay's id"),
                            "Relays on the list whose kills don't count any more: the token by which they joined, or"
                                    + " one above them, isn't in force"))
            .required(
                    "peers",
                    Schema.array(PEER, "The other nodes of this ledger that it dials, or that have dialled it"))
            .required(
                    "duties",
                    Schema.object()
                            .required("mine", Schema.bool("This node does what one node of the ledger alone does"))
                            .required("holder", Schema.text("The node that does, as far as known; empty if none does"))
                            .build())
            .named("Readiness");

    private final ControlPlane plane;
    private final Supplier<List<PeerStatus>> peers;
    private final Drain drain;
    private final InstantSource clock;

    public Health(ControlPlane plane, Supplier<List<PeerStatus>> peers, Drain drain, InstantSource clock) {
        this.plane = plane;
        this.peers = peers;
        this.drain = drain;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(
                Route.get("/health/live")
                        .operation("health", "checkLive", "Whether the process answers at all")
                        .needs(Access.OPEN)
                        .urgent()
                        .answers(
                                200,
                                "It does",
                                Schema.object()
                                        .required("live", Schema.bool("Always true"))
                                        .build())
                        .does(call -> Reply.ok(Json.object().put("live", true).build())),
                Route.get("/health/ready")
                        .operation("health", "checkReady", "Whether the node serves and kills, and how its ledger is")
                        .needs(Access.OPEN)
                        .urgent()
                        .answers(200, "It is ready", READY)
                        .answers(503, "No image is loaded, or the server is about to end", READY)
                        .does(this::ready));
    }

    private Reply ready(Call call) {
        Provenance provenance = plane.image().provenance();
        boolean loaded = !provenance.equals(Provenance.NONE);
        boolean draining = drain.begun();
        boolean ready = loaded && !draining;
        StoreHealth store = plane.store();
        long seconds = secondsSince(store.since());
        Json.Builder state = Json.object()
                .put("state", word(store.state()))
                .put("since", store.since().toString())
                .put("seconds", seconds)
                .put("kind", store.description().kind().name().toLowerCase(Locale.ROOT))
                .put("replication", store.description().replication().word())
                .put("warnings", Json.texts(store.description().warnings()));
        store.brokenEntry().ifPresent(entry -> state.put("brokenEntry", entry));
        List<String> revoked = revoked();
        String fed = plane.feeding().map(this::fed).orElse("");
        Json.Builder body = Json.object()
                .put("ready", ready)
                .put("draining", draining)
                .put(
                        "message",
                        (draining ? "draining, " : "")
                                + message(loaded, store, seconds)
                                + fed
                                + unlinked(store)
                                + revoked(revoked))
                .put(
                        "image",
                        Json.object()
                                .put("ledger", provenance.ledger())
                                .put("epoch", provenance.epoch())
                                .put("version", provenance.version()))
                .put("pendingKills", plane.kills().pending().size())
                .put("store", state)
                .put("peers", Json.array(peers.get().stream().map(this::peer).toList()))
                .put(
                        "duties",
                        Json.object()
                                .put("mine", plane.duties().mine())
                                .put("holder", plane.duties().holder()))
                .put("revokedRelays", Json.texts(revoked));
        plane.feeding().ifPresent(feeding -> body.put("upstream", upstream(feeding)));
        return Reply.json(ready ? 200 : 503, body.build());
    }

    private Json.Builder upstream(Feeding feeding) {
        Json.Builder json = Json.object().put("loops", feeding.loops());
        feeding.cutOffSince().ifPresent(since -> json.put("cutOffSeconds", secondsSince(since)));
        feeding.unjoinedSince().ifPresent(since -> json.put("unjoinedSeconds", secondsSince(since)));
        return json;
    }

    /** What is wrong with how a relay is fed. */
    private String fed(Feeding feeding) {
        String loop = feeding.loops() ? "; the upstream is fed by this relay itself" : "";
        String cutOff = feeding.cutOffSince()
                .filter(since -> plane.store().connected())
                .map(since -> "; the upstream is cut off from the ledger for " + secondsSince(since) + " s")
                .orElse("");
        String unjoined = feeding.unjoinedSince()
                .map(since -> "; the ledger hasn't known this relay for " + secondsSince(since)
                        + " s: its kills reach no others, and its log says why")
                .orElse("");
        return loop + cutOff + unjoined;
    }

    private List<String> revoked() {
        Image image = plane.image();
        return image.nodes().values().stream()
                .map(Versioned::value)
                .filter(node -> node.relays()
                        && Relays.doubt(image, node, clock.instant()).isPresent())
                .map(Node::id)
                .sorted()
                .toList();
    }

    private static String revoked(List<String> relays) {
        return relays.isEmpty()
                ? ""
                : "; of " + relays.size() + " relays on the list, kills don't count any more: their token was revoked";
    }

    /** A relay reads the ledger over one way, and hands kills up over another. */
    private String unlinked(StoreHealth store) {
        Optional<PeerStatus> upstream = peers.get().stream()
                .filter(peer -> peer.address().isPresent() && !peer.connected())
                .findFirst();
        return store.relayed() && store.connected() && upstream.isPresent()
                ? "; no link to the upstream for " + secondsSince(upstream.get().since())
                        + " s: kills that are taken here stay here"
                : "";
    }

    private Json peer(PeerStatus peer) {
        return Json.object()
                .put("node", isNamed(peer) ? peer.node() : "upstream")
                .put("connected", peer.connected())
                .put("since", peer.since().toString())
                .put("seconds", secondsSince(peer.since()))
                .put("heard", peer.heard().map(Instant::toString))
                .put("unconfirmed", peer.unconfirmed())
                .build();
    }

    /** An upstream goes by its address until it has shown who it is. */
    private static boolean isNamed(PeerStatus peer) {
        return !peer.address().equals(Optional.of(peer.node()));
    }

    private long secondsSince(Instant since) {
        return Math.max(0, Duration.between(since, clock.instant()).toSeconds());
    }

    static String message(boolean loaded, StoreHealth store, long seconds) {
        String service = loaded ? "serving" : "waiting for an image";
        String ledger = store.relayed() ? "upstream" : "ledger";
        return switch (store.state()) {
            case CONNECTED -> service + (store.relayed() ? " as a relay: kills work, changes are the upstream's" : "");
            case CUT_OFF ->
                service + ", but cut off from the " + ledger + " for " + seconds + " s: kills work, changes don't";
            case DAMAGED ->
                service + ", but the ledger is damaged"
                        + store.brokenEntry().map(entry -> " at entry " + entry).orElse("")
                        + ": kills work, changes don't";
        };
    }

    private static String word(StoreHealth.State state) {
        return switch (state) {
            case CONNECTED -> "connected";
            case CUT_OFF -> "cut-off";
            case DAMAGED -> "damaged";
        };
    }
}
