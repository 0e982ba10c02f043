package dev.andon.server.node;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Signing;
import dev.andon.store.LocalFile;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** A node's identity: its id and the Ed25519 key that its kills are signed with. Kept in a file of its owner alone. */
record NodeKey(Node node, PrivateKey key) {
    private static final String ALGORITHM = "Ed25519";
    private static final int ID_BYTES = 6;

    /** Reads the file, or makes a new identity if there is none or it can't be read: the old one's kills stay valid. */
    static NodeKey loadOrCreate(LocalFile file, SecureRandom random) {
        Optional<byte[]> content = file.load();
        if (content.isPresent()) {
            try {
                return read(content.get());
            } catch (InvalidInput | GeneralSecurityException | IllegalArgumentException e) {
                throw new StartProblem(
                        file.path() + ": isn't a node's key (" + e.getMessage()
                                + "). Move it away, and the node gets a new identity at its next start",
                        e);
            }
        }
        NodeKey created = create(random);
        file.save(Json.object()
                .put("id", created.node().id())
                .put("publicKey", created.node().publicKey())
                .put(
                        "privateKey",
                        Base64.getEncoder().encodeToString(created.key().getEncoded()))
                .build()
                .utf8());
        return created;
    }

    SignedKill sign(Kill kill) {
        return SignedKill.sign(kill, key);
    }

    /** Base64 of the Ed25519 signature over the text's UTF-8 bytes. */
    String sign(String text) {
        return Signing.sign(text, key);
    }

    private static NodeKey read(byte[] content) throws GeneralSecurityException {
        Fields fields = Fields.lenient(Json.parse(content));
        byte[] encoded = Base64.getDecoder().decode(fields.text("privateKey"));
        PrivateKey key = KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        return new NodeKey(new Node(fields.text("id"), fields.text("publicKey")), key);
    }

    private static NodeKey create(SecureRandom random) {
        byte[] id = new byte[ID_BYTES];
        random.nextBytes(id);
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
            generator.initialize(255, random);
            KeyPair pair = generator.generateKeyPair();
            String publicKey =
                    Base64.getEncoder().encodeToString(pair.getPublic().getEncoded());
            return new NodeKey(new Node(HexFormat.of().formatHex(id), publicKey), pair.getPrivate());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java runtime has no Ed25519: " + e.getMessage(), e);
        }
    }

    /** The private key must never get into a log line. */
    @Override
    public String toString() {
        return "NodeKey[" + node.id() + "]";
    }
}
