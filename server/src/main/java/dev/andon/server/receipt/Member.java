package dev.andon.server.receipt;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.node.Instance;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** One instance of a receipt, and how far it got. */
final class Member {
    /** What is said of all who are silent, as all are when a kill goes out; encoded. */
    private static final byte[] SILENT =
            stateOnto(Json.object(), State.SILENT, Json.Null.NULL).build().utf8();

    final Instance instance;
    private State state;

    /** From the broadcast to the acknowledgement; counts once it has applied the kill. */
    double appliedMs;

    /** From the broadcast until it was handed to the network; counts while it is sent. */
    double sentMs;

    /** From the broadcast until it asked and was answered with the kill in force; counts once it is confirmed. */
    double confirmedMs;

    /** For this client, the kill holds whole flags, as its language can't say the audience. */
    boolean widened;

    /** How many of the processes behind it vanished without goodbye and aren't back; counts while it is unreachable. */
    int missing;

    /** It was unreachable at some time since the kill went out, or connected only then. */
    boolean away;

    enum State {
        APPLIED("applied"),
        /** Was away, or came only after the kill had gone out, and acknowledged it; nothing was reported of before. */
        RETURNED("returned"),
        /** Of another protocol: asked after the kill had gone out, and was answered with it in force. */
        CONFIRMED("confirmed"),
        /** Of another protocol: the kill was handed to the network on its streams, and no more is known. */
        SENT("sent"),
        /** There, and hasn't acknowledged; of another protocol: hasn't asked since, and nothing could be sent to it. */
        SILENT("silent"),
        /** Vanished without goodbye. */
        UNREACHABLE("unreachable"),
        /** Said goodbye before it applied the kill. */
        GONE("gone");

        static final Map<String, State> WORDS =
                Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(State::word, Function.identity()));

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    Member(Instance instance, State state) {
        this.instance = instance;
        this.state = state;
    }

    boolean hasApplied() {
        return state == State.APPLIED || state == State.RETURNED;
    }

    /** Whether the kill is known to be in force there. */
    boolean holds() {
        return hasApplied() || state == State.CONFIRMED;
    }

    /** From the broadcast until the kill was known to be in force there. */
    double heldMs() {
        return state == State.CONFIRMED ? confirmedMs : appliedMs;
    }

    Protocol protocol() {
        return instance.protocol();
    }

    /** Says no more than that it was sent, however long one waits. */
    boolean saysNoMore() {
        return state == State.SENT && protocol() == Protocol.FLAGD_SYNC;
    }

    State state() {
        return state;
    }

    void become(State next) {
        state = next;
    }

    /** The instance, and how far it got. */
    Json toJson() {
        return progress(instance.toJson()).build();
    }

    /** {@link #toJson}, encoded; most of it was before. */
    byte[] utf8() {
        boolean silent = state == State.SILENT && !widened;
        return Json.utf8(
                instance.utf8(),
                silent ? SILENT : progress(Json.object()).build().utf8());
    }

    private static Json.Builder stateOnto(Json.Builder json, State state, Json appliedMs) {
        return json.put("state", state.word).put("appliedMs", appliedMs);
    }

    private boolean isMissingSome() {
        return state == State.UNREACHABLE && missing > 0 && protocol().ofSeveral();
    }

    private Json.Builder progress(Json.Builder json) {
        stateOnto(json, state, hasApplied() ? Json.of(appliedMs) : Json.Null.NULL);
        if (state == State.SENT) {
            json.put("sentMs", sentMs);
        }
        if (state == State.CONFIRMED) {
            json.put("confirmedMs", confirmedMs);
        }
        if (isMissingSome()) {
            json.put("missing", missing);
        }
        if (widened) {
            json.put("widened", true);
        }
        return json;
    }

    static Member read(String environment, Fields fields) {
        Member member = new Member(
                new Instance(
                        new InstanceKey(environment, fields.text("service"), fields.text("instance")),
                        fields.optionalText("region"),
                        fields.text("sdk"),
                        fields.has("protocol") ? fields.word("protocol", Protocol.WORDS) : Protocol.ANDON,
                        fields.optionalText("divergence")),
                fields.word("state", State.WORDS));
        member.away = member.state == State.RETURNED || member.state == State.UNREACHABLE;
        if (member.hasApplied()) {
            member.appliedMs = fields.number("appliedMs");
        }
        if (member.state == State.SENT) {
            member.sentMs = fields.number("sentMs");
        }
        if (member.state == State.CONFIRMED) {
            member.confirmedMs = fields.number("confirmedMs");
        }
        member.missing = (int) fields.whole("missing", 0, Integer.MAX_VALUE, member.state == State.UNREACHABLE ? 1 : 0);
        member.widened = fields.bool("widened", false);
        return member;
    }
}
