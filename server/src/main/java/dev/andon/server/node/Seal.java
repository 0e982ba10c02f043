package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Seals short texts with the node's key, so that any node of the ledger, also after a restart, can tell that one of them
 * did. What is sealed can be read by whoever has it. Thread-safe.
 */
public final class Seal {
    private static final String PREFIX = "andon seal ";

    private final NodeKey identity;
    private final Supplier<Image> image;

    Seal(NodeKey identity, Supplier<Image> image) {
        this.identity = identity;
        this.image = image;
    }

    /**
     * The same text always gives the same seal.
     *
     * @param purpose what the seal is good for, and nothing else
     * @return of characters that addresses may hold as they are
     */
    public String close(String purpose, String text) {
        String whole = Json.object()
                .put("node", identity.node().id())
                .put("text", text)
                .build()
                .text();
        return base64(whole) + "." + base64(identity.sign(signed(purpose, whole)));
    }

    /** The text, if a node of the ledger has sealed it for this purpose. */
    public Optional<String> open(String purpose, String sealed) {
        String[] halves = sealed.split("\\.", -1);
        if (halves.length != 2) {
            return Optional.empty();
        }
        try {
            String whole = text(halves[0]);
            String signature = text(halves[1]);
            Fields fields = Fields.lenient(Json.parse(whole.getBytes(StandardCharsets.UTF_8)));
            Optional<Node> signer = node(fields.text("node"));
            return signer.isPresent() && signer.get().signed(signed(purpose, whole), signature)
                    ? Optional.of(fields.text("text"))
                    : Optional.empty();
        } catch (IllegalArgumentException | InvalidInput e) {
            return Optional.empty();
        }
    }

    private Optional<Node> node(String id) {
        return identity.node().id().equals(id)
                ? Optional.of(identity.node())
                : Optional.ofNullable(image.get().nodes().get(id)).map(Versioned::value);
    }

    private static String signed(String purpose, String whole) {
        return PREFIX + purpose + " " + whole;
    }

    private static String text(String base64) {
        return new String(Base64.getUrlDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
