package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.server.node.Instance;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemberTest {
    private static final InstanceKey KEY = new InstanceKey("production", "a \"shop\"", "host-ü-1");

    @ParameterizedTest
    @EnumSource
    void what_is_encoded_apart_is_the_whole(Member.State state) {
        for (Protocol protocol : Protocol.values()) {
            for (Optional<String> divergence : List.of(Optional.<String>empty(), Optional.of("an \\ audience"))) {
                for (int missing : new int[] {0, 3}) {
                    Member member = new Member(new Instance(KEY, divergence, "sdk/1", protocol, divergence), state);
                    member.appliedMs = 12.5;
                    member.sentMs = 1e7;
                    member.confirmedMs = 3;
                    member.missing = missing;
                    member.widened = missing > 0;

                    for (int time = 0; time < 2; time++) {
                        assertThat(members(Json.parse(member.utf8()))).isEqualTo(members(member.toJson()));
                    }
                }
            }
        }
    }

    /** In whatever order. */
    private static Map<String, Json> members(Json json) {
        return ((Json.Members) json).members();
    }
}
