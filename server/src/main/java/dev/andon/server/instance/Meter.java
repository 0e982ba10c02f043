package dev.andon.server.instance;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.Traffic;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Counts what instances report that they have evaluated, over the last five minutes. Flags and variants that there aren't
 * don't count, so that an instance can't fill the memory. Thread-safe; held for no longer than a few additions, or a
 * look at the flags that are asked about.
 */
final class Meter implements Traffic {
    private static final int MAX_COUNTERS = 100_000;
    private static final double SECONDS = Window.SLOTS * Window.SLOT_SECONDS;

    private final LongSupplier nanoTime;
    private final long startNanos;
    private final Map<String, Evaluated> environments = new HashMap<>();
    private int counters;

    /** One environment: all that is evaluated, and by service, flag and variant. */
    private static final class Evaluated {
        final Window all = new Window();
        final Map<String, Map<String, Map<String, Window>>> byService = new HashMap<>();
        /** When something was last counted that there was no counter for. */
        final Window uncounted = new Window();
    }

    Meter(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.startNanos = nanoTime.getAsLong();
    }

    private long slot() {
        return (nanoTime.getAsLong() - startNanos) / 1_000_000_000 / Window.SLOT_SECONDS;
    }

    synchronized void reported(InstanceKey instance, Frame.Report report, Image image) {
        EnvironmentImage environment = image.environments().get(instance.environment());
        if (environment == null) {
            return;
        }
        long slot = slot();
        Evaluated evaluated = environments.computeIfAbsent(instance.environment(), key -> new Evaluated());
        for (Frame.Exposures generation : report.exposures()) {
            generation.counts().forEach((flag, counts) -> {
                Versioned<Configuration> configuration =
                        environment.configurations().get(flag);
                if (configuration != null) {
                    counts.forEach((variant, number) -> {
                        if (configuration.value().variants().containsKey(variant)) {
                            evaluated.all.add(slot, number);
                            count(evaluated, instance.service(), flag, variant, slot, number);
                        }
                    });
                }
            });
        }
    }

    private void count(Evaluated evaluated, String service, String flag, String variant, long slot, long number) {
        Map<String, Map<String, Window>> flags = evaluated.byService.get(service);
        Map<String, Window> variants = flags == null ? null : flags.get(flag);
        Window window = variants == null ? null : variants.get(variant);
        if (window == null) {
            if (counters == MAX_COUNTERS) {
                forgetIdle(slot);
            }
            if (counters == MAX_COUNTERS) {
                evaluated.uncounted.add(slot, number);
                return;
            }
            counters++;
            window = new Window();
            evaluated
                    .byService
                    .computeIfAbsent(service, key -> new HashMap<>())
                    .computeIfAbsent(flag, key -> new HashMap<>(4))
                    .put(variant, window);
        }
        window.add(slot, number);
    }

    private void forgetIdle(long slot) {
        counters = 0;
        for (Evaluated evaluated : environments.values()) {
            evaluated.byService.values().forEach(flags -> {
                flags.values().forEach(variants -> {
                    variants.values().removeIf(window -> window.sum(slot) == 0);
                    counters += variants.size();
                });
                flags.values().removeIf(Map::isEmpty);
            });
            evaluated.byService.values().removeIf(Map::isEmpty);
        }
    }

    @Override
    public synchronized Counted counted(String environment, Set<String> flags, Set<String> services) {
        long slot = slot();
        double seconds = Math.min(SECONDS, (nanoTime.getAsLong() - startNanos) / 1e9);
        Evaluated evaluated = environments.get(environment);
        if (evaluated == null) {
            return new Counted(0, seconds, Map.of(), Map.of(), true);
        }
        Map<String, Map<String, Long>> byFlag = new TreeMap<>();
        Map<String, Long> byService = new TreeMap<>();
        evaluated.byService.forEach((service, known) -> {
            if (services.isEmpty() || services.contains(service)) {
                Set<String> fewer = flags.size() < known.size() ? flags : known.keySet();
                for (String flag : fewer) {
                    Map<String, Window> variants = known.get(flag);
                    if (variants != null && flags.contains(flag)) {
                        variants.forEach((variant, window) -> {
                            long number = window.sum(slot);
                            if (number > 0) {
                                byFlag.computeIfAbsent(flag, key -> new TreeMap<>())
                                        .merge(variant, number, Long::sum);
                                byService.merge(service, number, Long::sum);
                            }
                        });
                    }
                }
            }
        });
        return new Counted(evaluated.all.sum(slot), seconds, byFlag, byService, evaluated.uncounted.sum(slot) == 0);
    }
}
