package dev.andon.server.token;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Role;
import dev.andon.core.model.Token;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreUnavailable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's side of a {@link Recovery}: looks into the data directory twice a second. When things go wrong:
 *
 * <ol>
 *   <li>A request that isn't ours, or can't be read, is left alone; a warning says so once.
 *   <li>Without the ledger the request stays, and is tried again.
 *   <li>A request that was carried out before the server died is recognised by its hash, and not carried out again.
 * </ol>
 *
 * Not thread-safe.
 */
public final class RecoveryWatch {
    private static final Logger log = LoggerFactory.getLogger(RecoveryWatch.class);
    private static final int LOOK_EVERY_MS = 500;

    private final ControlPlane plane;
    private final RecoveryFiles files;
    private final RandomGenerator random;
    private String warned = "";

    public RecoveryWatch(ControlPlane plane, Path dataDirectory, RandomGenerator random) {
        this.plane = plane;
        this.files = new RecoveryFiles(dataDirectory);
        this.random = random;
    }

    /** Looks from now on, on the executor's threads, until the executor is shut down. */
    public void start(ScheduledExecutorService executor) {
        ScheduledFuture<?> _ = executor.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Looks once. Blocks. */
    void look() {
        try {
            Optional<Json> request = files.read(files.request());
            if (request.isPresent()) {
                carryOut(RecoveryFiles.Request.read(request.get()));
            }
        } catch (IOException | RuntimeException e) {
            warn("recovery: " + e.getMessage() + "; the request is left alone");
        }
    }

    private void carryOut(RecoveryFiles.Request request) throws IOException {
        try {
            long version = version(plane.execute(
                    issuing(request.hash()),
                    new CommandContext(
                            "recovery on the server's machine", request.reason(), newId(), Optional.empty(), false)));
            String id = holder(plane.image(), request.hash()).orElse("");
            log.warn("recovery: issued admin token {} to whoever may write to {}", id, files.directory());
            answer(Json.object().put("outcome", "accepted").put("token", id).put("version", version));
            Files.deleteIfExists(files.request());
        } catch (StoreUnavailable e) {
            String why = "the ledger is out of reach: " + e.getMessage();
            warn("recovery: " + why + "; trying again");
            answer(Json.object().put("outcome", "waiting").put("why", why));
        } catch (InvalidInput | Refused e) {
            warn("recovery: refused: " + e.getMessage());
            answer(Json.object().put("outcome", "refused").put("why", "" + e.getMessage()));
            Files.deleteIfExists(files.request());
        }
    }

    private Command<Long> issuing(String hash) {
        String id = newId();
        return (image, kills, now) -> new Decision<>(
                "token.issue",
                Optional.of("recovery"),
                holder(image, hash).isPresent() ? List.of() : List.of(issued(id, hash, now)),
                committed -> committed.version());
    }

    private static Event issued(String id, String hash, Instant now) {
        return new Event.TokenSaved(new Token(
                id,
                "recovery-" + id,
                Role.ADMIN,
                Optional.empty(),
                List.of(new Token.Secret(hash, Optional.empty())),
                now,
                Optional.empty()));
    }

    /** The token that has the hash. */
    private static Optional<String> holder(Image image, String hash) {
        return image.tokens().values().stream()
                .filter(token -> token.value().secrets().stream()
                        .anyMatch(secret -> secret.hash().equals(hash)))
                .map(token -> token.value().id())
                .findFirst();
    }

    private static long version(Outcome<Long> outcome) {
        return switch (outcome) {
            case Outcome.Done<Long> done -> done.reply();
            case Outcome.Unchanged<Long> unchanged -> unchanged.reply();
            case Outcome.Rehearsed<Long> rehearsed -> rehearsed.reply();
            case Outcome.Repeated<Long> repeated -> repeated.version();
        };
    }

    private void answer(Json.Builder answer) throws IOException {
        files.write(files.answer(), answer.build().utf8());
    }

    private void warn(String message) {
        if (!message.equals(warned)) {
            warned = message;
            log.warn("{}", message);
        }
    }

    private String newId() {
        byte[] bytes = new byte[6];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
