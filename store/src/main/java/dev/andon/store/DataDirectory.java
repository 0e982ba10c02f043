package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which one node keeps everything, locked for as long as it is open: two processes on one folder would ruin
 * each other's work. The lock ends with the process, however that ends. Thread-safe.
 */
public final class DataDirectory implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DataDirectory.class);
    private static final String LOCK_FILE = "andon.lock";
    private static final int MAX_OWNER_BYTES = 32;

    /** Folders that this JVM holds: opening a lock file a second time and closing it again would drop the lock. */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path directory;
    private final FileChannel lockFile;

    private DataDirectory(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Opens {@code directory}, which is created for its owner alone if it isn't there. Fails with LOCKED if another
     * process has it open, naming that process.
     */
    public static DataDirectory open(Path directory) {
        try {
            if (!Files.isDirectory(directory)) {
                Path parent = directory.toAbsolutePath().getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectory(directory, OwnerOnly.directory(directory));
            }
            Path real = directory.toRealPath();
            warnIfOthersMayRead(real);
            if (!HELD.add(real)) {
                throw inUse(real, "this process");
            }
            try {
                return new DataDirectory(real, lock(real));
            } catch (IOException | RuntimeException e) {
                HELD.remove(real);
                throw e;
            }
        } catch (IOException e) {
            throw new StoreException(
                    Code.DENIED,
                    "data: " + directory + " can't be used: " + why(e)
                            + " (expected: a folder that this user may write). Choose another or change its owner",
                    e);
        }
    }

    private static String why(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException there -> there.getFile() + " is a file";
            case AccessDeniedException denied -> denied.getFile() + ": access denied";
            default -> e.toString();
        };
    }

    private static FileChannel lock(Path real) throws IOException {
        Path file = real.resolve(LOCK_FILE);
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE),
                OwnerOnly.file(file));
        boolean locked = false;
        try {
            FileLock lock = channel.tryLock();
            if (lock == null) {
                throw inUse(real, "process " + owner(channel));
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            channel.truncate(0).write(ByteBuffer.wrap(pid), 0);
            locked = true;
            return channel;
        } catch (OverlappingFileLockException e) {
            throw inUse(real, "this process");
        } finally {
            if (!locked) {
                channel.close();
            }
        }
    }

    private static StoreException inUse(Path directory, String owner) {
        return new StoreException(
                Code.LOCKED,
                "data: " + directory + " is in use by " + owner
                        + " (expected: one server for each folder). Stop that one, or choose another folder");
    }

    private static String owner(FileChannel channel) throws IOException {
        ByteBuffer pid = ByteBuffer.allocate(MAX_OWNER_BYTES);
        channel.read(pid, 0);
        String text = StandardCharsets.US_ASCII.decode(pid.flip()).toString().strip();
        return text.isEmpty() ? "with an unknown number" : text;
    }

    private static void warnIfOthersMayRead(Path real) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(real, PosixFileAttributeView.class);
        if (view != null) {
            Set<PosixFilePermission> permissions = view.readAttributes().permissions();
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
                log.warn("data: {} is open to every user of this machine (expected: chmod 700)", real);
            }
        }
    }

    public Path path() {
        return directory;
    }

    /** Where a file of that name belongs. */
    public Path resolve(String name) {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("name: " + name + " (expected: a plain file name)");
        }
        return directory.resolve(name);
    }

    /** The SQLite ledger. */
    public Path ledger() {
        return resolve("ledger.db");
    }

    /** The kill journal. */
    public Path kills() {
        return resolve("kills.journal");
    }

    /** The node's latest image. */
    public Path image() {
        return resolve("image");
    }

    /** Idempotent. */
    @Override
    public void close() {
        try {
            lockFile.close();
        } catch (IOException e) {
            log.debug("data: {} didn't close cleanly", directory, e);
        } finally {
            HELD.remove(directory);
        }
    }
}
