package dev.andon.server.receipt;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.node.InstanceListener.Instance;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.Map;

/** One instance of a receipt, and how far it got. */
final class Member {
    final Instance instance;
    private State state;

    /** From the broadcast to the acknowledgement; counts once it has applied the kill. */
    double appliedMs;

    /** It was unreachable at some time since the kill went out, or connected only then. */
    boolean away;

    enum State {
        APPLIED("applied"),
        /** Was away, or came only after the kill had gone out, and acknowledged it; nothing was reported of before. */
        RETURNED("returned"),
        /** Connected, and hasn't acknowledged. */
        SILENT("silent"),
        /** Vanished without goodbye. */
        UNREACHABLE("unreachable"),
        /** Said goodbye before it applied the kill. */
        GONE("gone");

        static final Map<String, State> WORDS = Map.of(
                "applied", APPLIED, "returned", RETURNED, "silent", SILENT, "unreachable", UNREACHABLE, "gone", GONE);

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

    State state() {
        return state;
    }

    void become(State next) {
        state = next;
    }

    Json toJson() {
        return Json.object()
                .put("service", instance.key().service())
                .put("instance", instance.key().instance())
                .put("region", instance.region().<Json>map(Json::of).orElse(Json.Null.NULL))
                .put("sdk", instance.sdk())
                .put("state", state.word)
                .put("appliedMs", hasApplied() ? Json.of(appliedMs) : Json.Null.NULL)
                .build();
    }

    static Member read(String environment, Fields fields) {
        Member member = new Member(
                new Instance(
                        new InstanceKey(environment, fields.text("service"), fields.text("instance")),
                        fields.optionalText("region"),
                        fields.text("sdk")),
                fields.word("state", State.WORDS));
        member.away = member.state == State.RETURNED || member.state == State.UNREACHABLE;
        if (member.hasApplied()) {
            member.appliedMs = fields.number("appliedMs");
        }
        return member;
    }
}
