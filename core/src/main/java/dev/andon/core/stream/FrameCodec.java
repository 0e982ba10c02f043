package dev.andon.core.stream;

import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Keys;
import dev.andon.core.model.KillId;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.SignedKill;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Frames as JSON in UTF-8. Members that this version doesn't know are ignored; frame types that it doesn't know are refused. */
public final class FrameCodec {
    /** What a server takes from a client. */
    public static final JsonLimits FROM_CLIENT = new JsonLimits(2 << 20, 32, 1 << 20);

    /** What a client takes from a server. */
    public static final JsonLimits FROM_SERVER = JsonLimits.SNAPSHOT;

    /** What a node takes from another one before that has shown who it is. */
    public static final JsonLimits FROM_STRANGER = new JsonLimits(4 << 10, 8, 2 << 10);

    /** What a node takes from another one. */
    public static final JsonLimits FROM_PEER = FROM_CLIENT;

    private static final int MAX_CARRIED = 1_000;

    private FrameCodec() {}

    public static byte[] encode(Frame frame) {
        Json.Builder json = Json.object().put("type", frame.type());
        if (frame instanceof Frame.Hello hello) {
            json.put("protocol", hello.protocol())
                    .put("sdk", hello.sdk())
                    .put("service", hello.service())
                    .put("instance", hello.instance())
                    .put("region", hello.region());
            hello.has().ifPresent(held -> json.put("has", heldJson(held)));
            List<Json> carried = new ArrayList<>();
            hello.carried().forEach(kill -> carried.add(kill.toJson()));
            json.put("carried", Json.array(carried));
        } else if (frame instanceof Frame.Welcome welcome) {
            json.put("protocol", welcome.protocol())
                    .put("node", welcome.node())
                    .put("environment", welcome.environment())
                    .put("heartbeatMs", welcome.heartbeatMs());
        } else if (frame instanceof Frame.Snapshot snapshot) {
            json.put("state", heldJson(new Frame.Held(snapshot.provenance(), snapshot.digest())))
                    .put("events", ImageCodec.eventsJson(snapshot.events()))
                    .put("pending", killsJson(snapshot.pending()));
        } else if (frame instanceof Frame.Patch patch) {
            json.put("from", patch.from())
                    .put("state", heldJson(new Frame.Held(patch.provenance(), patch.digest())))
                    .put("events", ImageCodec.eventsJson(patch.events()));
        } else if (frame instanceof Frame.Kills kills) {
            json.put("kills", killsJson(kills.kills()));
            if (!kills.at().equals(Provenance.NONE)) {
                json.put("at", ImageCodec.provenanceJson(kills.at()));
            }
        } else if (frame instanceof Frame.Ack ack) {
            json.put("state", heldJson(ack.state()))
                    .put("pending", idsJson(ack.pending()))
                    .put("applyMicros", ack.applyMicros());
        } else if (frame instanceof Frame.Report report) {
            List<Json> exposures = new ArrayList<>();
            report.exposures().forEach(exposure -> exposures.add(exposuresJson(exposure)));
            json.put("exposures", Json.array(exposures)).put("defaults", new Json.Members(report.defaults()));
            report.local().ifPresent(local -> json.put("local", localJson(local)));
        } else if (frame instanceof Frame.Refused refused) {
            json.put("code", refused.code())
                    .put("detail", refused.detail())
                    .put("retryAfterMs", refused.retryAfterMs());
        } else {
            encodePeer(frame, json);
        }
        return json.build().utf8();
    }

    private static void encodePeer(Frame frame, Json.Builder json) {
        if (frame instanceof Frame.PeerHello hello) {
            json.put("protocol", hello.protocol())
                    .put("ledger", hello.ledger())
                    .put("node", hello.node())
                    .put("to", hello.to())
                    .put("nonce", hello.nonce());
        } else if (frame instanceof Frame.PeerWelcome welcome) {
            json.put("protocol", welcome.protocol())
                    .put("node", welcome.node())
                    .put("nonce", welcome.nonce())
                    .put("heartbeatMs", welcome.heartbeatMs())
                    .put("proof", welcome.proof());
        } else if (frame instanceof Frame.PeerShown shown) {
            json.put("proof", shown.proof());
        } else if (frame instanceof Frame.Carry carry) {
            json.put(
                    "kills",
                    Json.array(carry.kills().stream().map(SignedKill::toJson).toList()));
        } else if (frame instanceof Frame.Known known) {
            json.put("kills", idsJson(known.kills())).put("epoch", known.epoch());
        } else if (frame instanceof Frame.Presence told) {
            Json.Builder unlisted = Json.object();
            told.unlisted().forEach(unlisted::put);
            json.put("of", told.of())
                    .put("run", told.run())
                    .put("telling", told.telling())
                    .put("begins", told.begins())
                    .put("complete", told.complete())
                    .put("clients", Json.array(told.clients()))
                    .put("unlisted", unlisted);
        } else if (frame instanceof Frame.Lost lost) {
            json.put("nodes", Json.texts(lost.nodes()));
        } else if (frame instanceof Frame.Moved moved) {
            json.put("epoch", moved.epoch()).put("version", moved.version());
        }
    }

