package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class NodeTest {
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
