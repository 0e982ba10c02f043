package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A small file that is always replaced as a whole, so that a reader after any crash finds the last content or the one
 * before, never a mixture. Readable by its owner alone. For what can be had again, such as a node's latest image.
 *
 * <p>Thread-safe; one instance for each path.
 *
 * <p>On disk: magic (8 bytes), length of the content (8), CRC32C of the content (4), content.
 */
public final class LocalFile {
    public static final int MAX_BYTES = 256 << 20;

    private static final Logger log = LoggerFactory.getLogger(LocalFile.class);
    private static final long MAGIC = 0x414E444F4E463031L;
    private static final int HEADER_LENGTH = 20;
    private static final int MAX_SET_ASIDE = 10;

    private final Path file;
    private final LocalDisk disk;
    private final ReentrantLock lock = new ReentrantLock();

    /** @param file in a folder that is there; itself need not be */
    public LocalFile(Path file) {
        this.file = file.toAbsolutePath();
        this.disk = new LocalDisk(this.file.resolveSibling(""));
    }

    public Path path() {
        return file;
    }

    /**
     * Replaces the content, durably when it returns; if it fails, the old content stays.
     *
     * @param content at most {@link #MAX_BYTES}; not changed
     */
    public void save(byte[] content) {
        Limits.expect(file.toString(), content.length, 0, MAX_BYTES, " bytes");
        byte[] header = ByteBuffer.allocate(HEADER_LENGTH)
                .putLong(MAGIC)
                .putLong(content.length)
                .putInt(checksum(content))
                .array();
        lock.lock();
        try {
            replace(file, header, content);
        } catch (IOException e) {
            boolean full = disk.full(e);
            throw new StoreException(
                    full ? Code.FULL : Code.FAILED,
                    file + ": can't be written: " + e + ". " + (full ? "Make room on its disk" : "Check its disk"),
                    e);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Writes a file that others read as it is, whole or not at all, durably and for its owner alone.
     *
     * @param parts one after the other
     */
    public static void replace(Path file, byte[]... parts) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.deleteIfExists(next);
            write(next, parts);
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            discard(next);
            throw e;
        }
        new LocalDisk(file.toAbsolutePath().resolveSibling("")).syncDirectory();
    }

    private static void write(Path next, byte[]... parts) throws IOException {
        Set<StandardOpenOption> options = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try (FileChannel channel = FileChannel.open(next, options, OwnerOnly.file(next))) {
            for (byte[] part : parts) {
                ByteBuffer bytes = ByteBuffer.wrap(part);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
            channel.force(true);
        }
    }

    private static void discard(Path next) {
        try {
            Files.deleteIfExists(next);
        } catch (IOException e) {
            log.debug("{}: can't be removed", next, e);
        }
    }

    /**
     * The content; empty if there is none. A damaged file is renamed to {@code NAME.damaged-N}, with a warning, and counts
     * as none. Fails only if the disk does.
     */
    public Optional<byte[]> load() {
        lock.lock();
        try {
            if (Files.size(file) > HEADER_LENGTH + (long) MAX_BYTES) {
                return setAside("it is too long");
            }
            byte[] all = Files.readAllBytes(file);
            ByteBuffer header = ByteBuffer.wrap(all);
            if (all.length < HEADER_LENGTH
                    || header.getLong() != MAGIC
                    || header.getLong() != all.length - HEADER_LENGTH) {
                return setAside("it is cut off or not Andon's");
            }
            byte[] content = Arrays.copyOfRange(all, HEADER_LENGTH, all.length);
            return header.getInt() == checksum(content) ? Optional.of(content) : setAside("its checksum is wrong");
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException(Code.FAILED, file + ": can't be read: " + e + ". Check its disk and owner", e);
        } finally {
            lock.unlock();
        }
    }

    private Optional<byte[]> setAside(String reason) throws IOException {
        for (int n = 1; n <= MAX_SET_ASIDE; n++) {
            Path aside = file.resolveSibling(file.getFileName() + ".damaged-" + n);
            if (!Files.exists(aside)) {
                Files.move(file, aside, StandardCopyOption.ATOMIC_MOVE);
                log.warn("{}: {}; it was set aside as {}", file, reason, aside);
                return Optional.empty();
            }
        }
        log.warn("{}: {}; it is ignored, {} were set aside before", file, reason, MAX_SET_ASIDE);
        return Optional.empty();
    }

    private static int checksum(byte[] content) {
        CRC32C crc = new CRC32C();
        crc.update(content);
        return (int) crc.getValue();
    }
}
