package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.ChainHash;
import dev.andon.core.model.KillId;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's latest image on local disk, from which it starts when the store is gone. Saved by a thread of its own, always
 * the newest; images that come while one is being saved are left out, but for the last. A large image is saved at most a
 * fifth of the time.
 *
 * <p>The image of a new epoch waits until the kills that stand in the saved one, and that the new history doesn't know, are
 * in the journal: until then, this file is the only place on this node's disk that has them.
 *
 * <p>The file holds the chain hash of the image's last entry as 64 hexadecimal digits, a line break, and the image.
 */
final class LocalImage implements Publisher, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LocalImage.class);
    private static final int HASH_CHARS = 64;
    private static final int PAUSE_FACTOR = 4;
    private static final long RETRY_MS = 1_000;
    private static final long HANDOVER_MS = 20;

    private final LocalFile file;
    private final LongSupplier nanoTime;
    private final Handover handover;
    private final Consumer<Image> onSaved;
    private final Thread thread;
    private final Object lock = new Object();
    private @Nullable Folded next;
    private @Nullable Folded saved;
    private CompletableFuture<Void> progress = new CompletableFuture<>();
    private boolean closed;

    /** Whether an image may take the place of one of an earlier epoch. */
    interface Handover {
        boolean done(Image before, Image next);
    }

    /** @param onSaved told of every image that is on the disk now */
    LocalImage(LocalFile file, LongSupplier nanoTime, Handover handover, Consumer<Image> onSaved) {
        this.file = file;
        this.nanoTime = nanoTime;
        this.handover = handover;
        this.onSaved = onSaved;
        this.thread = Thread.ofPlatform().name("andon-image").daemon().unstarted(this::run);
    }

    /**
     * Whether every kill that stands in {@code before}, and that {@code next} doesn't know, is kept elsewhere on the disk.
     *
     * @param known what the kill path has come to
     */
    static boolean keepsKills(Image before, Image next, KnownKills.Waiting known, Predicate<KillId> journalled) {
        if (before.provenance().epoch() == next.provenance().epoch()) {
            return true;
        }
        Provenance reached = known.image().provenance();
        if (!reached.sameLedger(next.provenance()) || reached.olderThan(next.provenance())) {
            return false;
        }
        return before.environments().values().stream()
                .flatMap(environment -> environment.kills().keySet().stream())
                .filter(kill -> !next.marks().covers(kill) && known.kills().containsKey(kill))
                .allMatch(journalled);
    }

    /** What was saved last; empty if there is nothing that can be read. */
    Optional<Folded> load() {
        Optional<byte[]> content = file.load();
        if (content.isEmpty()) {
            return Optional.empty();
        }
        try {
            byte[] bytes = content.get();
            if (bytes.length <= HASH_CHARS) {
                throw new IllegalArgumentException("too short");
            }
            ChainHash hash = ChainHash.parse(new String(bytes, 0, HASH_CHARS, StandardCharsets.US_ASCII));
            Image image = ImageCodec.decode(Arrays.copyOfRange(bytes, HASH_CHARS + 1, bytes.length));
            Folded folded =
                    new Folded(image, new LedgerPosition(image.provenance().version(), hash));
            synchronized (lock) {
                saved = folded;
            }
            return Optional.of(folded);
        } catch (InvalidInput | IllegalArgumentException e) {
            log.warn("{}: can't be used, starting without it: {}", file.path(), e.getMessage());
            return Optional.empty();
        }
    }

    void start() {
        thread.start();
    }

    @Override
    public String name() {
        return "local image";
    }

    @Override
    public void publish(Publication publication) {
        synchronized (lock) {
            next = new Folded(publication.after(), publication.position());
            lock.notifyAll();
        }
    }

    /** Waits until an image of at least this version is on the disk. Whether it is. */
    boolean awaitSaved(long version, long waitMs) {
        long deadline = nanoTime.getAsLong() + waitMs * 1_000_000;
        while (true) {
            CompletableFuture<Void> changed;
            synchronized (lock) {
                if (saved != null && saved.position().version() >= version) {
                    return true;
                }
                changed = progress;
            }
            long leftMs = (deadline - nanoTime.getAsLong()) / 1_000_000;
            if (leftMs <= 0) {
                return false;
            }
            try {
                changed.get(leftMs, TimeUnit.MILLISECONDS);
            } catch (java.util.concurrent.TimeoutException e) {
                return false;
            } catch (java.util.concurrent.ExecutionException e) {
                throw new IllegalStateException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    private void run() {
        try {
            while (true) {
                Folded image = takeNext();
                if (image == null) {
                    return;
                }
                if (mayReplace(image)) {
                    pause(save(image) * PAUSE_FACTOR);
                } else {
                    again(image, HANDOVER_MS);
                }
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private boolean mayReplace(Folded image) {
        Folded before;
        synchronized (lock) {
            before = saved;
        }
        return before == null || handover.done(before.image(), image.image());
    }

    private @Nullable Folded takeNext() throws InterruptedException {
        synchronized (lock) {
            while (next == null && !closed) {
                lock.wait();
            }
            Folded taken = next;
            next = null;
            return taken;
        }
    }

    private void pause(long pauseMs) throws InterruptedException {
        long endNanos = nanoTime.getAsLong() + pauseMs * 1_000_000;
        synchronized (lock) {
            long leftMs = pauseMs;
            while (!closed && leftMs > 0) {
                lock.wait(leftMs);
                leftMs = (endNanos - nanoTime.getAsLong()) / 1_000_000;
            }
        }
    }

    private long save(Folded folded) throws InterruptedException {
        long startNanos = nanoTime.getAsLong();
        try {
            byte[] image = ImageCodec.encode(folded.image());
            byte[] content = new byte[HASH_CHARS + 1 + image.length];
            byte[] hash = (folded.position().hash().hex() + "\n").getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(hash, 0, content, 0, hash.length);
            System.arraycopy(image, 0, content, hash.length, image.length);
            file.save(content);
            finished(folded);
            onSaved.accept(folded.image());
        } catch (StoreException e) {
            log.error("ALARM: {}: the latest image can't be saved: {}", file.path(), e.getMessage());
            again(folded, RETRY_MS);
        }
        return (nanoTime.getAsLong() - startNanos) / 1_000_000;
    }

    private void finished(Folded folded) {
        CompletableFuture<Void> done;
        synchronized (lock) {
            saved = folded;
            done = progress;
            progress = new CompletableFuture<>();
        }
        done.complete(null);
    }

    private void again(Folded folded, long pauseMs) throws InterruptedException {
        pause(pauseMs);
        synchronized (lock) {
            if (next == null && !closed) {
                next = folded;
            }
        }
    }

    /** Saves what is left to be saved, for a second at most. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        try {
            thread.join(1_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        thread.interrupt();
    }
}
