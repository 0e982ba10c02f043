package dev.andon.core.stream;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.regex.Pattern;

/**
 * What two nodes sign to show each other who they are. Both texts name both nodes, the ledger and both nonces, so that a
 * signature is good for this connection alone, for this direction alone, and for nothing else that nodes sign.
 */
public final class PeerProof {
    public static final int NONCE_DIGITS = 64;

    /** Begins every such text, and nothing else that a node signs. */
    public static final String PREFIX = "andon peer link ";

    private static final Pattern NONCE = Pattern.compile("[0-9a-f]{" + NONCE_DIGITS + "}");

    private PeerProof() {}

    static String ofDialling(Frame.PeerHello hello, Frame.PeerWelcome welcome) {
        return text("dialling", hello, welcome.node(), welcome.nonce());
    }

    static String ofAccepting(Frame.PeerHello hello, String node, String nonce) {
        return text("accepting", hello, node, nonce);
    }

    private static String text(String role, Frame.PeerHello hello, String accepting, String acceptingNonce) {
        return PREFIX
                + Json.object()
                        .put("protocol", hello.protocol())
                        .put("signedBy", role)
                        .put("ledger", hello.ledger())
                        .put("dialling", hello.node())
                        .put("accepting", accepting)
                        .put("diallingNonce", hello.nonce())
                        .put("acceptingNonce", acceptingNonce)
                        .build()
                        .text();
    }

    static String nonce(String path, String nonce) {
        if (!NONCE.matcher(nonce).matches()) {
            throw new InvalidInput(path, nonce.length() + " characters", NONCE_DIGITS + " hexadecimal digits");
        }
        return nonce;
    }
}
