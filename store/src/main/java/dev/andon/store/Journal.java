package dev.andon.store;

import dev.andon.store.JournalFormat.Found;
import dev.andon.store.JournalFormat.Kind;
import dev.andon.store.StoreException.Code;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Records that survive the death of the process and the machine from the moment that {@link #append} returns until they
 * are forgotten. It is for few and small ones, which need no database: kills.
 *
 * <p>It lives in two files, {@code NAME.0} and {@code NAME.1}, whose room is taken beforehand, so that a full disk doesn't
 * stop it. One of them is in use; when it has no room left, or fails, what still counts is written to the other one.
 *
 * <p>Thread-safe. All work is done by one thread of the journal's own; callers wait a bounded time.
 *
 * <p>What can fail, and what is done:
 *
 * <ol>
 *   <li>No room: the other file's room is used; if that doesn't suffice either, the call fails with FULL, the journal
 *       stays as it was, and smaller records or a later call may succeed.
 *   <li>A write or sync fails, or never returns: the outcome of the call is unknown. The file is not written to again
 *       before the other one has taken over.
 *   <li>What is found at the start isn't whole, because the machine died in the middle of a write or the disk lies: every
 *       record that can be read is kept, and a damaged file is set aside as {@code NAME.damaged-N}.
 * </ol>
 */
public final class Journal implements AutoCloseable {
    public static final int MAX_RECORD_BYTES = 1 << 20;
    public static final int MAX_KEY_LENGTH = 100;
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(2);

    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1," + MAX_KEY_LENGTH + "}");

    private final Workers workers;
    private final JournalFiles files;

    /** What counts now, in the order in which it came. Only the journal's thread uses it. */
    private Map<String, byte[]> live;

    private Journal(Workers workers, JournalFiles files, Map<String, byte[]> live) {
        this.workers = workers;
        this.files = files;
        this.live = live;
    }

    /**
     * Opens the journal whose files begin with {@code file}, which are created for their owner alone if they aren't there.
     * Damage and a full disk are no reason to fail; a disk that can't be read is.
     *
     * @param timeout after which any call gives up
     * @param random for what makes its records unforgeable; must be unguessable
     */
    public static Journal open(Path file, Duration timeout, RandomGenerator random) {
        Path absolute = file.toAbsolutePath();
        return open(
                new LocalDisk(absolute.resolveSibling("")),
                absolute.getFileName() + "",
                JournalFiles.FIRST_CAPACITY,
                timeout,
                random);
    }

    static Journal open(Disk disk, String name, int firstCapacity, Duration timeout, RandomGenerator random) {
        Workers workers = new Workers("journal", 1, timeout);
        JournalFiles files = new JournalFiles(disk, name, firstCapacity, random);
        try {
            return new Journal(workers, files, files.open());
        } catch (IOException e) {
            workers.close();
            throw new StoreException(
                    Code.FAILED,
                    "journal: " + disk.pathOf(name) + " can't be read: " + e + ". Check its disk and who owns it",
                    e);
        }
    }

    /** What was appended and not forgotten, in the order in which it was appended. */
    public List<JournalRecord> records() {
        return workers.call(
                "reading the journal",
                permit -> live.entrySet().stream()
                        .map(entry -> new JournalRecord(entry.getKey(), entry.getValue()))
                        .toList());
    }

    /**
     * Keeps a record, durably when it returns. A record that is there already stays as it is.
     *
     * @param key 1 to {@link #MAX_KEY_LENGTH} visible ASCII characters
     * @param bytes at most {@link #MAX_RECORD_BYTES}
     */
    public void append(String key, byte[] bytes) {
        if (!KEY.matcher(key).matches()) {
            throw new StoreException(
                    Code.LIMIT, "key: " + key + " (expected: 1 to " + MAX_KEY_LENGTH + " visible ASCII characters)");
        }
        Limits.expect("record", bytes.length, 0, MAX_RECORD_BYTES, " bytes");
        workers.call("append", permit -> {
            byte[] known = live.get(key);
            if (known == null) {
                Map<String, byte[]> next = new LinkedHashMap<>(live);
                next.put(key, bytes);
                permit.commit();
                files.write(List.of(new Found(Kind.KEPT, key, bytes)), next);
                live = next;
            } else if (!Arrays.equals(known, bytes)) {
                throw new StoreException(
                        Code.LIMIT,
                        "key: " + key + " has other bytes already (expected: a key names one record for ever)");
            }
            return true;
        });
    }

    /** Lets records go, durably; keys that aren't there are passed over. */
    public void forget(Collection<String> keys) {
        List<String> wanted = List.copyOf(keys);
        workers.call("forgetting", permit -> {
            Map<String, byte[]> next = new LinkedHashMap<>(live);
            List<Found> gone = wanted.stream()
                    .filter(key -> next.remove(key) != null)
                    .map(key -> new Found(Kind.FORGOTTEN, key, new byte[0]))
                    .toList();
            if (!gone.isEmpty()) {
                permit.commit();
                files.write(gone, next);
                live = next;
            }
            return true;
        });
    }

    /** Idempotent. */
    @Override
    public void close() {
        workers.execute(files::close);
        workers.close();
    }
}
