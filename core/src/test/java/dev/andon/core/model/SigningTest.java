package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.EdECPrivateKeySpec;
import java.security.spec.NamedParameterSpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningTest {

    /** The algorithm leaves nothing to chance (RFC 8032, 5.1.6): two right implementations give the same bytes. */
    @Test
    void signs_as_the_jdk_does() throws GeneralSecurityException {
        Random random = new Random(7);
        KeyPairGenerator generator = KeyPairGenerator.getInstance("Ed25519");
        for (int i = 0; i < 200; i++) {
            KeyPair pair = generator.generateKeyPair();
            String text = random.ints(random.nextInt(3_000), 0, 0xd7ff)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
            Signature jdk = Signature.getInstance("Ed25519");
            jdk.initSign(pair.getPrivate());
            jdk.update(text.getBytes(StandardCharsets.UTF_8));

            assertThat(Signing.sign(text, pair.getPrivate()))
                    .isEqualTo(Base64.getEncoder().encodeToString(jdk.sign()));
        }
    }

    /** RFC 8032, 7.1: tests 1 and 2. */
    @ParameterizedTest
    @CsvSource({
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60, '',"
                + " e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb, 'r',"
                + " 92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    })
    void signs_as_the_standard_shows(String secret, String text, String signature) throws GeneralSecurityException {
        PrivateKey key = KeyFactory.getInstance("Ed25519")
                .generatePrivate(new EdECPrivateKeySpec(
                        NamedParameterSpec.ED25519, HexFormat.of().parseHex(secret)));

        assertThat(Signing.sign(text, key))
                .isEqualTo(Base64.getEncoder().encodeToString(HexFormat.of().parseHex(signature)));
    }

    @Test
    void another_kind_of_key_is_refused() throws GeneralSecurityException {
        KeyPairGenerator curve448 = KeyPairGenerator.getInstance("Ed448");
        KeyPairGenerator elliptic = KeyPairGenerator.getInstance("EC");
        for (KeyPairGenerator generator : new KeyPairGenerator[] {curve448, elliptic}) {
            PrivateKey key = generator.generateKeyPair().getPrivate();

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Signing.sign("text", key))
                    .withMessageContaining("key: ")
                    .withMessageContaining("expected: an Ed25519 key");
        }
    }
}
