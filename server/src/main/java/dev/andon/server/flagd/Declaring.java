package dev.andon.server.flagd;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Environment;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Refused;
import dev.andon.server.node.ServedStates;
import dev.andon.server.node.StoreUnavailable;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the ledger, once, that the environments which a server was started with are served to flagd's clients, so that every
 * node refuses there what flagd's language can't say. What can't be done at the start is done when it can: the environment may
 * be created later, the ledger may be out of reach, a flag may stand in the way. Thread-safe.
 */
final class Declaring implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Declaring.class);
    private static final long RETRY_MS = 1_000;

    private final ControlPlane plane;
    private final Set<String> left;
    private final Map<String, Long> refusedAt = new HashMap<>();
    private final Semaphore news = new Semaphore(0);
    private final Thread thread = Thread.ofVirtual().name("andon-flagd-declare").unstarted(this::run);

    Declaring(ControlPlane plane, Collection<String> environments) {
        this.plane = plane;
        this.left = new LinkedHashSet<>(environments);
    }

    /** Does what can be done now, and follows for the rest. Blocks for as long as the ledger takes. */
    void start(ServedStates states) {
        declareAll();
        if (!left.isEmpty()) {
            states.follow(news::release);
            thread.start();
        }
    }

    private void run() {
        try {
            while (!left.isEmpty()) {
                boolean told = news.tryAcquire(RETRY_MS, TimeUnit.MILLISECONDS);
                if (told) {
                    news.drainPermits();
                }
                declareAll();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void declareAll() {
        for (Iterator<String> each = left.iterator(); each.hasNext(); ) {
            if (declared(each.next())) {
                each.remove();
            }
        }
    }

    private boolean declared(String environment) {
        Optional<EnvironmentImage> known = plane.image().environment(environment);
        if (known.isEmpty() || known.get().version() == refusedAt.getOrDefault(environment, -1L)) {
            return false;
        }
        if (known.get().environment().serves(Environment.FLAGD_SYNC)) {
            return true;
        }
        try {
            plane.execute(serving(environment), context());
            return true;
        } catch (StoreUnavailable e) {
            log.debug("flagd: environment {}: not served yet: {}", environment, e.getMessage());
            return false;
        } catch (InvalidInput | Refused e) {
            refusedAt.put(environment, known.get().version());
            log.error(
                    "ALARM: flagd: environment {} isn't served to clients that evaluate by themselves: {}."
                            + " It is tried again when the environment changes",
                    environment,
                    e.getMessage());
            return false;
        }
    }

    private CommandContext context() {
        return new CommandContext(
                "node:" + plane.node(),
                "started with --flagd-sync and --flagd-environment",
                "start",
                Optional.empty(),
                false);
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
