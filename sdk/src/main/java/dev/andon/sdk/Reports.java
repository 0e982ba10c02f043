package dev.andon.sdk;

import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Makes {@link Frame.Report}s of what was served, of callers' defaults and of what this process stops by itself, each well
 * within the server's limit. What couldn't be sent goes out later, as it was counted. What the network took and didn't deliver is lost: to send it again
 * could count it twice, and a count that is too low misleads nobody about what a receipt says. Not thread-safe.
 */
final class Reports {
    /** An estimate, a quarter of what a server takes from a client. */
    private static final int MAX_CHARS = 1 << 19;

    private static final int MAX_UNSENT = 256;
    private static final int CHARS_PER_COUNT = 32;

    private final Engine engine;
    private final CallerDefaults defaults;
    private final Supplier<Frame.LocalStops> local;

    /** What the server was told last of what this process stops; empty if that may not have come through. */
    private Optional<Frame.LocalStops> told = Optional.of(Frame.LocalStops.NONE);

    private final ArrayDeque<Frame.Report> unsent = new ArrayDeque<>();

    /** @param local what this process stops by itself, as of now */
    Reports(Engine engine, CallerDefaults defaults, Supplier<Frame.LocalStops> local) {
        this.engine = engine;
        this.defaults = defaults;
        this.local = local;
    }

    /** What there is to say; empty if nothing is. */
    List<Frame.Report> due(long nowMs) {
        List<Frame.Report> reports = new ArrayList<>(unsent);
        unsent.clear();
        Packing packing = new Packing(reports);
        engine.drain(nowMs).forEach(packing::add);
        for (Map<String, Json> next = defaults.next(); !next.isEmpty(); next = defaults.next()) {
            packing.add(next);
        }
        packing.close();
        Frame.LocalStops now = local.get();
        if (!told.equals(Optional.of(now))) {
            told = Optional.of(now);
            reports.add(new Frame.Report(List.of(), Map.of(), Optional.of(now)));
        }
        return reports;
    }

    /** The report couldn't be sent. The oldest are given up when too many pile up: counts are no reason to die. */
    void keep(Frame.Report report) {
        if (report.local().isPresent()) {
            told = Optional.empty();
            return;
        }
        if (unsent.size() == MAX_UNSENT) {
            unsent.removeFirst();
        }
        unsent.addLast(report);
    }

    /** A server that may not know the callers' defaults is listening. */
    void connected() {
        defaults.forgetSent();
        told = told.filter(Frame.LocalStops::isEmpty);
    }

    /** Fills reports up to the limit. */
    private static final class Packing {
        private final List<Frame.Report> into;
        private final List<Frame.Exposures> exposures = new ArrayList<>();
        private final Map<String, Json> defaults = new HashMap<>();
        private int chars;

        Packing(List<Frame.Report> into) {
            this.into = into;
        }

        void add(Frame.Exposures all) {
            int head = CHARS_PER_COUNT;
            for (KillId kill : all.pending()) {
                head += kill.journal().length() + CHARS_PER_COUNT;
            }
            Map<String, Map<String, Long>> counts = new HashMap<>();
            room(head);
            for (Map.Entry<String, Map<String, Long>> flag : all.counts().entrySet()) {
                int length = flag.getKey().length() + CHARS_PER_COUNT;
                for (String variant : flag.getValue().keySet()) {
                    length += variant.length() + CHARS_PER_COUNT;
                }
                if (chars + length > MAX_CHARS) {
                    flush(all, counts);
                    counts = new HashMap<>();
                    close();
                    chars = head;
                }
                counts.put(flag.getKey(), flag.getValue());
                chars += length;
            }
            flush(all, counts);
        }

        private void flush(Frame.Exposures of, Map<String, Map<String, Long>> counts) {
            if (!counts.isEmpty()) {
                exposures.add(new Frame.Exposures(of.version(), of.pending(), counts));
            }
        }

        void add(Map<String, Json> values) {
            for (Map.Entry<String, Json> value : values.entrySet()) {
                if (defaults.containsKey(value.getKey())) {
                    close();
                }
                room(value.getKey().length() + value.getValue().text().length() + CHARS_PER_COUNT);
                defaults.put(value.getKey(), value.getValue());
            }
        }

        private void room(int length) {
            if (chars + length > MAX_CHARS) {
                close();
            }
            chars += length;
        }

        void close() {
            if (!exposures.isEmpty() || !defaults.isEmpty()) {
                into.add(new Frame.Report(exposures, defaults));
                exposures.clear();
                defaults.clear();
            }
            chars = 0;
        }
    }
}