    /** Refuses what is no frame with {@link InvalidInput}. */
    public static Frame decode(byte[] utf8, JsonLimits limits) {
        Fields fields = Fields.lenient(Json.parse(utf8, limits));
        String type = fields.text("type");
        return switch (type) {
            case "hello" -> hello(fields);
            case "welcome" ->
                new Frame.Welcome(
                        (int) fields.whole("protocol", 1, Integer.MAX_VALUE),
                        fields.text("node"),
                        fields.text("environment"),
                        (int) fields.whole("heartbeatMs", 1, 3_600_000));
            case "snapshot" -> {
                Frame.Held state = held(fields.object("state"));
                yield new Frame.Snapshot(
                        state.provenance(),
                        state.digest(),
                        ImageCodec.readEvents(fields, "events"),
                        fields.objects("pending", FrameCodec::standingKill));
            }
            case "patch" -> {
                Frame.Held state = held(fields.object("state"));
                yield new Frame.Patch(
                        fields.whole("from", 0, Long.MAX_VALUE),
                        state.provenance(),
                        state.digest(),
                        ImageCodec.readEvents(fields, "events"));
            }
            case "kill" ->
                new Frame.Kills(
                        fields.objects("kills", FrameCodec::standingKill),
                        fields.optionalObject("at")
                                .map(ImageCodec::readProvenance)
                                .orElse(Provenance.NONE));
            case "ping" -> new Frame.Ping();
            case "pong" -> new Frame.Pong();
            case "ack" ->
                new Frame.Ack(
                        held(fields.object("state")), ids(fields), fields.whole("applyMicros", 0, Long.MAX_VALUE, 0));
            case "report" ->
                new Frame.Report(
                        fields.objects("exposures", FrameCodec::exposures),
                        new LinkedHashMap<>(fields.map("defaults")),
                        fields.optionalObject("local").map(FrameCodec::local));
            case "bye" -> new Frame.Bye();
            case "error" ->
                new Frame.Refused(
                        fields.text("code"),
                        fields.text("detail", ""),
                        fields.whole("retryAfterMs", 0, Long.MAX_VALUE, 0));
            default -> peer(type, fields);
        };
    }

    private static Frame peer(String type, Fields fields) {
        return switch (type) {
            case "peer-hello" ->
                new Frame.PeerHello(
                        (int) fields.whole("protocol", 1, Integer.MAX_VALUE),
                        Keys.line("ledger", fields.text("ledger"), Keys.KEY_CHARS),
                        Keys.key("node", fields.text("node")),
                        fields.optionalText("to").map(to -> Keys.key("to", to)),
                        PeerProof.nonce("nonce", fields.text("nonce")));
            case "peer-welcome" ->
                new Frame.PeerWelcome(
                        (int) fields.whole("protocol", 1, Integer.MAX_VALUE),
                        Keys.key("node", fields.text("node")),
                        PeerProof.nonce("nonce", fields.text("nonce")),
                        (int) fields.whole("heartbeatMs", 1, 3_600_000),
                        fields.text("proof"));
            case "peer-proof" -> new Frame.PeerShown(fields.text("proof"));
            case "carry" -> {
                List<SignedKill> kills = fields.objects("kills", SignedKill::read);
                Keys.atMost("kills", kills.size(), Frame.Carry.MAX_KILLS);
                yield new Frame.Carry(kills);
            }
            case "known" -> {
                List<String> ids = fields.texts("kills");
                Keys.atMost("kills", ids.size(), Frame.Known.MAX_KILLS);
                yield new Frame.Known(
                        ids.stream().map(id -> KillId.parse("kills", id)).toList(),
                        fields.has("epoch") ? fields.whole("epoch", 0, Long.MAX_VALUE) : 0);
            }
            case "presence" -> presence(fields);
            case "lost" -> {
                List<String> nodes = fields.texts("nodes");
                Keys.atMost("nodes", nodes.size(), Frame.Lost.MAX_NODES);
                nodes.forEach(node -> Keys.key("nodes", node));
                yield new Frame.Lost(nodes);
            }
            case "moved" ->
                new Frame.Moved(fields.whole("epoch", 0, Long.MAX_VALUE), fields.whole("version", 0, Long.MAX_VALUE));
            default ->
                throw new InvalidInput(
                        "type",
                        Json.of(type).text(),
                        "one of hello, welcome, snapshot, patch, kill, ping, pong, ack, report, bye, error; between"
                                + " nodes also peer-hello, peer-welcome, peer-proof, carry, known, presence, lost,"
                                + " moved");
        };
    }

