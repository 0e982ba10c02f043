package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stop.KillOrder;
import dev.andon.core.stop.StopEffect;
import dev.andon.core.stop.StopInput;
import dev.andon.core.stop.StopMachine;
import dev.andon.store.Journal;
import dev.andon.store.JournalRecord;
import dev.andon.store.StoreException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives a node's {@link StopMachine}: one thread for its steps, one for the journal, so that neither a slow disk nor the
 * ledger ever keeps a kill from going out. Nothing here waits for the store.
 *
 * <p>An error in one step, memory that runs out included, costs that step alone: it is logged as an alarm and the next
 * input is taken. Whoever waits for an answer that got lost with it is told to look.
 */
final class StopLoop implements Publisher, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(StopLoop.class);
    private static final long IDLE_MS = 1_000;
    private static final long ANSWER_MS = 10_000;

    private final StopMachine machine;
    private final Journal journal;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final List<KillListener> listeners;
    private final Sparing sparing;
    private final BlockingQueue<StopInput> inputs = new LinkedBlockingQueue<>();
    private final BlockingQueue<Runnable> writes = new LinkedBlockingQueue<>();
    private final Map<Long, CompletableFuture<StopEffect.Reply>> tickets = new ConcurrentHashMap<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final AtomicLong lastTicket = new AtomicLong();
    private final Thread thread;
    private final Thread journalThread;
    private volatile Settling settling = (at, kills, done) -> done.failed("the ledger isn't open yet");
    private volatile KnownKills.Waiting waiting = KnownKills.Waiting.NONE;
    private volatile Set<KillId> journalled = Set.of();
    private volatile long unverified;
    private volatile boolean closed;
    private long wakeAtMs = Long.MAX_VALUE;

    /** Appends kills to the ledger, on the ledger's own thread. */
    interface Settling {
        void settle(Provenance at, List<StandingKill> kills, Result result);

        default void catchUp() {}

        interface Result {
            void appended(long version);

            void conflicted();

            void failed(String why);
        }
    }

    StopLoop(
            StopMachine machine,
            Journal journal,
            InstantSource clock,
            LongSupplier nanoTime,
            List<KillListener> listeners) {
        this.machine = machine;
        this.journal = journal;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.listeners = List.copyOf(listeners);
        this.sparing = new Sparing(nanoTime);
        this.thread = Thread.ofPlatform().name("andon-stop").daemon().unstarted(this::run);
        this.journalThread = Thread.ofPlatform().name("andon-journal").daemon().unstarted(this::writeJournal);
    }

    /** What the journal kept; records that can't be read are left where they are, and reported. */
    static List<SignedKill> recover(Journal journal) {
        List<SignedKill> kills = new ArrayList<>();
        for (JournalRecord kept : journal.records()) {
            try {
                kills.add(SignedKill.read(Fields.lenient(Json.parse(kept.bytes()))));
            } catch (InvalidInput e) {
                log.error(
                        "ALARM: journal: the kill {} can't be read and doesn't stand here: {}",
                        kept.key(),
                        e.getMessage());
            }
        }
        return kills;
    }

    /** Returns once the kills of the journal stand. */
    void start(Settling ledger) {
        settling = ledger;
        journalThread.start();
        thread.start();
        try {
            begun.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Blocks until the kill was sent out; longer than {@link #ANSWER_MS} only if something is badly wrong. */
    StopEffect.Reply kill(KillOrder order) {
        long ticket = lastTicket.incrementAndGet();
        CompletableFuture<StopEffect.Reply> answer = new CompletableFuture<>();
        tickets.put(ticket, answer);
        inputs.add(new StopInput.Ordered(ticket, order, clock.instant()));
        try {
            return answer.get(ANSWER_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw unanswered(ticket, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw unanswered(ticket, e);
        }
    }

    private StoreUnavailable unanswered(long ticket, Exception cause) {
        tickets.remove(ticket);
        return new StoreUnavailable(
                "the node didn't say whether the kill went out; list the kills that stand, and repeat the request with"
                        + " the same Idempotency-Key, here or at another node",
                true,
                cause);
    }

    void carried(List<SignedKill> kills) {
        inputs.add(new StopInput.Carried(kills));
    }

    void saved(Image image) {
        inputs.add(new StopInput.Saved(image));
    }

    Map<KillId, StandingKill> pending() {
        return waiting.kills();
    }

    /** The pending kills, with the image on which they are as they are. */
    KnownKills.Waiting waiting() {
        return waiting;
    }

    /** @see LocalImage#keepsKills */
    boolean keepsKills(Image before, Image next) {
        return LocalImage.keepsKills(before, next, waiting, this::journalled);
    }

    boolean journalled(KillId kill) {
        return journalled.contains(kill);
    }

    long unverified() {
        return unverified;
    }

    @Override
    public String name() {
        return "stop";
    }

    @Override
    public void publish(Publication publication) {
        inputs.add(new StopInput.Folded(publication.after()));
    }

    private void run() {
        begin();
        while (!closed) {
            try {
                long waitMs = Math.max(0, Math.min(IDLE_MS, wakeAtMs - nowMs()));
                StopInput input = inputs.poll(waitMs, TimeUnit.MILLISECONDS);
                if (nowMs() >= wakeAtMs) {
                    wakeAtMs = Long.MAX_VALUE;
                    carryOut(machine.step(new StopInput.Tick(), nowMs()));
                }
                if (input != null) {
                    carryOut(machine.step(input, nowMs()));
                }
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                log.error("ALARM: stop: a step failed; kills are taken all the same", e);
            }
        }
    }

    private void begin() {
        try {
            // What is known already comes before the journal's kills are sent: some may be settled long since.
            for (StopInput early = inputs.poll(); early != null; early = inputs.poll()) {
                carryOut(machine.step(early, nowMs()));
            }
            carryOut(machine.start(nowMs()));
        } catch (Throwable e) {
            log.error("ALARM: stop: kills of the journal may not have gone out; restart this node", e);
        } finally {
            begun.countDown();
        }
    }

    private void carryOut(List<StopEffect> effects) {
        waiting = new KnownKills.Waiting(machine.image(), machine.pending());
        journalled = machine.journalled();
        unverified = machine.unverified();
        for (StopEffect effect : effects) {
            carryOut(effect);
        }
    }

    private void carryOut(StopEffect effect) {
        switch (effect) {
            case StopEffect.Write write -> writes.add(() -> append(write.kill()));
            case StopEffect.Send send -> send(send.kills());
            case StopEffect.Answer answer -> answer(answer);
            case StopEffect.Append append -> settling.settle(append.at(), append.kills(), new SettleResult());
            case StopEffect.CatchUp ignored -> settling.catchUp();
            case StopEffect.Forget forget -> writes.add(() -> forget(forget.kills()));
            case StopEffect.Unverified found ->
                sparing.say(others -> log.warn(
                        "kill {}: handed up and not taken over: {}{}",
                        found.kill().id(),
                        found.why(),
                        others));
            case StopEffect.Wake wake -> wakeAtMs = Math.min(wakeAtMs, wake.atMs());
        }
    }

    private void send(List<StandingKill> kills) {
        Map<String, List<StandingKill>> byEnvironment = new HashMap<>();
        for (StandingKill kill : kills) {
            byEnvironment
                    .computeIfAbsent(kill.signed().kill().environment(), key -> new ArrayList<>())
                    .add(kill);
        }
        for (KillListener listener : listeners) {
            byEnvironment.forEach((environment, some) -> {
                try {
                    listener.onKills(environment, List.copyOf(some));
                } catch (Throwable e) {
                    log.error(
                            "ALARM: stop: kills {} were not passed on",
                            some.stream().map(StandingKill::id).toList(),
                            e);
                }
            });
        }
    }

    private void answer(StopEffect.Answer answer) {
        CompletableFuture<StopEffect.Reply> waiting = tickets.remove(answer.ticket());
        if (waiting != null) {
            waiting.complete(answer.reply());
        }
    }

    private void writeJournal() {
        while (!closed) {
            try {
                writes.take().run();
            } catch (InterruptedException e) {
                return;
            } catch (Throwable e) {
                log.error("ALARM: journal: a write failed unexpectedly; the kill goes out all the same", e);
            }
        }
    }

    private void append(SignedKill kill) {
        try {
            journal.append(kill.id().toString(), kill.toJson().utf8());
            inputs.add(new StopInput.Journalled(kill.id()));
        } catch (StoreException e) {
            log.error("ALARM: kill {}: not journalled, it goes out all the same: {}", kill.id(), e.getMessage());
            inputs.add(new StopInput.JournalFailed(kill.id(), String.valueOf(e.getMessage())));
        }
    }

    private void forget(List<KillId> kills) {
        try {
            journal.forget(kills.stream().map(KillId::toString).toList());
        } catch (StoreException e) {
            log.warn("journal: {} settled kills stay until the next start: {}", kills.size(), e.getMessage());
        }
    }

    private final class SettleResult implements Settling.Result {
        @Override
        public void appended(long version) {
            inputs.add(new StopInput.Appended(version));
        }

        @Override
        public void conflicted() {
            inputs.add(new StopInput.Conflicted());
        }

        @Override
        public void failed(String why) {
            inputs.add(new StopInput.AppendFailed(why));
        }
    }

    private long nowMs() {
        return nanoTime.getAsLong() / 1_000_000;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        journalThread.interrupt();
        tickets.values()
                .forEach(waiting -> waiting.completeExceptionally(
                        new StoreUnavailable("the node is shutting down; try another one")));
    }
}
