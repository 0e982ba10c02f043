package dev.andon.server.instance;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Instance;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.StreamListener.StreamId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What is known of one instance. Only for the bookkeeper's thread. */
final class Entry {
    final Instance instance;
    final Instant connectedAt;
    final Map<String, Json> divergentDefaults = new LinkedHashMap<>();

    /** When this instance came anew while its stream still was open. */
    final Deque<Instant> superseded = new ArrayDeque<>(0);

    /** What it stops by itself, as it said last. */
    Frame.LocalStops local = Frame.LocalStops.NONE;

    @Nullable
    StreamId stream;

    /** Since when it owes an acknowledgement; null if it has acknowledged all that it was sent. */
    @Nullable
    Instant owesSince;

    Frame.@Nullable Ack lastAck;
    long lastAckNanos;

    /** The last ack doesn't count yet: it can't be told whose it is. */
    boolean withheld;

    @Nullable
    Instant vanishedAt;

    Entry(Instance instance, Instant connectedAt) {
        this.instance = instance;
        this.connectedAt = connectedAt;
        this.owesSince = connectedAt;
    }

    State state() {
        if (stream == null) {
            return State.UNREACHABLE;
        }
        return owesSince == null ? State.LIVE : State.SILENT;
    }

    enum State {
        LIVE("live"),
        SILENT("silent"),
        UNREACHABLE("unreachable");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    Json toJson(boolean contested, Duration toTimeOfDay) {
        Json.Builder json = Json.object()
                .put("service", instance.key().service())
                .put("instance", instance.key().instance())
                .put("region", instance.region().<Json>map(Json::of).orElse(Json.Null.NULL))
                .put("sdk", instance.sdk())
                .put("protocol", instance.protocol().word())
                .put("state", state().word())
                .put("connectedAt", connectedAt.plus(toTimeOfDay).toString());
        Frame.Ack ack = lastAck;
        if (ack == null) {
            json.put("version", Json.Null.NULL).put("pending", Json.texts(java.util.List.of()));
        } else {
            json.put("version", ack.state().provenance().version())
                    .put(
                            "pending",
                            Json.texts(
                                    ack.pending().stream().map(KillId::toString).toList()));
        }
        if (vanishedAt != null) {
            json.put("vanishedAt", vanishedAt.plus(toTimeOfDay).toString());
        }
        if (!divergentDefaults.isEmpty()) {
            json.put("divergentDefaults", new Json.Members(divergentDefaults));
        }
        if (!local.stops().isEmpty()) {
            json.put(
                    "localStops",
                    Json.array(local.stops().stream()
                            .map(one -> one.stop()
                                    .toJson()
                                    .put("flags", one.flags())
                                    .build())
                            .toList()));
        }
        if (!local.problems().isEmpty()) {
            json.put("localProblems", Json.texts(local.problems()));
        }
        if (contested) {
            json.put("contested", true);
        }
        return json.build();
    }

    Json saved(Instant now, Duration toTimeOfDay) {
        return Json.object()
                .put("environment", instance.key().environment())
                .put("service", instance.key().service())
                .put("instance", instance.key().instance())
                .put("region", instance.region())
                .put("sdk", instance.sdk())
                .put("connectedAt", connectedAt.plus(toTimeOfDay).toString())
                .put(
                        "vanishedAt",
                        (vanishedAt == null ? now : vanishedAt)
                                .plus(toTimeOfDay)
                                .toString())
                .build();
    }

    /** As it was saved; without a stream it is unreachable. */
    static Entry read(Fields fields, boolean wasConnected, Instant now) {
        Entry entry = new Entry(
                new Instance(
                        new InstanceKey(fields.text("environment"), fields.text("service"), fields.text("instance")),
                        fields.optionalText("region"),
                        fields.text("sdk")),
                Instant.parse(fields.text("connectedAt")));
        entry.vanishedAt = wasConnected ? now : Instant.parse(fields.text("vanishedAt"));
        return entry;
    }

    Optional<StreamId> openStream() {
        return Optional.ofNullable(stream);
    }
}
