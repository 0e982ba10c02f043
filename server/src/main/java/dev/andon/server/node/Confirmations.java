package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.core.stop.KillOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;

/**
 * Tokens that say what a dry run has shown, signed by the node that ran it. Nothing is kept: any node that knows the
 * signer's key accepts them, without a store and after a restart, too.
 */
final class Confirmations {
    static final Duration VALID = Duration.ofMinutes(5);

    /** How far what a kill comes to may be from what its dry run has shown, of a hundred. */
    static final int TOLERANCE_PERCENT = 10;

    /** Before what is signed, so that it can never be taken for a kill's body. */
    private static final String PREFIX = "andon confirmation ";

    private static final String FIELD = "confirm";

    private final NodeKey identity;

    Confirmations(NodeKey identity) {
        this.identity = identity;
    }

    /**
     * What someone has seen.
     *
     * @param stop what would be stopped; {@link KillOrder#stopDigest}
     * @param flags how many flags
     */
    private record Seen(String node, String stop, long flags, Instant until) {
        static Seen read(Fields fields) {
            return new Seen(
                    fields.text("node"),
                    fields.text("stop"),
                    fields.whole("flags", 0, Long.MAX_VALUE),
                    Instant.ofEpochMilli(fields.whole("until", 0, Long.MAX_VALUE)));
        }

        String text() {
            return Json.object()
                    .put("node", node)
                    .put("stop", stop)
                    .put("flags", flags)
                    .put("until", until.toEpochMilli())
                    .build()
                    .text();
        }
    }

    KillAnswer.Confirmation issue(KillOrders.Ordered ordered, boolean required, Instant now) {
        Seen seen = new Seen(
                identity.node().id(),
                ordered.order().stopDigest(),
                ordered.flags().size(),
                now.plus(VALID));
        String text = seen.text();
        String token = base64(text) + "." + base64(identity.sign(PREFIX + text));
        return new KillAnswer.Confirmation(required, token, seen.until());
    }

    /** Refuses an order whose confirmation is missing, or doesn't hold any more. */
    void require(Optional<String> token, KillOrders.Ordered ordered, Image image, Instant now) {
        long flags = ordered.flags().size();
        String wanted = "the token of a dry run of this kill, which shows " + flags + " flags";
        if (token.isEmpty()) {
            throw unconfirmed("nothing", wanted);
        }
        Seen seen = read(token.get(), image)
                .orElseThrow(() -> unconfirmed("a token that no node of this ledger has signed", wanted));
        if (now.isAfter(seen.until())) {
            throw unconfirmed(
                    "a token that has expired at " + seen.until(),
                    "one that is at most " + VALID.toMinutes() + " minutes old; make a dry run again");
        }
        if (!seen.stop().equals(ordered.order().stopDigest())) {
            throw unconfirmed("the token of another kill", wanted);
        }
        if (Math.abs(flags - seen.flags()) * 100 > seen.flags() * TOLERANCE_PERCENT) {
            throw unconfirmed(
                    "a token for " + seen.flags() + " flags",
                    "one for " + flags + ", give or take " + TOLERANCE_PERCENT + " %; make a dry run again");
        }
    }

    private Optional<Seen> read(String token, Image image) {
        String[] halves = token.split("\\.", -1);
        if (halves.length != 2) {
            return Optional.empty();
        }
        try {
            String text = new String(Base64.getUrlDecoder().decode(halves[0]), StandardCharsets.UTF_8);
            String signature = new String(Base64.getUrlDecoder().decode(halves[1]), StandardCharsets.UTF_8);
            Seen seen = Seen.read(Fields.lenient(Json.parse(text.getBytes(StandardCharsets.UTF_8))));
            Node signer = identity.node().id().equals(seen.node())
                    ? identity.node()
                    : Optional.ofNullable(image.nodes().get(seen.node()))
                            .map(Versioned::value)
                            .orElse(null);
            return signer != null && signer.signed(PREFIX + text, signature) ? Optional.of(seen) : Optional.empty();
        } catch (IllegalArgumentException | InvalidInput e) {
            return Optional.empty();
        }
    }

    private static Refused unconfirmed(String value, String expected) {
        return new Refused(Refused.Code.UNCONFIRMED, FIELD, value, expected);
    }

    private static String base64(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
