package dev.andon.server.receipt;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import dev.andon.server.node.StartProblem;
import dev.andon.store.LocalFile;
import dev.andon.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.DateTimeException;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The receipts' folder: one file for each, the newest are kept. Used by one thread for writing; reading is thread-safe, and
 * touches the disk only for what is there, so that a disk that hangs can't hold up the receipt of a new kill.
 */
final class ReceiptFiles {
    private static final Logger log = LoggerFactory.getLogger(ReceiptFiles.class);
    private static final String SUFFIX = ".receipt";
    private static final String DOCUMENT = ".document";

    private final Path folder;
    private final int keep;
    private final Deque<String> oldestFirst = new ArrayDeque<>();
    private final Set<String> names = ConcurrentHashMap.newKeySet();
    private boolean failing;

    ReceiptFiles(Path folder, int keep) {
        this.folder = folder;
        this.keep = keep;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> files = Files.list(folder)) {
                files.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted(Comparator.comparing(ReceiptFiles::changedAt))
                        .forEach(file -> remember(file.getFileName().toString()));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StartProblem(folder + ": can't be read: " + e + ". Check the data folder's owner and disk", e);
        }
    }

    private static FileTime changedAt(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Optional<Receipt> load(KillId kill) {
        Path file = folder.resolve(kill + SUFFIX);
        if (!names.contains(kill + SUFFIX)) {
            return Optional.empty();
        }
        try {
            return new LocalFile(file).load().map(Receipt::decode);
        } catch (StoreException | InvalidInput | DateTimeException e) {
            log.warn("{}: can't be read: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    /** Keeps the document that a receipt's last word is of. Whether it was saved. */
    boolean saveDocument(KillId kill, int number, byte[] content) {
        return written(kill, kill + "." + number + DOCUMENT, content);
    }

    /** In exactly the bytes that were saved. */
    Optional<byte[]> document(KillId kill, int number) {
        try {
            return names.contains(kill + SUFFIX)
                    ? new LocalFile(folder.resolve(kill + "." + number + DOCUMENT)).load()
                    : Optional.empty();
        } catch (StoreException e) {
            log.warn("document of receipt {}: can't be read: {}", kill, e.getMessage());
            return Optional.empty();
        }
    }

    /** Whether it was saved. */
    boolean save(KillId kill, byte[] content) {
        String name = kill + SUFFIX;
        if (!written(kill, name, content)) {
            return false;
        }
        remember(name);
        while (oldestFirst.size() > keep) {
            drop(oldestFirst.removeFirst());
        }
        return true;
    }

    private boolean written(KillId kill, String name, byte[] content) {
        try {
            new LocalFile(folder.resolve(name)).save(content);
        } catch (StoreException e) {
            if (!failing) {
                log.error("ALARM: receipt of kill {}: can't be saved: {}", kill, e.getMessage());
            }
            failing = true;
            return false;
        }
        failing = false;
        return true;
    }

    private void remember(String name) {
        if (names.add(name)) {
            oldestFirst.addLast(name);
        }
    }

    private void drop(String name) {
        names.remove(name);
        try {
            Files.deleteIfExists(folder.resolve(name));
            for (int number = 1; number <= LastWord.MAX_NUMBER; number++) {
                Files.deleteIfExists(folder.resolve(name.replace(SUFFIX, "." + number + DOCUMENT)));
            }
        } catch (IOException e) {
            log.warn("{}: can't be removed: {}", folder.resolve(name), e.toString());
        }
    }

    List<String> kept() {
        return List.copyOf(oldestFirst);
    }
}
