package dev.andon.core.ledger;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Node;
import dev.andon.core.model.Signing;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Base64;

/**
 * A node's signed word that the ledger has this hash at this version, and with it everything before. Immutable.
 *
 * <p>What is signed is the UTF-8 text {@link #body()}, which has one spelling: the members below in their order, without
 * white space.
 *
 * @param ledger the ledger's id, 32 hexadecimal digits
 * @param node the id of the node that signed
 * @param key Base64 of the X.509 form of that node's Ed25519 key, as the ledger has it
 * @param signature Base64 of the Ed25519 signature (RFC 8032)
 */
public record Checkpoint(
        String ledger,
        long epoch,
        long version,
        ChainHash hash,
        String node,
        String key,
        Instant at,
        String signature) {
    /** The Base64 of every Ed25519 key's X.509 form begins with the same header (RFC 8410). */
    public static final String KEY_BEGIN = "MCowBQYDK2VwAyEA";

    public static final int KEY_CHARS = 60;
    static final int LEDGER_DIGITS = 32;

    private static final int SIGNATURE_BYTES = 64;
    private static final int TIME_CHARS = 30;
    private static final String ALGORITHM = "Ed25519";
    private static final String DIGITS = "0123456789";
    private static final String KEY_CHARACTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-:";

    /** Signs with the node's own key. */
    public static Checkpoint sign(
            String ledger, long epoch, long version, ChainHash hash, Node node, Instant at, PrivateKey key) {
        Checkpoint unsigned = new Checkpoint(
                ledger, epoch, version, hash, node.id(), node.publicKey(), at.truncatedTo(ChronoUnit.MILLIS), "");
        return unsigned.signed(Signing.sign(unsigned.body(), key));
    }

    private Checkpoint signed(String by) {
        return new Checkpoint(ledger, epoch, version, hash, node, key, at, by);
    }

    /** Reads what was signed, in its one spelling. Whether the signature holds is another question. */
    public static Checkpoint read(String body, String signature) {
        Spelling spelling = new Spelling(body.getBytes(StandardCharsets.UTF_8));
        String ledger = spelling.literal("{\"checkpoint\":1,\"ledger\":\"").hex("ledger's id", LEDGER_DIGITS);
        long epoch = spelling.literal("\",\"epoch\":").number("epoch");
        long version = spelling.literal(",\"version\":").number("version");
        String hash = spelling.literal(",\"hash\":\"").hex("hash", 2 * ChainHash.LENGTH_BYTES);
        String node = spelling.literal("\",\"node\":\"").word("node's id", Keys.KEY_CHARS, KEY_CHARACTERS);
        spelling.literal("\",\"key\":\"");
        byte[] key = spelling.base64("node's key");
        String time = spelling.literal("\",\"at\":\"").word("time", TIME_CHARS, DIGITS + "TZ:.-");
        spelling.literal("\"}").end();
        String keyText = Base64.getEncoder().encodeToString(key);
        if (!isKey(keyText)) {
            throw new InvalidInput("key", keyText, "Base64 of an Ed25519 key in X.509 form");
        }
        return new Checkpoint(ledger, epoch, version, ChainHash.parse(hash), node, keyText, time(time), signature);
    }

    private static Instant time(String text) {
        try {
            Instant at = Instant.parse(text);
            if (at.toString().equals(text)) {
                return at;
            }
        } catch (DateTimeParseException e) {
            // Refused below, like a time that is spelt otherwise.
        }
        throw new InvalidInput("at", text, "a time in UTC such as 2026-11-22T14:03:00Z");
    }

    /** Whether a text has the form of an Ed25519 key as nodes and verifiers write it. */
    static boolean isKey(String text) {
        return text.length() == KEY_CHARS && text.startsWith(KEY_BEGIN);
    }

    /** The text that is signed. */
    public String body() {
        return Json.object()
                .put("checkpoint", 1)
                .put("ledger", ledger)
                .put("epoch", epoch)
                .put("version", version)
                .put("hash", hash.hex())
                .put("node", node)
                .put("key", key)
                .put("at", at.toString())
                .build()
                .text();
    }

    /** Whether whoever has the named key signed exactly this. Says nothing about whose key that is. */
    public boolean holds() {
        try {
            byte[] bytes = Base64.getDecoder().decode(signature);
            if (bytes.length != SIGNATURE_BYTES
                    || !Base64.getEncoder().encodeToString(bytes).equals(signature)) {
                return false;
            }
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(KeyFactory.getInstance(ALGORITHM)
                    .generatePublic(new X509EncodedKeySpec(Base64.getDecoder().decode(key))));
            verifier.update(body().getBytes(StandardCharsets.UTF_8));
            return verifier.verify(bytes);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    /** Whether it is the word of that node, as the ledger has it. */
    public boolean isOf(Node known) {
        return known.id().equals(node) && known.publicKey().equals(key) && holds();
    }
}
