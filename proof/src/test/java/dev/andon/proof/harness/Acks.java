package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Function;

/** Finds the acks among the frames of one connection and tells whose they are. Not thread-safe. */
final class Acks {
    private final Function<String, Member> members;
    private Optional<Member> member = Optional.empty();

    Acks(Function<String, Member> members) {
        this.members = members;
    }

    void read(String text) {
        Json frame = Json.parse(text.getBytes(StandardCharsets.UTF_8));
        switch (Answer.text(frame, "type")) {
            case "hello" -> member = Optional.of(members.apply(Answer.text(frame, "instance")));
            case "ack" -> {
                boolean pending = Answer.at(frame, "pending") instanceof Json.Array kills
                        && !kills.items().isEmpty();
                long version = Answer.at(frame, "state.at.version") instanceof Json.Whole whole ? whole.value() : 0;
                member.ifPresent(owner -> owner.sawAck(version, pending));
            }
            default -> {
                // the other frames prove nothing
            }
        }
    }
}
