package dev.andon.server.token;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The two files through which a recovery goes. The request holds the hash of a new secret and stands in the data
 * directory, where only the server's own user (or root) can put it; the answer says what became of it.
 */
record RecoveryFiles(Path directory) {
    private static final int MAX_BYTES = 16 << 10;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    Path request() {
        return directory.resolve("recovery.request");
    }

    Path answer() {
        return directory.resolve("recovery.answer");
    }

    /**
     * @param hash of the secret that shall be an admin's
     * @param reason for the log
     */
    record Request(String hash, String reason) {
        Json toJson() {
            return Json.object().put("hash", hash).put("reason", reason).build();
        }

        static Request read(Json json) {
            Fields fields = Fields.lenient(json);
            String hash = fields.text("hash");
            if (!hash.matches("[0-9a-f]{64}")) {
                throw new InvalidInput("hash", Json.of(hash).text(), "64 lower-case hexadecimal digits");
            }
            return new Request(hash, fields.text("reason", Keys.TEXT_CHARS));
        }
    }

    /**
     * Writes a file whole or not at all, readable by the owner of the directory alone. Not synced: both are read while somebody waits,
     * who asks again after the machine has lost its power.
     */
    void write(Path file, byte[] content) throws IOException {
        Path fresh = directory.resolve(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        if (isPosix()) {
            Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            if (!Files.getOwner(fresh).equals(Files.getOwner(directory))) {
                Files.setOwner(fresh, Files.getOwner(directory));
            }
        }
        Files.write(fresh, content, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** A file of ours; empty if there is none. */
    Optional<Json> read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        requireOurs(file);
        return Optional.of(Json.parse(Files.readAllBytes(file), JsonLimits.DEFAULT.withBytes(MAX_BYTES)));
    }

    /** Whoever may write here could as well take the ledger's file; whoever may not must not get in this way. */
    private void requireOurs(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
            throw new InvalidInput(
                    file.toString(), "no small regular file", "one that andon token recover has written");
        }
        if (!isPosix()) {
            return;
        }
        PosixFileAttributes attributes =
                Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> others = EnumSet.copyOf(attributes.permissions());
        others.removeAll(OWNER_ONLY);
        if (!attributes.owner().equals(Files.getOwner(directory)) || !others.isEmpty()) {
            throw new InvalidInput(
                    file.toString(),
                    "owned by " + attributes.owner().getName() + " with "
                            + PosixFilePermissions.toString(attributes.permissions()),
                    "owned by " + Files.getOwner(directory).getName() + " with rw-------");
        }
    }

    private boolean isPosix() {
        return directory.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
