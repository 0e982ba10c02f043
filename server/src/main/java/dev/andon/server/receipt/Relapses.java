package dev.andon.server.receipt;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for evaluations that served another variant than the safe one in a ruleset generation that holds a kill: they
 * should be impossible. Those of older generations were in flight, and no clock needs to be asked to tell them apart. Kills
 * for an audience, a service or a region are left out: what they don't stop is served as ever.
 *
 * <p>Only for the bookkeeper's thread, but for the count.
 */
final class Relapses {
    private static final Logger log = LoggerFactory.getLogger(Relapses.class);
    private static final int MAX_WARNED = 10_000;

    private final Sink sink;
    private final Set<String> warned = new HashSet<>();
    private final AtomicLong count = new AtomicLong();

    /**
     * A kill that the image may not list.
     *
     * @param settledIn the version in which it entered the ledger; 0 while it is on its way
     * @param restoredIn the version in which it was released; 0 while it stands
     */
    record Known(StandingKill kill, long settledIn, long restoredIn) {
        /** Of generations that aren't of after the restore. */
        boolean heldIn(Frame.Exposures generation) {
            return generation.pending().contains(kill.id()) || (settledIn > 0 && generation.version() >= settledIn);
        }

        /** Whether the generation is of after the restore: then it is none of the kill's concern. */
        boolean after(Frame.Exposures generation) {
            return restoredIn > 0 && generation.version() >= restoredIn;
        }
    }

    /** Who is told what was found. */
    interface Sink {
        void relapsed(KillId kill, InstanceKey instance, String flag, String variant, long number);

        /**
         * Evaluations of a flag that a kill holds, in a generation without the kill.
         *
         * @param at when they were reported
         */
        void without(
                KillId kill,
                InstanceKey instance,
                String flag,
                String variant,
                long number,
                boolean unsafe,
                Instant at);
    }

    Relapses(Sink sink) {
        this.sink = sink;
    }

    long count() {
        return count.get();
    }

    /**
     * @param known kills that are known beside those that the image lists
     * @param watched kills whose receipts want to know what was served without them, too
     * @param at when it was reported
     */
    void check(
            InstanceKey instance,
            Frame.Report report,
            Image image,
            Collection<Known> known,
            Set<KillId> watched,
            Instant at) {
        EnvironmentImage environment = image.environments().get(instance.environment());
        if (environment == null) {
            return;
        }
        for (Frame.Exposures generation : report.exposures()) {
            if (generation.version() > image.provenance().version()) {
                // It comes from a node that is further on: what held there isn't known here.
                continue;
            }
            environment.kills().values().forEach(kill -> {
                boolean held = generation.version() >= kill.version()
                        || generation.pending().contains(kill.value().id());
                check(instance, generation, image, environment, kill.value(), watched, held, at);
            });
            for (Known one : known) {
                StandingKill kill = one.kill();
                if (kill.signed().kill().environment().equals(instance.environment())
                        && !environment.kills().containsKey(kill.id())
                        && !one.after(generation)) {
                    check(instance, generation, image, environment, kill, watched, one.heldIn(generation), at);
                }
            }
        }
    }

    private void check(
            InstanceKey instance,
            Frame.Exposures generation,
            Image image,
            EnvironmentImage environment,
            StandingKill standing,
            Set<KillId> watched,
            boolean held,
            Instant at) {
        Kill kill = standing.signed().kill();
        if (!held) {
            if (!watched.contains(standing.id())) {
                return;
            }
            without(instance, generation, image, environment, standing, at);
            return;
        }
        if (kill.audience().isPresent()
                || !kill.services().isEmpty()
                || !kill.regions().isEmpty()) {
            return;
        }
        generation.counts().forEach((key, counts) -> {
            Versioned<Configuration> configuration =
                    environment.configurations().get(key);
            if (configuration != null && standing.holds(image, key) && heldThen(generation, standing, image, key)) {
                counts.forEach((variant, number) -> {
                    if (number > 0 && !variant.equals(configuration.value().safeVariant())) {
                        relapse(instance, standing.id(), key, variant, number);
                    }
                });
            }
        });
    }

    private void without(
            InstanceKey instance,
            Frame.Exposures generation,
            Image image,
            EnvironmentImage environment,
            StandingKill standing,
            Instant at) {
        generation.counts().forEach((key, counts) -> {
            Versioned<Configuration> configuration =
                    environment.configurations().get(key);
            if (configuration != null && standing.holds(image, key) && heldThen(generation, standing, image, key)) {
                counts.forEach((variant, number) -> {
                    if (number > 0) {
                        boolean unsafe = !variant.equals(configuration.value().safeVariant());
                        sink.without(standing.id(), instance, key, variant, number, unsafe, at);
                    }
                });
            }
        });
    }

    /** A flag that the kill doesn't name may have joined with what last changed its metadata. */
    private static boolean heldThen(Frame.Exposures generation, StandingKill standing, Image image, String key) {
        Versioned<Flag> flag = image.flags().get(key);
        return standing.signed().kill().flags().contains(key) || flag == null || generation.version() >= flag.version();
    }

    private void relapse(InstanceKey instance, KillId kill, String flag, String variant, long number) {
        count.addAndGet(number);
        sink.relapsed(kill, instance, flag, variant, number);
        if (warned.size() < MAX_WARNED && warned.add(kill + " " + instance)) {
            log.error(
                    "ALARM: relapse: {} of {} served variant {} of flag {} {} times under kill {}",
                    instance.instance(),
                    instance.service(),
                    variant,
                    flag,
                    number,
                    kill);
        }
    }
}
