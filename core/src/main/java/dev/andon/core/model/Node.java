package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * A node of the control plane, as the ledger knows it.
 *
 * @param id random, made at the node's first start
 * @param publicKey Base64 of the X.509 form of its Ed25519 key
 */
public record Node(String id, String publicKey) {
    public Node {
        Keys.key("id", id);
    }

    /**
     * Whether the node's key signed exactly this text.
     *
     * @param signature Base64 of the Ed25519 signature (RFC 8032) over the text's UTF-8 bytes
     */
    public boolean signed(String text, String signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key());
            verifier.update(text.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private PublicKey key() throws GeneralSecurityException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(publicKey);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("not Base64: " + publicKey, e);
        }
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(bytes));
    }

    public static Node read(Fields fields) {
        return new Node(fields.text("id"), fields.text("publicKey"));
    }

    public Json toJson() {
        return Json.object().put("id", id).put("publicKey", publicKey).build();
    }
}
