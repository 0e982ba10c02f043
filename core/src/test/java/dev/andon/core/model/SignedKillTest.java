package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Samples;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SignedKillTest {
    private final Kill kill =
            new Samples(1).kill(new KillId("9f86d081", 17), "production", new TreeSet<>(Set.of("checkout", "search")));
    private final SignedKill signed = SignedKill.sign(kill, Samples.NODE_KEY.getPrivate());

    @Test
    void what_a_node_signed_is_its_own_also_after_a_journey() {
        SignedKill carried =
                SignedKill.read(Fields.strict(Json.parse(signed.toJson().utf8())));

        assertThat(carried).isEqualTo(signed);
        assertThat(carried.kill()).isEqualTo(kill);
        assertThat(carried.signedBy(Samples.node())).isTrue();
    }

    @Test
    void any_changed_byte_of_the_body_is_refused() {
        byte[] body = signed.body().getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < body.length; i++) {
            byte[] changed = body.clone();
            changed[i] ^= 1;
            assertRefused(new String(changed, StandardCharsets.UTF_8), signed.signature(), "byte " + i);
        }
        assertRefused(signed.body() + " ", signed.signature(), "a space more");
    }

    @Test
    void any_changed_byte_of_the_signature_is_refused() {
        byte[] signature = Base64.getDecoder().decode(signed.signature());
        for (int i = 0; i < signature.length; i++) {
            byte[] changed = signature.clone();
            changed[i] ^= 1;
            assertRefused(signed.body(), Base64.getEncoder().encodeToString(changed), "byte " + i);
        }
        for (String bad : new String[] {"", "no Base64!", signed.signature() + "AAAA"}) {
            assertRefused(signed.body(), bad, bad);
        }
    }

    @Test
    void another_nodes_key_or_name_is_refused() {
        String otherKey = Base64.getEncoder()
                .encodeToString(Samples.key("other").getPublic().getEncoded());

        assertThat(signed.signedBy(new Node(Samples.NODE, otherKey))).isFalse();
        assertThat(signed.signedBy(new Node("n2", Samples.node().publicKey()))).isFalse();
        assertThat(signed.signedBy(new Node(Samples.NODE, "rubbish"))).isFalse();
        assertThat(signed.signedBy(new Node(Samples.NODE, "no Base64!"))).isFalse();
        assertThat(SignedKill.sign(kill, Samples.key("other").getPrivate()).signedBy(Samples.node()))
                .isFalse();
    }

    private static void assertRefused(String body, String signature, String what) {
        SignedKill changed;
        try {
            Json json =
                    Json.object().put("body", body).put("signature", signature).build();
            changed = SignedKill.read(Fields.strict(Json.parse(json.utf8())));
        } catch (InvalidInput unreadable) {
            return;
        }
        assertThat(changed.signedBy(Samples.node())).as(what).isFalse();
    }
}