    private static Frame.Presence presence(Fields fields) {
        List<Json> clients = fields.items("clients");
        Keys.atMost("clients", clients.size(), Frame.Presence.MAX_CLIENTS);
        Fields counts = fields.object("unlisted");
        Map<String, Long> unlisted = new LinkedHashMap<>();
        List<String> environments = List.copyOf(fields.map("unlisted").keySet());
        Keys.atMost("unlisted", environments.size(), Frame.Presence.MAX_ENVIRONMENTS);
        environments.forEach(environment -> unlisted.put(
                Keys.key("unlisted", environment), counts.whole(environment, 0, Frame.Presence.MAX_UNLISTED)));
        return new Frame.Presence(
                fields.optionalText("of").map(node -> Keys.key("of", node)),
                Keys.line("run", fields.text("run"), Keys.KEY_CHARS),
                fields.whole("telling", 1, Long.MAX_VALUE),
                fields.bool("begins"),
                fields.bool("complete"),
                clients,
                unlisted);
    }

    private static Frame.Hello hello(Fields fields) {
        List<SignedKill> carried = fields.objects("carried", SignedKill::read);
        if (carried.size() > MAX_CARRIED) {
            throw new InvalidInput("carried", carried.size() + " kills", "at most " + MAX_CARRIED);
        }
        return new Frame.Hello(
                (int) fields.whole("protocol", 1, Integer.MAX_VALUE),
                Keys.name("sdk", fields.text("sdk")),
                Keys.name("service", fields.text("service")),
                Keys.name("instance", fields.text("instance")),
                fields.optionalText("region").map(region -> Keys.name("region", region)),
                fields.optionalObject("has").map(FrameCodec::held),
                carried);
    }

    private static Json localJson(Frame.LocalStops local) {
        List<Json> stops = new ArrayList<>();
        local.stops()
                .forEach(held -> stops.add(
                        held.stop().toJson().put("flags", held.flags()).build()));
        return Json.object()
                .put("stops", Json.array(stops))
                .put("problems", Json.texts(local.problems()))
                .build();
    }

    private static Frame.LocalStops local(Fields fields) {
        List<Frame.LocalStops.Standing> stops = fields.objects(
                "stops",
                one -> new Frame.LocalStops.Standing(
                        LocalStop.read(one), (int) one.whole("flags", 0, Integer.MAX_VALUE)));
        List<String> problems = fields.texts("problems");
        Keys.atMost(fields.pathOf("stops"), stops.size(), Frame.LocalStops.MAX_STOPS);
        Keys.atMost(fields.pathOf("problems"), problems.size(), Frame.LocalStops.MAX_PROBLEMS);
        for (String problem : problems) {
            Keys.line(fields.pathOf("problems"), problem, Frame.LocalStops.PROBLEM_CHARS);
        }
        return new Frame.LocalStops(stops, problems);
    }

    private static Json heldJson(Frame.Held held) {
        return Json.object()
                .put("at", ImageCodec.provenanceJson(held.provenance()))
                .put("digest", held.digest())
                .build();
    }

    /** The digest is passed on from node to node, and compared: what is too long for that is refused where it comes in. */
    private static Frame.Held held(Fields fields) {
        return new Frame.Held(
                ImageCodec.readProvenance(fields.object("at")),
                Keys.line(fields.pathOf("digest"), fields.text("digest"), Keys.KEY_CHARS));
    }

    private static Json killsJson(List<StandingKill> kills) {
        List<Json> items = new ArrayList<>();
        for (StandingKill kill : kills) {
            items.add(Json.object()
                    .put("kill", kill.signed().toJson())
                    .put("flags", Json.texts(kill.flags()))
                    .build());
        }
        return Json.array(items);
    }

    private static StandingKill standingKill(Fields fields) {
        return new StandingKill(SignedKill.read(fields.object("kill")), new TreeSet<>(fields.texts("flags")));
    }

    private static Json idsJson(List<KillId> ids) {
        return Json.texts(ids.stream().map(KillId::toString).toList());
    }

    private static List<KillId> ids(Fields fields) {
        return fields.texts("pending").stream()
                .map(id -> KillId.parse("pending", id))
                .toList();
    }

    private static Json exposuresJson(Frame.Exposures exposures) {
        Json.Builder counts = Json.object();
        exposures.counts().forEach((flag, variants) -> {
            Json.Builder byVariant = Json.object();
            variants.forEach(byVariant::put);
            counts.put(flag, byVariant);
        });
        return Json.object()
                .put("version", exposures.version())
                .put("pending", idsJson(exposures.pending()))
                .put("counts", counts)
                .build();
    }

    private static Frame.Exposures exposures(Fields fields) {
        Map<String, Map<String, Long>> counts = new LinkedHashMap<>();
        fields.map("counts").forEach((flag, value) -> {
            Fields variants = Fields.lenient(value);
            Map<String, Long> byVariant = new LinkedHashMap<>();
            ((Json.Members) value)
                    .members()
                    .keySet()
                    .forEach(variant -> byVariant.put(variant, variants.whole(variant, 0, Long.MAX_VALUE)));
            counts.put(flag, byVariant);
        });
        return new Frame.Exposures(fields.whole("version", 0, Long.MAX_VALUE), ids(fields), counts);
    }
}
