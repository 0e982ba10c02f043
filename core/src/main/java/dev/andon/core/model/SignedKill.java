package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;

/**
 * A kill with the exact text that its node signed. It is carried, stored and verified as that text and never written
 * anew, so that whoever carries it can't change it.
 *
 * @param body the kill's JSON text
 * @param signature Base64 of the Ed25519 signature (RFC 8032) over the body's UTF-8 bytes
 * @param kill what the body says
 */
public record SignedKill(String body, String signature, Kill kill) {
    /** How long a body may be that is read: within the stream's frame limit, with room for the frame around it. */
    public static final int MAX_BODY_CHARS = 1 << 20;

    /** How long a body may be that is signed: so that a client can hand it up, and any number settle in one append. */
    public static final int MAX_SIGNED_CHARS = 1 << 18;

    public static SignedKill sign(Kill kill, PrivateKey key) {
        String body = kill.toJson().text();
        if (body.length() > MAX_SIGNED_CHARS) {
            throw new InvalidInput(
                    "kill",
                    body.length() + " characters",
                    "at most " + MAX_SIGNED_CHARS + "; a shorter audience, or fewer services and regions");
        }
        return new SignedKill(body, Signing.sign(body, key), kill);
    }

    /** Whether the node signed exactly this body. */
    public boolean signedBy(Node node) {
        return node.id().equals(kill.node()) && node.signed(body, signature);
    }

    public KillId id() {
        return kill.id();
    }

    public static SignedKill read(Fields fields) {
        String body = fields.text("body");
        if (body.length() > MAX_BODY_CHARS) {
            throw new InvalidInput(
                    fields.pathOf("body"), body.length() + " characters", "at most " + MAX_BODY_CHARS + " characters");
        }
        Kill kill = Kill.read(Fields.lenient(Json.parse(body.getBytes(StandardCharsets.UTF_8))));
        return new SignedKill(body, fields.text("signature"), kill);
    }

    public Json toJson() {
        return Json.object().put("body", body).put("signature", signature).build();
    }
}
