package dev.andon.server.receipt;

import dev.andon.core.event.Event;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Sha256;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.Observation;
import dev.andon.server.node.SavedLater;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.store.LocalFile;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What receipts tell the ledger: last words, and alarms of relapses. A last word is said in this order: its document is
 * saved, then the receipt that has its digest, and then the ledger is told, as often as it takes. Only for the bookkeeper's
 * thread.
 */
final class LastWords implements Relapses.Sink, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LastWords.class);
    private static final long SAVE_PAUSE_MS = 1_000;

    private final Bookkeeper books;
    private final Consumer<Observation> ledger;
    private final Deadlines deadlines;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final BooleanSupplier onDuty;
    private final Shelf shelf;
    private final SavedLater saved;
    private final List<KillId> left;

    /** Those that have something to tell the ledger still, or wait for its answer. */
    private final Map<KillId, Receipt> unfinished = new LinkedHashMap<>();

    private final Map<KillId, Spoken> spoken = new HashMap<>();

    /** What is to be saved, and told to the ledger then. */
    record Spoken(int number, byte[] document, Observation observation) {}

    /** Where the receipts are. */
    interface Shelf {
        Optional<Receipt> find(KillId kill);

        void changed(Receipt receipt);

        /** What the kill holds, or held when it was restored. */
        KillReceipts.Held held(Receipt receipt);
    }

    /**
     * @param file names the receipts that have something to say, over a restart; read here
     * @param onDuty whether this node speaks for a kill for which nobody else does
     */
    LastWords(
            Bookkeeper books,
            LocalFile file,
            Consumer<Observation> ledger,
            Deadlines deadlines,
            InstantSource clock,
            LongSupplier nanoTime,
            BooleanSupplier onDuty,
            Shelf shelf) {
        this.books = books;
        this.ledger = ledger;
        this.deadlines = deadlines;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.onDuty = onDuty;
        this.shelf = shelf;
        this.left = file.load().map(LastWords::readIds).orElse(List.of());
        this.saved = new SavedLater("unfinished", file, () -> books.ask(this::ids), SAVE_PAUSE_MS, nanoTime);
    }

    void start() {
        saved.start();
        books.note(() -> left.forEach(shelf::find));
    }

    private static List<KillId> readIds(byte[] saved) {
        try {
            return Fields.lenient(Json.parse(saved)).texts("kills").stream()
                    .map(id -> KillId.parse("kills", id))
                    .toList();
        } catch (InvalidInput e) {
            log.warn("unfinished receipts: can't be read: {}", e.getMessage());
            return List.of();
        }
    }

    private byte[] ids() {
        List<String> ids = unfinished.keySet().stream().map(KillId::toString).toList();
        return Json.object().put("kills", Json.texts(ids)).build().utf8();
    }

    /** A new receipt. */
    void began(Receipt receipt, long nanos) {
        receipt.speakAt(nanos + deadlines.deadlineNanos());
    }

    /** A receipt of before the restart: what wasn't said yet is said, and what may not have reached the ledger once more. */
    void resumed(Receipt receipt) {
        long nanos = nanoTime.getAsLong();
        Optional<LastWord> word = receipt.lastWord();
        if (receipt.speaks()) {
            receipt.speakAt(nanos + (receipt.closed() ? deadlines.graceNanos() : leftNanos(receipt)));
        } else if (word.isPresent() && word.get().version() == 0) {
            Observation now = observation(receipt, word.get());
            ledger.accept(receipt.said()
                    .map(said -> now.worded(said.reason(), said.event()))
                    .orElse(now));
        }
        long threshold = threshold(receipt.behaviour().relapsed());
        if (threshold > receipt.alarmedTo()) {
            ledger.accept(alarm(receipt, threshold));
        }
    }

    private Observation alarm(Receipt receipt, long threshold) {
        KillId kill = receipt.id();
        return Words.alarm(
                receipt,
                shelf.held(receipt),
                threshold,
                version -> books.note(() -> shelf.find(kill).ifPresent(known -> {
                    known.alarmedTo(threshold);
                    shelf.changed(known);
                })));
    }

    /** The time of day must do; one that jumps makes it speak now, or at the whole deadline. */
    private long leftNanos(Receipt receipt) {
        Duration since = Duration.between(receipt.sentAt(), clock.instant());
        Duration deadline = Duration.ofMillis(deadlines.deadlineMs());
        Duration remaining = deadline.minus(since);
        if (remaining.isNegative()) {
            return 0;
        }
        return (remaining.compareTo(deadline) > 0 ? deadline : remaining).toNanos();
    }

    /** Something about the receipt has changed: when it speaks, and whether it has anything to say. */
    void changed(Receipt receipt) {
        long dueNanos = nanoTime.getAsLong() + deadlines.graceNanos();
        if (receipt.lastWord().isEmpty() && receipt.speaks() && receipt.closed()) {
            receipt.speakBy(dueNanos);
        } else if (receipt.hasMoreToSay()) {
            receipt.speakAt(dueNanos);
        }
        boolean waited = unfinished.containsKey(receipt.id());
        if (receipt.unfinished()) {
            unfinished.put(receipt.id(), receipt);
        } else {
            unfinished.remove(receipt.id());
        }
        if (waited != receipt.unfinished()) {
            saved.changed();
        }
    }

    Optional<Receipt> find(KillId kill) {
        return Optional.ofNullable(unfinished.get(kill));
    }

    Set<KillId> unfinished() {
        return unfinished.keySet();
    }

    /** Kills that the image may not list, of which what is reported counts. */
    void addKnown(Map<KillId, Relapses.Known> known) {
        unfinished.forEach((id, receipt) -> known.put(id, known(receipt)));
    }

    static Relapses.Known known(Receipt receipt) {
        StandingKill kill = receipt.kill();
        return new Relapses.Known(
                kill, receipt.settledAt().map(at -> at.version()).orElse(0L), receipt.restoredIn());
    }

    void tick() {
        long nanos = nanoTime.getAsLong();
        new ArrayList<>(unfinished.values())
                .stream().filter(receipt -> due(receipt, nanos)).forEach(this::speak);
    }

    /** One that names nobody waits a little longer, so that those that do come first, and is for one node alone. */
    private boolean due(Receipt receipt, long nanos) {
        return receipt.namesNobody()
                ? receipt.speaks(nanos - deadlines.graceNanos()) && onDuty.getAsBoolean()
                : receipt.speaks(nanos);
    }

    /** Another node's word is in the ledger: who has nobody to name adds nothing to it. */
    void heard(Event.Observed word) {
        if (!word.what().equals(Words.RECEIPT)) {
            return;
        }
        List.copyOf(unfinished.values()).stream()
                .filter(receipt -> Event.killOf(receipt.id()).equals(word.about()) && receipt.leavesItToOthers())
                .forEach(shelf::changed);
    }

    private void speak(Receipt receipt) {
        int number = receipt.lastWord().map(LastWord::number).orElse(0) + 1;
        Instant at = clock.instant();
        byte[] document = Words.document(receipt, at);
        LastWord word = new LastWord(number, receipt.outcome(), at, Sha256.hex(document), 0);
        Spoken said = new Spoken(number, document, observation(receipt, word));
        receipt.lastWord(word);
        receipt.said(said.observation().reason(), said.observation().event());
        spoken.put(receipt.id(), said);
        shelf.changed(receipt);
    }

    private Observation observation(Receipt receipt, LastWord word) {
        KillId kill = receipt.id();
        return Words.last(
                receipt,
                word,
                shelf.held(receipt),
                version -> books.note(() -> shelf.find(kill).ifPresent(known -> written(known, word, version))));
    }

    private void written(Receipt receipt, LastWord word, long version) {
        if (receipt.lastWord().filter(word::equals).isPresent()) {
            receipt.written(version);
            shelf.changed(receipt);
        }
    }

    /** What is still to be saved of a receipt's last word. */
    Optional<Spoken> spoken(KillId kill) {
        return Optional.ofNullable(spoken.get(kill));
    }

    /** Document and receipt are saved: the ledger may know. On any thread. */
    void tell(KillId kill, Spoken said) {
        ledger.accept(said.observation());
        books.note(() -> spoken.remove(kill, said));
    }

    @Override
    public void relapsed(KillId kill, InstanceKey instance, String flag, String variant, long number) {
        shelf.find(kill).ifPresent(receipt -> {
            long before = receipt.behaviour().relapsed();
            receipt.behaviour().relapsed(instance, flag, variant, number);
            long threshold = threshold(receipt.behaviour().relapsed());
            if (threshold > threshold(before)) {
                ledger.accept(alarm(receipt, threshold));
            }
            shelf.changed(receipt);
        });
    }

    @Override
    public void without(
            KillId kill, InstanceKey instance, String flag, String variant, long number, boolean unsafe, Instant at) {
        Receipt receipt = unfinished.get(kill);
        if (receipt == null) {
            return;
        }
        boolean changed = receipt.evaluatedWithout(instance);
        if (unsafe && receipt.observable()) {
            receipt.behaviour().inFlight(flag, variant, number, at);
            changed = true;
        }
        if (changed) {
            shelf.changed(receipt);
        }
    }

    /** The largest power of ten up to a count: an alarm for each is a few, however many relapses there are. */
    private static long threshold(long count) {
        long threshold = count > 0 ? 1 : 0;
        while (threshold > 0 && threshold <= count / 10) {
            threshold *= 10;
        }
        return threshold;
    }

    @Override
    public void close() {
        saved.close();
    }
}
