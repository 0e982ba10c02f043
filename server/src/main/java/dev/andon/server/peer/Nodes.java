package dev.andon.server.peer;

import dev.andon.core.event.Event;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problems;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.Command;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Feeding;
import dev.andon.server.node.PeerStatus;
import dev.andon.server.node.Refused;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The ledger's nodes in the API: how this one gets on with them, and taking one that is gone off the list. Thread-safe. */
public final class Nodes {
    private static final String PATH = Route.API + "/nodes";

    private static final Schema NODE = Schema.object()
            .required("node", Schema.text("Its id"))
            .required("self", Schema.bool("It is the one that answers"))
            .optional("address", Schema.text("Where the others reach it; they don't dial one that has none"))
            .required("version", Shapes.VERSION)
            .optional("connected", Schema.bool("A link to it stands"))
            .optional("since", Schema.format("date-time", "Since when"))
            .optional("heard", Schema.format("date-time", "When something was heard of it last"))
            .optional(
                    "unconfirmed",
                    Schema.whole(0, Long.MAX_VALUE, "Kills that stand here and that it hasn't said to know"))
            .optional("detail", Schema.text("Why no link stands, or what it signs doesn't count"))
            .optional(
                    "via",
                    Schema.text(
                            "The node that tells this one who its clients are: itself, or one on the way; left out as"
                                    + " long as nobody has told of all"))
            .optional(
                    "relay",
                    Schema.object()
                            .required("region", Schema.text("Where it and its clients are"))
                            .required("retired", Schema.bool("It was taken off the list"))
                            .optional("token", Schema.text("The id of the token that it joined with, if that is known"))
                            .optional("parent", Schema.text("The relay that feeds it, if one does"))
                            .required(
                                    "believed",
                                    Schema.bool("What it signs counts: that by which it has joined is in force"))
                            .build())
            .named("Node");

    private final ControlPlane plane;
    private final Supplier<List<PeerStatus>> peers;
    private final Supplier<Map<String, String>> ways;
    private final InstantSource clock;

    /** @param ways by which node this one hears of each other's clients, if it does */
    public Nodes(
            ControlPlane plane,
            Supplier<List<PeerStatus>> peers,
            Supplier<Map<String, String>> ways,
            InstantSource clock) {
        this.plane = plane;
        this.peers = peers;
        this.ways = ways;
        this.clock = clock;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("nodes", "listNodes", "The ledger's nodes, and how this one gets on with them")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(200, "A page of nodes", Schema.page(NODE))
                        .does(this::list),
                Route.delete(PATH + "/{node}/address")
                        .operation(
                                "nodes",
                                "retireNode",
                                "Takes a node that is gone off the list: the others dial it no more. Its kills stay"
                                        + " valid, and it is back on the list when it starts again")
                        .needs(Access.ADMIN)
                        .write()
                        .answers(
                                200,
                                "The node, without address",
                                Schema.object()
                                        .required("version", Shapes.VERSION)
                                        .required("node", Schema.text("Its id"))
                                        .build())
                        .does(this::retire));
    }

    private Reply list(Call call) {
        List<PeerStatus> status = peers.get();
        return Reply.ok(call.page()
                .of(
                        plane.image().nodes().values(),
                        node -> node.value().id(),
                        node -> shown(
                                node,
                                status.stream()
                                        .filter(peer ->
                                                peer.node().equals(node.value().id()))
                                        .findFirst())));
    }

    private Json shown(Versioned<Node> node, Optional<PeerStatus> status) {
        Json.Builder json = Json.object()
                .put("node", node.value().id())
                .put("self", node.value().id().equals(plane.node()))
                .put("address", node.value().address())
                .put("version", node.version());
        Optional<String> doubt = Relays.doubt(plane.image(), node.value(), clock.instant());
        node.value()
                .relay()
                .ifPresent(relay -> json.put(
                        "relay",
                        Json.object()
                                .put("region", relay.region())
                                .put("retired", relay.retired())
                                .put("token", relay.joining().map(Node.Joining::token))
                                .put("parent", relay.joining().flatMap(Node.Joining::parent))
                                .put("believed", doubt.isEmpty())));
        Optional<String> via = Optional.ofNullable(ways.get().get(node.value().id()));
        boolean beyond = status.isEmpty() && !node.value().id().equals(plane.node());
        if (beyond && (node.value().relays() || via.isPresent())) {
            json.put("connected", via.isPresent());
        }
        json.put("via", via);
        status.ifPresent(peer -> json.put("connected", peer.connected())
                .put("since", peer.since().toString())
                .put("heard", peer.heard().map(Instant::toString))
                .put("unconfirmed", peer.unconfirmed()));
        json.put(
                "detail",
                unjoined(node.value())
                        .or(() -> doubt)
                        .or(() -> status.map(PeerStatus::detail).filter(text -> !text.isEmpty())));
        return json.build();
    }

    /** Why the ledger doesn't know this relay as it is. */
    private Optional<String> unjoined(Node node) {
        return node.id().equals(plane.node())
                ? plane.feeding().map(Feeding::unjoined).filter(why -> !why.isEmpty())
                : Optional.empty();
    }

    private Reply retire(Call call) {
        String node = call.path("node");
        String via = ways.get().getOrDefault(node, node);
        boolean connected = !via.equals(node)
                || peers.get().stream().anyMatch(peer -> peer.node().equals(node) && peer.connected());
        if (connected) {
            throw new Refused(
                    Refused.Code.CONFLICT, "node", node, "one that is gone: this one is connected; end it first");
        }
        return new Writes(plane).answer(call, 200, retiring(node));
    }

    private static Command<Json> retiring(String id) {
        return (image, kills, now) -> {
            Versioned<Node> node = image.nodes().get(id);
            if (node == null) {
                throw Problems.notFound("node", id, image.nodes().keySet());
            }
            Node retired = node.value().retired();
            List<Event> events = retired.equals(node.value()) ? List.of() : List.of(new Event.NodeSaved(retired));
            return Decision.of(
                    "node.retire",
                    events,
                    committed -> Json.object()
                            .put("version", events.isEmpty() ? node.version() : committed.version())
                            .put("node", id)
                            .build());
        };
    }
}
