package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kills that clients or other nodes carry, on their way to the stop thread. Checking a signature takes as long as sending a kill to
 * hundreds of clients, and whoever has an SDK key can hand up as many forged ones as there are bytes: they are checked
 * here, on a thread of their own, and only so many wait. Thread-safe; never blocks its callers.
 */
final class CarriedKills implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(CarriedKills.class);
    private static final long MAX_WAITING_CHARS = 16 << 20;

    /** Whoever hands up so many forged kills at once isn't listened to any longer. */
    private static final int MAX_FORGED = 16;

    private final Supplier<Image> image;
    private final Supplier<Map<KillId, ?>> pending;
    private final Consumer<List<SignedKill>> target;
    private final InstantSource clock;
    private final Sparing sparing;
    private final String who;
    private final AtomicLong waitingChars = new AtomicLong();
    private final ExecutorService checking;

    /**
     * @param who hands them up, in words, for log lines
     * @param pending kills that are on their way to the ledger already
     * @param target gets those that this node doesn't know, signed by their node or by one that isn't known here
     * @param clock tells which tokens are in force, by which relays have joined
     */
    CarriedKills(
            String who,
            Supplier<Image> image,
            Supplier<Map<KillId, ?>> pending,
            Consumer<List<SignedKill>> target,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.who = who;
        this.image = image;
        this.pending = pending;
        this.target = target;
        this.clock = clock;
        this.sparing = new Sparing(nanoTime);
        this.checking = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().name("andon-carried").daemon().factory());
    }

    /**
     * Whether they will be looked at: not when too many wait already.
     *
     * @param looked told once that is done how many of them were forged; by any thread
     */
    boolean offer(List<SignedKill> kills, IntConsumer looked) {
        List<SignedKill> unknown = unknown(kills);
        if (unknown.isEmpty()) {
            looked.accept(0);
            return true;
        }
        long chars = unknown.stream().mapToLong(kill -> kill.body().length()).sum();
        if (waitingChars.addAndGet(chars) > MAX_WAITING_CHARS) {
            waitingChars.addAndGet(-chars);
            return false;
        }
        try {
            checking.execute(() -> {
                int forged = 0;
                try {
                    forged = check(unknown);
                } finally {
                    waitingChars.addAndGet(-chars);
                    looked.accept(forged);
                }
            });
            return true;
        } catch (RejectedExecutionException closed) {
            return false;
        }
    }

    private List<SignedKill> unknown(List<SignedKill> kills) {
        Image now = image.get();
        Map<KillId, ?> known = pending.get();
        return kills.stream()
                .filter(kill -> !now.marks().covers(kill.id()) && !known.containsKey(kill.id()))
                .toList();
    }

    /** How many are forged, up to {@link #MAX_FORGED}. */
    private int check(List<SignedKill> kills) {
        Image now = image.get();
        Map<String, Optional<String>> doubts = new HashMap<>();
        List<SignedKill> believable = new ArrayList<>();
        int forged = 0;
        for (SignedKill kill : unknown(kills)) {
            Optional<Node> node =
                    Optional.ofNullable(now.nodes().get(kill.kill().node())).map(Versioned::value);
            // before the signature is checked: whoever was believed once may have any number of them, and costs others
            // nothing
            Optional<String> doubt = node.flatMap(
                    signer -> doubts.computeIfAbsent(signer.id(), id -> Relays.doubt(now, signer, clock.instant())));
            if (doubt.isPresent()) {
                leaveOut(kill, doubt.get());
            } else if (node.isEmpty() || kill.signedBy(node.get())) {
                believable.add(kill);
            } else {
                leaveOut(kill, "not signed by node " + node.get().id());
                forged++;
            }
            if (forged == MAX_FORGED) {
                break;
            }
        }
        if (!believable.isEmpty()) {
            target.accept(believable);
        }
        return forged;
    }

    private void leaveOut(SignedKill kill, String why) {
        sparing.say(
                others -> log.warn("kill {}: handed up by {} and not taken over: {}{}", kill.id(), who, why, others));
    }

    @Override
    public void close() {
        checking.shutdownNow();
    }
}
