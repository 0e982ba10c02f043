package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Sha256;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last known state in a file that only the owner can read: a line with format, length and CRC-32C, then the state. Not
 * thread-safe.
 *
 * <ol>
 *   <li>No file: nothing was known.
 *   <li>A file that isn't what was written: it is set aside with the ending {@code .damaged}, with a warning, and nothing
 *       was known.
 *   <li>The directory can't be read or written: one warning, until writing works again.
 * </ol>
 */
final class StateFile {
    private static final Logger LOG = LoggerFactory.getLogger(Andon.class);
    private static final String FORMAT = "andon-state-1";
    private static final int MAX_HEADER_BYTES = 64;
    private static final int NAME_BYTES = 12;

    private final Path file;
    private boolean warned;

    StateFile(Path file) {
        this.file = file;
    }

    /** The file's name: one for servers and a key, without giving the key away; the servers' order is none of its business. */
    static String nameFor(List<URI> servers, String key) {
        String names = servers.stream().map(URI::toString).sorted().collect(Collectors.joining(","));
        byte[] hash = Sha256.of(names + "\n" + key);
        return "andon-" + HexFormat.of().formatHex(hash, 0, NAME_BYTES) + ".json";
    }

    HeldState load() {
        try {
            long size = Files.size(file);
            if (size > FrameCodec.FROM_SERVER.bytes() + MAX_HEADER_BYTES) {
                throw new InvalidInput("size", size + " bytes", "at most " + FrameCodec.FROM_SERVER.bytes());
            }
            return decode(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
            return HeldState.EMPTY;
        } catch (InvalidInput e) {
            setAside(e);
            return HeldState.EMPTY;
        } catch (IOException | RuntimeException e) {
            LOG.warn("The last known state in {} can't be read: {}; going on without it", file, e.toString());
            return HeldState.EMPTY;
        }
    }

    /** Replaces the file in one step: whoever reads it finds the old state or the new one. */
    void save(HeldState state) {
        try {
            write(state);
            warned = false;
        } catch (IOException | RuntimeException e) {
            if (!warned) {
                warned = true;
                LOG.warn(
                        "The last known state can't be written to {}: {}; without it, a start with the server away"
                                + " begins with callers' defaults. Make the directory writable",
                        file,
                        e.toString());
            }
        }
    }

    private void write(HeldState state) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null && !Files.isDirectory(directory)) {
            Files.createDirectories(directory, ownerOnly(directory.getRoot(), "rwx------"));
        }
        Path fresh = file.resolveSibling(
                file.getFileName() + "." + ProcessHandle.current().pid() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, ownerOnly(fresh, "rw-------"));
        try {
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(encode(state));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    static byte[] encode(HeldState state) {
        byte[] body = state.encode();
        byte[] header = (FORMAT + " " + body.length + " " + crc(body, 0) + "\n").getBytes(StandardCharsets.US_ASCII);
        byte[] bytes = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, bytes, header.length, body.length);
        return bytes;
    }

    static HeldState decode(byte[] bytes) {
        int end = 0;
        while (end < bytes.length && end < MAX_HEADER_BYTES && bytes[end] != '\n') {
            end++;
        }
        String header = new String(bytes, 0, end, StandardCharsets.US_ASCII);
        int body = Math.min(end + 1, bytes.length);
        String expected = FORMAT + " " + (bytes.length - body) + " " + crc(bytes, body);
        if (!header.equals(expected)) {
            throw new InvalidInput("header", header, expected);
        }
        return HeldState.decode(Arrays.copyOfRange(bytes, body, bytes.length));
    }

    private static String crc(byte[] bytes, int from) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, bytes.length - from);
        return Long.toHexString(crc.getValue());
    }

    private void setAside(InvalidInput problem) {
        Path aside = file.resolveSibling(file.getFileName() + ".damaged");
        String what = problem.getMessage();
        try {
            Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            LOG.warn("The last known state in {} is damaged ({}): set aside as {}", file, what, aside.getFileName());
        } catch (IOException e) {
            LOG.warn("The last known state in {} is damaged ({}) and can't be set aside: {}", file, what, e.toString());
        }
    }

    private static FileAttribute<?>[] ownerOnly(Path at, String permissions) {
        return at.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }
}
