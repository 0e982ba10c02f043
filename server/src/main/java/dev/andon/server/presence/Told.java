package dev.andon.server.presence;

import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of one of its clients, as of now.
 *
 * @param coming counts how often it came to that node, so that one that came anew is told from one that stayed
 * @param missing how many of the processes behind it vanished without goodbye
 * @param holds the newest state that it has acknowledged, or said to have when it came
 * @param ack its last acknowledgement that counts
 * @param sent what was handed to the network for it last; of other protocols than Andon's
 * @param confirmed what it was answered from last; likewise
 */
record Told(
        Instance instance,
        State state,
        long coming,
        int missing,
        Optional<Frame.Held> holds,
        Optional<Frame.Ack> ack,
        Optional<Served> sent,
        Optional<Served> confirmed) {
    /** What clients of other protocols say to be is cut to as many. */
    private static final int MAX_SDK_CHARS = 256;

    enum State {
        CONNECTED,
        /** Without goodbye. */
        VANISHED,
        /** With goodbye. */
        LEFT,
        /** It isn't remembered any more. */
        FORGOTTEN;

        static final Map<String, State> WORDS =
                Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(State::word, Function.identity()));

        String word() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /** One that has just come, and of which nothing more is known. */
    static Told came(Instance instance, long coming, int missing, Optional<Frame.Held> holds) {
        return new Told(
                instance,
                missing == 0 ? State.CONNECTED : State.VANISHED,
                coming,
                missing,
                holds,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    InstanceKey key() {
        return instance.key();
    }

    boolean connected() {
        return state == State.CONNECTED;
    }

    /** The same, in the region of its node if it doesn't say where it is. */
    Told in(Optional<String> region) {
        return new Told(instance.in(region), state, coming, missing, holds, ack, sent, confirmed);
    }

    Told becoming(State next, int nowMissing) {
        return new Told(instance, next, coming, nowMissing, holds, ack, sent, confirmed);
    }

    Told acked(Frame.Ack newAck) {
        return new Told(
                instance, state, coming, missing, Optional.of(newAck.state()), Optional.of(newAck), sent, confirmed);
    }

    Told sent(Served served) {
        return new Told(instance, state, coming, missing, holds, ack, Optional.of(served), confirmed);
    }

    /** Whoever asks is there. */
    Told confirmed(Served served) {
        return new Told(instance, State.CONNECTED, coming, 0, holds, ack, sent, Optional.of(served));
    }

    /** As one that comes to this node would introduce itself. */
    Frame.Hello hello() {
        return new Frame.Hello(
                Frame.PROTOCOL, instance.sdk(), key().service(), key().instance(), instance.region(), holds, List.of());
    }

    /**
     * Says to listeners what is new of it.
     *
     * @param before what was said before; null if it came just now
     * @param counts whether what it acknowledges counts
     */
    void say(@Nullable Told before, boolean counts, long nanos, List<InstanceListener> listeners) {
        for (InstanceListener listener : listeners) {
            if (before == null && instance.protocol().foreign()) {
                listener.found(instance, confirmed, 0);
            } else if (before == null) {
                listener.connected(instance, hello());
            }
            ack.filter(one -> counts && (before == null || !ack.equals(before.ack())))
                    .ifPresent(one -> listener.acked(key(), one, nanos));
            sent.filter(served -> before == null || !sent.equals(before.sent()))
                    .ifPresent(served -> listener.sent(key(), served, nanos));
            confirmed
                    .filter(served -> before == null || !confirmed.equals(before.confirmed()))
                    .ifPresent(served -> listener.confirmed(key(), served, nanos));
        }
    }

    Json toJson() {
        Json.Builder json = Json.object()
                .put("environment", key().environment())
                .put("service", key().service())
                .put("instance", key().instance())
                .put("region", instance.region())
                .put("sdk", instance.sdk())
                .put("protocol", instance.protocol().word())
                .put("divergence", instance.divergence())
                .put("state", state.word())
                .put("coming", coming)
                .put("missing", missing);
        holds.ifPresent(held -> json.put("holds", heldJson(held)));
        ack.ifPresent(one -> json.put(
                "ack", Json.object().put("state", heldJson(one.state())).put("pending", idsJson(one.pending()))));
        sent.ifPresent(served -> json.put("sent", servedJson(served)));
        confirmed.ifPresent(served -> json.put("confirmed", servedJson(served)));
        return json.build();
    }

    /** Refuses what no node says with {@link dev.andon.core.json.InvalidInput}. */
    static Told read(Json json) {
        Fields fields = Fields.lenient(json);
        Instance instance = new Instance(
                new InstanceKey(
                        Keys.key("environment", fields.text("environment")),
                        Keys.name("service", fields.text("service")),
                        Keys.name("instance", fields.text("instance"))),
                fields.optionalText("region").map(region -> Keys.name("region", region)),
                Keys.line("sdk", fields.text("sdk"), MAX_SDK_CHARS),
                fields.word("protocol", Protocol.WORDS),
                fields.optionalText("divergence").map(text -> Keys.line("divergence", text, Keys.TEXT_CHARS)));
        return new Told(
                instance,
                fields.word("state", State.WORDS),
                fields.whole("coming", 0, Long.MAX_VALUE),
                (int) fields.whole("missing", 0, Integer.MAX_VALUE),
                fields.optionalObject("holds").map(Told::held),
                fields.optionalObject("ack")
                        .map(ack -> new Frame.Ack(held(ack.object("state")), List.copyOf(ids(ack, "pending")), 0)),
                fields.optionalObject("sent").map(Told::served),
                fields.optionalObject("confirmed").map(Told::served));
    }

    private static Json heldJson(Frame.Held held) {
        return Json.object()
                .put("at", ImageCodec.provenanceJson(held.provenance()))
                .put("digest", held.digest())
                .build();
    }

    private static Frame.Held held(Fields fields) {
        return new Frame.Held(
                ImageCodec.readProvenance(fields.object("at")),
                Keys.line("digest", fields.text("digest"), Keys.KEY_CHARS));
    }

    private static Json servedJson(Served served) {
        return Json.object()
                .put("at", ImageCodec.provenanceJson(served.at()))
                .put("pending", idsJson(served.pending()))
                .put("widened", idsJson(served.widened()))
                .build();
    }

    private static Served served(Fields fields) {
        Provenance at = ImageCodec.readProvenance(fields.object("at"));
        return new Served(at, ids(fields, "pending"), ids(fields, "widened"));
    }

    private static Json idsJson(Collection<KillId> ids) {
        return Json.texts(ids.stream().map(KillId::toString).toList());
    }

    private static Set<KillId> ids(Fields fields, String name) {
        Set<KillId> ids = new LinkedHashSet<>();
        fields.texts(name).forEach(id -> ids.add(KillId.parse(name, id)));
        return ids;
    }
}
