package dev.andon.server.receipt;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Exercises;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.History;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.KillListener;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import dev.andon.server.node.SavedLater;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.TooBusy;
import dev.andon.store.LocalFile;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The book of receipts. Whatever it is told is noted by the bookkeeper, in order; files are written by a thread of their
 * own, which tries again what it couldn't write. Thread-safe.
 */
public final class Receipts implements InstanceListener, KillListener, Publisher, KillReceipts, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Receipts.class);
    private static final int KEPT = 1_000;
    private static final int CLOSE_MS = 1_000;
    private static final int CLOSED_IN_MEMORY = 200;
    private static final long EXERCISES_PAUSE_MS = 1_000;

    private final Bookkeeper books;
    private final Presence presence;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final ReceiptFiles files;
    private final LastWords lastWords;
    private final Relapses relapses;
    private final ExerciseBook exercises = new ExerciseBook();
    private final SavedLater savedExercises;
    private final Thread saver;
    private volatile boolean ended;

    /** Those that may still change, by kill; and closed ones, the least recently used first. The bookkeeper's. */
    private final Map<KillId, Receipt> open = new LinkedHashMap<>();

    private final Map<KillId, Receipt> closed = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<KillId, List<CompletableFuture<Boolean>>> waiting = new HashMap<>();
    private Image image = Image.EMPTY;

    private final Unsaved unsaved;

    /**
     * @param folder of the receipts, and of when kills last reached flags; read here
     * @param presence who is there; asked on the bookkeeper's thread
     * @param ledger takes what the ledger is to keep; must not block
     */
    public Receipts(
            Bookkeeper books,
            Path folder,
            Presence presence,
            Consumer<Observation> ledger,
            Deadlines deadlines,
            InstantSource clock,
            LongSupplier nanoTime) {
        this(books, folder, presence, ledger, deadlines, clock, nanoTime, () -> true);
    }

    /** @param onDuty whether this node says the last word where nobody else has one */
    public Receipts(
            Bookkeeper books,
            Path folder,
            Presence presence,
            Consumer<Observation> ledger,
            Deadlines deadlines,
            InstantSource clock,
            LongSupplier nanoTime,
            BooleanSupplier onDuty) {
        this.books = books;
        this.presence = presence;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.files = new ReceiptFiles(folder, KEPT);
        this.unsaved = new Unsaved(nanoTime);
        LocalFile exercisesFile = new LocalFile(folder.resolve("exercises"));
        exercisesFile.load().ifPresent(exercises::load);
        this.savedExercises =
                new SavedLater("exercises", exercisesFile, exercises::encode, EXERCISES_PAUSE_MS, nanoTime);
        savedExercises.start();
        this.lastWords = new LastWords(
                books,
                new LocalFile(folder.resolve("unfinished")),
                ledger,
                deadlines,
                clock,
                nanoTime,
                onDuty,
                new OnTheShelf());
        this.relapses = new Relapses(lastWords);
        this.saver = Thread.ofVirtual().name("andon-receipts").unstarted(this::save);
        saver.start();
        lastWords.start();
    }

    private final class OnTheShelf implements LastWords.Shelf {
        @Override
        public Optional<Receipt> find(KillId kill) {
            return Receipts.this.find(kill);
        }

        @Override
        public void changed(Receipt receipt) {
            Receipts.this.changed(receipt);
        }

        @Override
        public KillReceipts.Held held(Receipt receipt) {
            return receipt.held().orElseGet(() -> Receipts.held(receipt, image));
        }
    }

    @Override
    public String name() {
        return "receipts";
    }

    @Override
    public void onKills(String environment, List<StandingKill> kills) {
        Instant at = clock.instant();
        long nanos = nanoTime.getAsLong();
        books.note(() -> kills.forEach(kill -> begin(kill, at, nanos)));
    }

    @Override
    public void publish(Publication publication) {
        Instant at = clock.instant();
        long nanos = nanoTime.getAsLong();
        books.note(() -> follow(publication, at, nanos));
    }

    @Override
    public void connected(Instance instance, Frame.Hello hello) {
        each(instance.key().environment(), receipt -> receipt.connected(instance, hello));
    }

    @Override
    public void acked(InstanceKey instance, Frame.Ack ack, long nanos) {
        Instant at = timeOfDay(nanos);
        each(instance.environment(), receipt -> receipt.acked(instance, ack, nanos, at));
    }

    @Override
    public void found(Instance instance, Optional<Served> holds, int missing) {
        each(instance.key().environment(), receipt -> receipt.found(instance, holds, missing));
    }

    @Override
    public void unlisted(String environment) {
        each(environment, receipt -> receipt.unlisted(1));
    }

    @Override
    public void sent(InstanceKey instance, Served served, long nanos) {
        Instant at = timeOfDay(nanos);
        each(instance.environment(), receipt -> receipt.sent(instance, served, nanos, at));
    }

    @Override
    public void confirmed(InstanceKey instance, Served served, long nanos) {
        Instant at = timeOfDay(nanos);
        each(instance.environment(), receipt -> receipt.confirmed(instance, served, nanos, at));
    }

    @Override
    public void vanished(InstanceKey instance, int missing) {
        each(instance.environment(), receipt -> receipt.vanished(instance, missing));
    }

    @Override
    public void left(InstanceKey instance) {
        each(instance.environment(), receipt -> receipt.left(instance));
    }

    @Override
    public void nodesMissing(Set<MissingNode> nodes) {
        for (Receipt receipt : List.copyOf(open.values())) {
            if (receipt.missing(nodes)) {
                changed(receipt);
            }
        }
    }

    @Override
    public void reported(InstanceKey instance, Frame.Report report, long nanos) {
        relapses.check(instance, report, image, known(), lastWords.unfinished(), timeOfDay(nanos));
    }

    /** The kills that the image may not list: on their way, or told of still. */
    private Collection<Relapses.Known> known() {
        Map<KillId, Relapses.Known> known = new LinkedHashMap<>();
        open.forEach((id, receipt) -> known.put(id, LastWords.known(receipt)));
        lastWords.addKnown(known);
        closed.forEach((id, receipt) -> {
            if (receipt.settledAt().isEmpty()) {
                known.put(id, LastWords.known(receipt));
            }
        });
        return known.values();
    }

    /** To be called now and then. */
    public void tick() {
        books.note(lastWords::tick);
    }

    /** When kills last reached flags, as their receipts say. */
    public Exercises exercises() {
        return exercises;
    }

    /** Unsafe evaluations that were counted in a generation that holds the kill. */
    public long relapses() {
        return relapses.count();
    }

    /** When the monotonic clock showed this: the books may get round to what happened then later. */
    private Instant timeOfDay(long nanos) {
        return clock.instant().minusNanos(nanoTime.getAsLong() - nanos);
    }

    private interface Note {
        boolean on(Receipt receipt);
    }

    private void each(String environment, Note note) {
        for (Receipt receipt : List.copyOf(open.values())) {
            if (receipt.environment().equals(environment) && note.on(receipt)) {
                changed(receipt);
            }
        }
    }

    private Receipt begin(StandingKill kill, Instant at, long nanos) {
        Optional<Receipt> known = find(kill.id());
        if (known.isPresent()) {
            return known.get();
        }
        Receipt receipt = new Receipt(kill, at, nanos);
        lastWords.began(receipt, nanos);
        for (Presence.Present one : presence.present(receipt.environment())) {
            receipt.add(one.instance(), one.connected(), one.missing());
        }
        receipt.unlisted(presence.unlisted(receipt.environment()));
        receipt.missing(presence.missingNodes());
        open.put(kill.id(), receipt);
        prove(receipt, at, nanos);
        changed(receipt);
        return receipt;
    }

    /** What clients of other nodes have shown before this one knew of the kill, or that it settled. */
    private void prove(Receipt receipt, Instant at, long nanos) {
        presence.proofs(receipt.environment(), new Presence.Proofs() {
            @Override
            public void acked(InstanceKey instance, Frame.Ack ack) {
                receipt.acked(instance, ack, nanos, at);
            }

            @Override
            public void sent(InstanceKey instance, Served served) {
                receipt.sent(instance, served, nanos, at);
            }

            @Override
            public void confirmed(InstanceKey instance, Served served) {
                receipt.confirmed(instance, served, nanos, at);
            }
        });
    }

    private void follow(Publication publication, Instant at, long nanos) {
        Image was = image;
        boolean entryByEntry =
                !publication.newHistory() && !publication.entries().isEmpty();
        long before = image.provenance().version();
        image = publication.after();
        Provenance now = image.provenance();
        for (History.Recorded entry : publication.entries()) {
            for (Event event : entry.entry().events()) {
                if (event instanceof Event.Observed word) {
                    lastWords.heard(word);
                }
                if (event instanceof Event.KillRestored restored) {
                    find(restored.kill()).ifPresent(receipt -> {
                        receipt.restored(entry.version(), held(receipt, was));
                        changed(receipt);
                    });
                }
            }
        }
        for (EnvironmentImage environment : image.environments().values()) {
            for (Versioned<StandingKill> standing : environment.kills().values()) {
                if (entryByEntry && standing.version() <= before) {
                    continue;
                }
                Receipt receipt = begin(standing.value(), at, nanos);
                Provenance settled = now.at(standing.version());
                if (!receipt.settledAt().equals(Optional.of(settled))) {
                    receipt.settled(settled);
                    prove(receipt, at, nanos);
                    changed(receipt);
                }
            }
        }
        if (!entryByEntry) {
            List.copyOf(open.values()).forEach(receipt -> compare(receipt, was));
        }
    }

    /** Where the image didn't come entry by entry, what became of a kill is read from the image itself. */
    private void compare(Receipt receipt, Image was) {
        boolean covered = image.marks().covers(receipt.id());
        boolean stands = image.environment(receipt.environment())
                .filter(environment -> environment.kills().containsKey(receipt.id()))
                .isPresent();
        if (covered && !stands) {
            receipt.restored(image.provenance().version(), held(receipt, was));
            changed(receipt);
        } else if (!covered && receipt.settledAt().isPresent()) {
            receipt.unsettled();
            changed(receipt);
        }
    }

    /** What a kill held in an image; as it is known now if the image doesn't have it. */
    private static KillReceipts.Held held(Receipt receipt, Image image) {
        StandingKill kill = image.environment(receipt.environment())
                .map(environment -> environment.kills().get(receipt.id()))
                .map(Versioned::value)
                .orElse(receipt.kill());
        return KillReceipts.Held.of(kill.held(image));
    }

    private Optional<Receipt> find(KillId kill) {
        Receipt known = open.get(kill);
        if (known == null) {
            known = closed.get(kill);
        }
        if (known == null) {
            known = lastWords.find(kill).orElse(null);
        }
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Receipt> loaded = files.load(kill);
        loaded.ifPresent(receipt -> {
            receipt.missing(presence.missingNodes());
            lastWords.resumed(receipt);
            file(receipt);
        });
        return loaded;
    }

    private void file(Receipt receipt) {
        lastWords.changed(receipt);
        if (!receipt.closed()) {
            open.put(receipt.id(), receipt);
            return;
        }
        open.remove(receipt.id());
        closed.put(receipt.id(), receipt);
        if (closed.size() > CLOSED_IN_MEMORY) {
            dropSaved();
        }
    }

    private void dropSaved() {
        Set<KillId> needed = unsaved.all();
        for (KillId oldest : List.copyOf(closed.keySet())) {
            if (closed.size() <= CLOSED_IN_MEMORY) {
                return;
            }
            if (!needed.contains(oldest) && lastWords.find(oldest).isEmpty()) {
                closed.remove(oldest);
            }
        }
    }

    private void changed(Receipt receipt) {
        file(receipt);
        if (receipt.saysNoMore()) {
            List<CompletableFuture<Boolean>> done = waiting.remove(receipt.id());
            if (done != null) {
                done.forEach(one -> one.complete(true));
            }
        }
        unsaved.add(receipt.id());
    }

    @Override
    public Optional<Shown> show(KillId kill) {
        return books.ask(() -> find(kill).map(Receipts::shown));
    }

    @Override
    public Optional<Shown> await(KillId kill, long waitMs) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        books.note(() -> {
            Optional<Receipt> receipt = find(kill);
            if (receipt.isEmpty() || receipt.get().saysNoMore()) {
                done.complete(true);
            } else {
                waiting.computeIfAbsent(kill, key -> new ArrayList<>()).add(done);
            }
        });
        try {
            done.get(waitMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            done.complete(false);
            books.note(() -> waiting.getOrDefault(kill, new ArrayList<>()).removeIf(CompletableFuture::isDone));
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return show(kill);
    }

    @Override
    public Optional<byte[]> document(KillId kill, int number) {
        return books.ask(() -> find(kill).map(receipt -> document(receipt, number)))
                .flatMap(Supplier::get);
    }

    /** What reads a document, outside of the books: from a disk that may be slow, unless it isn't there yet. */
    private Supplier<Optional<byte[]>> document(Receipt receipt, int number) {
        int last = receipt.lastWord().map(LastWord::number).orElse(0);
        int wanted = number == 0 ? last : number;
        if (last == 0) {
            byte[] now = Words.document(receipt, clock.instant());
            return () -> Optional.of(now).filter(document -> number == 0);
        }
        Optional<byte[]> fresh = lastWords
                .spoken(receipt.id())
                .filter(said -> said.number() == wanted)
                .map(LastWords.Spoken::document);
        return () -> fresh.or(() -> files.document(receipt.id(), wanted));
    }

    private static Shown shown(Receipt receipt) {
        return new Shown(
                receipt.kill(),
                receipt.settledAt().map(Provenance::version),
                receipt.restoredIn() == 0 ? Optional.empty() : Optional.of(receipt.restoredIn()),
                receipt.proven(),
                receipt.toJson(),
                receipt.held());
    }

    private void save() {
        try {
            for (Set<KillId> due = unsaved.take(); !due.isEmpty(); due = unsaved.take()) {
                unsaved.saved(
                        due.stream().filter(kill -> !ended && !saved(kill)).toList());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether it needn't be tried again. */
    private boolean saved(KillId kill) {
        try {
            Optional<Written> written = books.ask(() -> inMemory(kill).map(this::written));
            written.ifPresent(this::noteExercises);
            return written.map(one -> ended || saved(kill, one)).orElse(true);
        } catch (TooBusy e) {
            return false;
        } catch (RuntimeException e) {
            log.error("receipt of kill {}: a bug", kill, e);
            return true;
        }
    }

    /** First the document, then the receipt that names its digest, and the ledger last. */
    private boolean saved(KillId kill, Written written) {
        Optional<LastWords.Spoken> said = written.said();
        if (said.isPresent()
                && !files.saveDocument(kill, said.get().number(), said.get().document())) {
            return false;
        }
        if (!files.save(kill, written.bytes())) {
            return false;
        }
        said.ifPresent(one -> lastWords.tell(kill, one));
        return true;
    }

    /** What is written of a receipt, and what it says of the flags that its kill held in the image. */
    private record Written(
            byte[] bytes,
            StandingKill kill,
            Image image,
            Map<String, Exercises.Exercise> exercises,
            Optional<LastWords.Spoken> said) {}

    private Written written(Receipt receipt) {
        return new Written(
                receipt.encode(), receipt.kill(), image, receipt.exercises(), lastWords.spoken(receipt.id()));
    }

    /** Not at each ack: of a kill of very many flags this takes its time. */
    private void noteExercises(Written written) {
        if (written.exercises().isEmpty()) {
            return;
        }
        Set<String> held = written.kill().held(written.image());
        boolean changed = false;
        for (Map.Entry<String, Exercises.Exercise> one : written.exercises().entrySet()) {
            String environment = written.kill().signed().kill().environment();
            changed |= exercises.note(environment, one.getKey(), held, one.getValue());
        }
        if (changed) {
            savedExercises.changed();
        }
    }

    private Optional<Receipt> inMemory(KillId kill) {
        Receipt receipt = open.get(kill);
        return Optional.ofNullable(receipt == null ? closed.get(kill) : receipt).or(() -> lastWords.find(kill));
    }

    /** Saves what is left, for a second at most, and nothing later; to be closed before the bookkeeper. */
    @Override
    public void close() {
        unsaved.close();
        try {
            saver.join(CLOSE_MS);
            ended = true;
            // Whoever opens the folder next finds nobody else writing there.
            saver.join(CLOSE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        savedExercises.close();
        lastWords.close();
    }
}
