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

    /** From the broadcast to the acknowledgement; counts in state applied. */
    double appliedMs;

    enum State {
        APPLIED("applied"),
        /** Connected, and hasn't acknowledged. */
        SILENT("silent"),
        /** Vanished without goodbye. */
        UNREACHABLE("unreachable"),
        /** Said goodbye before it applied the kill. */
        GONE("gone");

        static final Map<String, State> WORDS =
                Map.of("applied", APPLIED, "silent", SILENT, "unreachable", UNREACHABLE, "gone", GONE);

        private final String word;

        State(String word) {
            this.word = word;
        }
    }

    Member(Instance instance, State state) {
        this.instance = instance;
        this.state = state;
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
                .put("appliedMs", state == State.APPLIED ? Json.of(appliedMs) : Json.Null.NULL)
                .build();
    }

    static Member read(String environment, Fields fields) {
        Member member = new Member(
                new Instance(
                        new InstanceKey(environment, fields.text("service"), fields.text("instance")),
                        fields.optionalText("region"),
                        fields.text("sdk")),
                fields.word("state", State.WORDS));
        if (member.state == State.APPLIED) {
            member.appliedMs = fields.number("appliedMs");
        }
        return member;
    }
}
