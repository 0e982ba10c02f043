package dev.andon.server.flagd;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Environment;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreUnavailable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the ledger which environments are served to flagd's clients that evaluate by themselves, so that every node refuses
 * there what flagd's language can't say. Nobody waits for it: who asks is served, and stopped, whether it could be said or not.
 * What can't be said now is said later: the environment may be created later, the ledger be out of reach, a flag stand in the
 * way. Thread-safe.
 */
final class Declaring implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Declaring.class);
    private static final long RETRY_MS = 1_000;

    private final ControlPlane plane;
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private final Map<String, Long> refusedAt = new HashMap<>();
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = Thread.ofVirtual().name("andon-flagd-declare").unstarted(this::run);

    Declaring(ControlPlane plane) {
        this.plane = plane;
    }

    void start() {
        thread.start();
    }

    /** The environment is served, or is to be once it is there. */
    void want(String environment) {
        boolean declared = plane.image()
                .environment(environment)
                .filter(known -> known.environment().serves(Environment.FLAGD_SYNC))
                .isPresent();
        if (!declared && wanted.add(environment)) {
            news.release();
        }
    }

    private void run() {
        try {
            while (true) {
                if (wanted.isEmpty()) {
                    news.acquire();
                } else if (news.tryAcquire(RETRY_MS, TimeUnit.MILLISECONDS)) {
                    news.drainPermits();
                }
                wanted.removeIf(this::declared);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean declared(String environment) {
        Image image = plane.image();
        long version = image.provenance().version();
        Optional<EnvironmentImage> known = image.environment(environment);
        if (known.isEmpty() || version == refusedAt.getOrDefault(environment, -1L)) {
            return false;
        }
        if (known.get().environment().serves(Environment.FLAGD_SYNC)) {
            return true;
        }
        try {
            plane.execute(serving(environment), context());
            refusedAt.remove(environment);
            return true;
        } catch (StoreUnavailable e) {
            log.debug("flagd: environment {}: not declared yet: {}", environment, e.getMessage());
        } catch (InvalidInput | Refused e) {
            if (refusedAt.put(environment, version) == null) {
                log.error(
                        "ALARM: flagd: environment {}: clients that evaluate by themselves are served without what"
                                + " they can't express: {}. Change it; this is tried again with every change",
                        environment,
                        e.getMessage());
            }
        } catch (RuntimeException e) {
            if (refusedAt.put(environment, version) == null) {
                log.error(
                        "ALARM: flagd: environment {}: can't be declared; this is tried again with every change",
                        environment,
                        e);
            }
        }
        return false;
    }

    private CommandContext context() {
        return new CommandContext(
                "node:" + plane.node(), "served to flagd's clients by its sync port", "flagd", Optional.empty(), false);
    }

    private static Command<Boolean> serving(String key) {
        return (image, kills, now) -> {
            Optional<Environment> changed = image.environment(key)
                    .map(EnvironmentImage::environment)
                    .filter(environment -> !environment.serves(Environment.FLAGD_SYNC))
                    .map(environment -> environment.serving(Environment.FLAGD_SYNC));
            List<Event> events = changed.<List<Event>>map(
                            environment -> List.of(new Event.EnvironmentSaved(environment)))
                    .orElse(List.of());
            return Decision.of("environment.edit", events, committed -> true);
        };
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
