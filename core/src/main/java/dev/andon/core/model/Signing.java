package dev.andon.core.model;

import dev.andon.core.shaded.bouncycastle.math.ec.rfc8032.Ed25519;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.util.Base64;

/**
 * Signs with Ed25519 (RFC 8032). Every kill waits for a signature before it goes out, and the JDK's takes ten times as long
 * (decision 0025). Thread-safe.
 */
public final class Signing {
    private Signing() {}

    /**
     * Base64 of the signature over the text's UTF-8 bytes.
     *
     * @param key an Ed25519 key that can be read out, as those of the JDK's own provider
     */
    public static String sign(String text, PrivateKey key) {
        byte[] message = text.getBytes(StandardCharsets.UTF_8);
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        Ed25519.sign(secret(key), 0, message, 0, message.length, signature, 0);
        return Base64.getEncoder().encodeToString(signature);
    }

    private static byte[] secret(PrivateKey key) {
        if (key instanceof EdECPrivateKey edwards) {
            byte[] secret = edwards.getBytes().orElse(new byte[0]);
            if (secret.length == Ed25519.SECRET_KEY_SIZE) {
                return secret;
            }
        }
        throw new IllegalArgumentException(
                "key: " + key.getAlgorithm() + " (expected: an Ed25519 key that can be read out)");
    }
}
