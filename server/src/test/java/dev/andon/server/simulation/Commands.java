package dev.andon.server.simulation;

import static dev.andon.server.simulation.Violation.unless;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.core.stop.KillOrder;
import dev.andon.server.flag.Flags;
import dev.andon.server.http.InProcess;
import dev.andon.server.http.ProblemException;
import dev.andon.server.kill.Restores;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.NodeLogic;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreUnavailable;
import dev.andon.server.node.Upstream;
import dev.andon.server.relay.RelayApi;
import dev.andon.server.rollback.Rollbacks;
import dev.andon.server.segment.Segments;
import dev.andon.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What people ask of one node, by its API where commands have one. */
final class Commands {
    private static final Map<String, String> WHATEVER_IS_THERE = Map.of("if-match", "*");

    private final SimNode node;
    private final InProcess api;

    Commands(SimNode node) {
        this.node = node;
        List<dev.andon.server.http.Route> routes = new ArrayList<>();
        routes.addAll(new Flags(node.plane).routes());
        routes.addAll(new Segments(node.plane).routes());
        routes.addAll(new Rollbacks(node.plane, node::now).routes());
        this.api = new InProcess(routes);
    }

    private interface Call {
        void run() throws Exception;
    }

    private void ask(Intent intent, Call call) {
        node.plane.intent = intent;
        try {
            call.run();
        } catch (Refused | InvalidInput | ProblemException | StoreUnavailable | StoreException e) {
            boolean lost = node.image().provenance().epoch() != node.world.model.epoch;
            boolean possible = !lost
                    && node.relay.isEmpty()
                    && intent instanceof Intent.Rollback rollback
                    && rollback.whole()
                    && rollback.toVersion().orElse(Long.MAX_VALUE) <= rollback.newest();
            unless(
                    !possible || e instanceof StoreUnavailable,
                    "ROLLBACK",
                    "it is refused, whereas what doesn't go back is to stay: " + e.getMessage());
            node.world.races.count(Races.Race.REFUSED);
            node.world.note(node + " refuses: " + e.getMessage());
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Json.Builder because() {
        return Json.object().put("reason", "because");
    }

    private static Map<String, String> at(String name, String key) {
        return Map.of("environment", World.ENVIRONMENT, name, key);
    }

    void create(Flag flag, Configuration configuration) {
        Json body = because()
                .put("flag", flag.toJson())
                .put("configuration", configuration.toJson())
                .build();
        ask(
                new Intent.Create(flag, configuration),
                () -> api.call("createFlag", Map.of(), Map.of(), Map.of(), Optional.of(body)));
    }

    void edit(Flag flag) {
        Json body = because().put("flag", flag.toJson()).build();
        ask(
                new Intent.Edit(flag),
                () -> api.call("editFlag", at("flag", flag.key()), Map.of(), WHATEVER_IS_THERE, Optional.of(body)));
    }

    void archive(String flag) {
        ask(
                new Intent.Archive(flag),
                () -> api.call(
                        "archiveFlag",
                        at("flag", flag),
                        Map.of("reason", "because"),
                        WHATEVER_IS_THERE,
                        Optional.empty()));
    }

    void configure(String flag, Configuration configuration) {
        Json body = because().put("configuration", configuration.toJson()).build();
        boolean there = node.image()
                .environment(World.ENVIRONMENT)
                .orElseThrow()
                .configurations()
                .containsKey(flag);
        ask(
                new Intent.Configure(flag, configuration),
                () -> api.call(
                        "configureFlag",
                        at("flag", flag),
                        Map.of(),
                        there ? WHATEVER_IS_THERE : Map.of(),
                        Optional.of(body)));
    }

    void saveSegment(dev.andon.core.model.Segment segment) {
        Json body = because().put("segment", segment.toJson()).build();
        boolean there = node.image()
                .environment(World.ENVIRONMENT)
                .orElseThrow()
                .segments()
                .containsKey(segment.key());
        ask(
                new Intent.SaveSegment(segment),
                () -> api.call(
                        "saveSegment",
                        at("segment", segment.key()),
                        Map.of(),
                        there ? WHATEVER_IS_THERE : Map.of(),
                        Optional.of(body)));
    }

    void deleteSegment(String segment) {
        ask(
                new Intent.DeleteSegment(segment),
                () -> api.call(
                        "deleteSegment",
                        at("segment", segment),
                        Map.of("reason", "because"),
                        Map.of(),
                        Optional.empty()));
    }

    void rollBack(Intent.Rollback rollback) {
        Json.Builder body = because();
        if (rollback.toVersion().isPresent()) {
            body.put("to", rollback.toVersion().getAsLong());
        } else {
            body.put("to", rollback.toTime().orElseThrow().toString());
        }
        if (rollback.whole()) {
            body.put("whole", true);
        } else {
            body.put("flags", Json.texts(rollback.flags()))
                    .put("segments", Json.texts(rollback.segments()))
                    .put("withDependencies", rollback.withDependencies());
        }
        Json built = body.build();
        ask(rollback, () -> api.call("rollBack", at("flag", ""), Map.of(), Map.of(), Optional.of(built)));
    }

    void restore(KillId kill, Target target, boolean byTarget) {
        Command<Json> command =
                byTarget ? Restores.of(World.ENVIRONMENT, target) : Restores.of(World.ENVIRONMENT, kill);
        CommandContext context =
                new CommandContext(InProcess.ACTOR, "it is over", "simulation", Optional.empty(), false);
        ask(new Intent.Restore(kill, byTarget), () -> node.plane.execute(command, context));
    }

    /** Has the ledger know a relay that reads from this node. */
    void join(Node relay, String signature) {
        InProcess relays = new InProcess(new RelayApi(
                        node.plane,
                        node.ledger.feed(),
                        node.relay.map(Upstream.class::cast),
                        node::now,
                        () -> node.world.nowMs * 1_000_000)
                .routes());
        Json body = Json.object()
                .put("publicKey", relay.publicKey())
                .put("region", relay.relay().map(Node.Relay::region))
                .put("joining", relay.joining().orElseThrow().toJson())
                .put("signature", signature)
                .build();
        ask(
                new Intent.Join(relay.id()),
                () -> relays.call("joinAsRelay", Map.of("node", relay.id()), Map.of(), Map.of(), Optional.of(body)));
    }

    /**
     * @param request names the order: a repeat of the same is no second kill
     * @param listed whether the kill says what it resolved to
     */
    void kill(
            Target target,
            Optional<Condition> audience,
            List<String> services,
            List<String> regions,
            String request,
            boolean listed) {
        CommandContext context = new CommandContext(
                InProcess.ACTOR,
                "it is bad",
                "simulation",
                Optional.of(new CommandContext.Idempotency(request, request)),
                false);
        KillRequest wanted = new KillRequest(World.ENVIRONMENT, target, audience, services, regions, Origin.HUMAN);
        ask(new Intent.SetUp(), () -> {
            KillOrder order = NodeLogic.order(node.image(), wanted, context, !node.reachesStore());
            if (!listed && target.wide()) {
                order = unlisted(order);
            }
            KillTruth truth = new KillTruth(
                    new KillId("00000000", 1),
                    target,
                    audience,
                    services,
                    regions,
                    node.version(),
                    node.world.model(node).at(node.version()),
                    node.image().provenance().epoch(),
                    order.resolved().listed() || target instanceof Target.Everything);
            node.world.promises.ordered(node, request, new Promises.Ordered(truth, context.actor(), context.reason()));
            node.order(order, 1);
        });
    }

    /** As if it were too long to be listed. */
    private static KillOrder unlisted(KillOrder order) {
        return new KillOrder(
                order.environment(),
                order.target(),
                new TreeSet<>(),
                order.audience(),
                order.services(),
                order.regions(),
                order.reason(),
                order.actor(),
                order.origin(),
                order.request(),
                new Kill.Resolved(order.resolved().epoch(), order.resolved().version(), false));
    }
}
