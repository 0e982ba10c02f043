package dev.andon.sdk;

import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What this process was told to stop by itself: by the variable, by the kill file, and by its own code. Each ends only
 * where it was set. Thread-safe.
 */
final class LocalStops implements AutoCloseable {
    /** The variable that names what is stopped. */
    static final String VARIABLE = "ANDON_KILL";

    /** The variable that names the kill file. */
    static final String FILE_VARIABLE = "ANDON_KILL_FILE";

    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);

    /**
     * Where orders come from.
     *
     * @param option what the application says is stopped, in the form of the variable
     * @param variable what {@link #VARIABLE} says is stopped
     * @param pause between two looks at the file
     * @param problems sentences on what of it makes no sense at all
     */
    record Sources(
            Optional<String> option,
            Optional<String> variable,
            Optional<Path> file,
            Duration pause,
            List<String> problems) {
        static final Duration PAUSE = Duration.ofSeconds(1);
    }

    private final Consumer<List<LocalStop>> inForce;
    private final StopList ofVariable;
    private final Optional<Thread> watcher;
    private final CountDownLatch firstLook = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<Target, LocalStop> ofCode = new LinkedHashMap<>();
    private StopList ofFile = StopList.NONE;
    private StopList all = StopList.NONE;
    private final Set<String> logged = new HashSet<>();

    /** What changed last is in force; if not, for want of memory say, it is tried again. */
    private boolean applied;

    /** Said last; for the thread that watches. */
    private String fault = "";

    /** @param inForce puts exactly these in force before it returns; called by one thread at a time */
    LocalStops(Sources sources, Consumer<List<LocalStop>> inForce) {
        this.inForce = inForce;
        StopList.Joining both = new StopList.Joining();
        sources.option().ifPresent(text -> both.add(StopList.ofVariable("AndonOptions.kill", text)));
        sources.variable().ifPresent(text -> both.add(StopList.ofVariable(VARIABLE, text)));
        StopList given = both.list();
        for (String problem : sources.problems()) {
            given = given.with(problem);
        }
        this.ofVariable = given;
        this.watcher = sources.file().map(file -> {
            Thread thread = new Thread(() -> watch(new KillFile(file), sources.pause()), "andon-kill-file");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Returns when variable and file are in force, the file after so long at most: its file system may hang. */
    void start(long waitMs) {
        change();
        watcher.ifPresent(thread -> {
            thread.start();
            try {
                if (!firstLook.await(waitMs, TimeUnit.MILLISECONDS)) {
                    LOG.error("ALARM: the kill file couldn't be read in {} ms; going on, and trying further", waitMs);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void watch(KillFile file, Duration pause) {
        try {
            do {
                look(file);
                if (firstLook.getCount() > 0 && file.awaited()) {
                    LOG.warn("Kill file: {} isn't there; it is obeyed from the moment that it is", file);
                }
                firstLook.countDown();
            } while (!closed.await(pause.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            LOG.debug("The kill file isn't watched any more");
        }
    }

    private void look(KillFile file) {
        try {
            StopList now = file.read();
            synchronized (this) {
                if (!now.equals(ofFile) || !applied) {
                    ofFile = now;
                    change();
                }
            }
        } catch (Throwable e) {
            if (!e.toString().equals(fault)) {
                fault = e.toString();
                LOG.error("ALARM: fault in reading the kill file; what it said last stands; please report it", e);
            }
        }
    }

    /** Whether it wasn't stopped by code before. */
    synchronized boolean stop(Target target, String reason) {
        boolean fresh = ofCode.putIfAbsent(
                        target,
                        new LocalStop(LocalStop.Source.CODE, target, StopList.clean(reason, LocalStop.REASON_CHARS)))
                == null;
        if (fresh || !applied) {
            change();
        }
        return fresh;
    }

    /** Whether code had stopped it. */
    synchronized boolean lift(Target target) {
        boolean stopped = ofCode.remove(target) != null;
        if (stopped) {
            change();
        }
        return stopped;
    }

    synchronized StopList all() {
        return all;
    }

    private synchronized void change() {
        applied = false;
        StopList.Joining joining = new StopList.Joining();
        joining.add(new StopList(List.copyOf(ofCode.values()), List.of()));
        joining.add(ofVariable);
        joining.add(ofFile);
        StopList next = joining.list();
        inForce.accept(next.stops());
        log(all, next);
        all = next;
        applied = true;
    }

    private void log(StopList before, StopList now) {
        List<LocalStop> added = new ArrayList<>(now.stops());
        added.removeAll(before.stops());
        added.forEach(stop -> LOG.warn("Stopped in this process: {}", stop));
        List<LocalStop> lifted = new ArrayList<>(before.stops());
        lifted.removeAll(now.stops());
        lifted.forEach(stop -> LOG.warn("No longer stopped in this process: {}", stop));
        for (String problem : now.problems()) {
            if (logged.size() < 10 * Frame.LocalStops.MAX_PROBLEMS && logged.add(problem)) {
                LOG.error("ALARM: {}", problem);
            }
        }
        logged.retainAll(now.problems());
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
