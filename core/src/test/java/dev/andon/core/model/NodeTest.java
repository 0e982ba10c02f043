package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodeTest {
    private static final String SECRET = "0123456789abcdef".repeat(4);

    @Test
    void aNodeWithoutAddressIsWrittenAsBeforeThereWereAddresses() {
        Node node = new Node("n1", "key");
        assertThat(node.toJson().text()).isEqualTo("{\"id\":\"n1\",\"publicKey\":\"key\"}");
        assertThat(read(node)).isEqualTo(node);
    }

    @Test
    void anAddressComesBack() {
        Node node = new Node("n1", "key").reachedAt(Optional.of("https://andon-1.example:8443"));
        assertThat(read(node)).isEqualTo(node);
        assertThat(new Node("n1", "key", Optional.of("http://[::1]:8080")).address())
                .isPresent();
    }

    @Test
    void aRelayOfWhichItIsntKnownHowItJoinedIsReadAndWrittenAsBeforeThatWasKept() {
        String before = "{\"id\":\"r1\",\"publicKey\":\"key\",\"relay\":{\"region\":\"eu\",\"retired\":false}}";
        Node relay = Node.read(Fields.lenient(Json.parse(before.getBytes(StandardCharsets.UTF_8))));
        assertThat(relay.joining()).isEmpty();
        assertThat(relay.toJson().text()).isEqualTo(before);
    }

    @Test
    void howARelayJoinedComesBackAndStaysWhenItIsRetired() {
        Node.Joining joining = new Node.Joining("t1", SECRET, Optional.of("r0"), 7);
        Node relay = new Node("r1", "key").relayingIn("eu", Optional.of(joining));
        assertThat(read(relay)).isEqualTo(relay);
        assertThat(read(relay.retired()).joining()).contains(joining);
        Node passedOn = relay.relayingIn("eu", Optional.of(joining.via(new Node.Shown("t2", SECRET))));
        assertThat(read(passedOn)).isEqualTo(passedOn);
        assertThat(joining.statement("l", "r1", "eu"))
                .isEqualTo("andon relay joins {\"ledger\":\"l\",\"node\":\"r1\",\"region\":\"eu\",\"token\":\"t1\","
                        + "\"secret\":\"" + SECRET + "\",\"parent\":\"r0\",\"number\":7}");
    }

    @Test
    void whatIsNoJoiningIsRefused() {
        for (String secret : List.of("", "a", "A".repeat(64), "g".repeat(64))) {
            assertThatThrownBy(() -> new Node.Joining("t1", secret, Optional.empty(), 1))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining("64 lower-case hexadecimal digits");
        }
        assertThatThrownBy(() -> new Node.Joining("t1", SECRET, Optional.empty(), 0))
                .hasMessage("number: 0 (expected: at least 1)");
        assertThatThrownBy(() -> new Node.Joining("t1", SECRET, Optional.of("no key"), 1))
                .hasMessageContaining("parent");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        for (String wrong : List.of(
                "",
                "andon-1.example:8080",
                "ftp://andon-1.example",
                "http://",
                "http://andon-1.example/path",
                "http://user@andon-1.example",
                "http://andon-1.example?q",
                "http://andon-1.example#f",
                "http://andon-1.example:0",
                "http://andon-1.example:70000",
                "http://an don",
                "http://" + "a".repeat(400))) {
            assertThatThrownBy(() -> new Node("n1", "key", Optional.of(wrong)))
                    .as(wrong)
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining("https://andon-1.example:8080");
        }
    }

    private static Node read(Node node) {
        return Node.read(Fields.lenient(Json.parse(node.toJson().utf8())));
    }
}
