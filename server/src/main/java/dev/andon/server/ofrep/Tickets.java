package dev.andon.server.ofrep;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Token;
import dev.andon.server.http.Caller;
import dev.andon.server.node.Seal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What lets a browser open an event stream, as it can't send headers there. A ticket is sealed by a node and taken by all of
 * them, also after a restart; it opens streams and nothing else, shows neither the key nor any flag, ends with its key, and
 * after a day or two. Within a period a key's ticket stays the same, as clients open a new stream when it changes.
 * Thread-safe.
 */
final class Tickets {
    private static final String PURPOSE = "event stream";
    private static final long PERIOD_SECONDS = 24L * 60 * 60;
    private static final int HASH_CHARS = 32;
    private static final int MANY = 10_000;

    private final Seal seal;
    private final Supplier<Image> image;
    private final InstantSource clock;
    private final Map<Holder, String> issued = new ConcurrentHashMap<>();

    /** @param hash the beginning of the hash of the secret that was shown */
    record Holder(String token, String hash, long untilSeconds) {
        private String text() {
            return Json.object()
                    .put("token", token)
                    .put("hash", hash)
                    .put("until", untilSeconds)
                    .build()
                    .text();
        }

        private static Holder read(String text) {
            Fields fields = Fields.lenient(Json.parse(text.getBytes(StandardCharsets.UTF_8)));
            return new Holder(fields.text("token"), fields.text("hash"), fields.whole("until", 0, Long.MAX_VALUE));
        }
    }

    Tickets(Seal seal, Supplier<Image> image, InstantSource clock) {
        this.seal = seal;
        this.image = image;
        this.clock = clock;
    }

    /** Numbers the stretches of time in which tickets stay the same. */
    long period() {
        return clock.instant().getEpochSecond() / PERIOD_SECONDS;
    }

    String issue(Caller caller) {
        Holder holder = new Holder(
                caller.token(), caller.secretHash().substring(0, HASH_CHARS), (period() + 2) * PERIOD_SECONDS);
        if (issued.size() > MANY) {
            issued.clear();
        }
        return issued.computeIfAbsent(holder, key -> seal.close(PURPOSE, key.text()));
    }

    Optional<Holder> read(String ticket) {
        try {
            return seal.open(PURPOSE, ticket).map(Holder::read);
        } catch (InvalidInput e) {
            return Optional.empty();
        }
    }

    /** The environment that the holder may hear of now; empty if the key was revoked or rotated out, or the time is over. */
    Optional<String> environment(Holder holder) {
        Instant now = clock.instant();
        if (now.getEpochSecond() >= holder.untilSeconds()) {
            return Optional.empty();
        }
        return Optional.ofNullable(image.get().tokens().get(holder.token()))
                .map(Versioned::value)
                .filter(token -> token.secrets().stream()
                        .filter(secret -> secret.hash().startsWith(holder.hash()))
                        .anyMatch(secret -> token.accepts(secret.hash(), now)))
                .flatMap(Token::environment);
    }
}
