package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * A machine that loses its power under a process: a library that is loaded before the process's own ({@code unsynced.c})
 * keeps what was synced, and {@link #strike} leaves that, and by chance some of what wasn't, in the folder.
 */
final class PowerLoss {
    private static final int SECTOR_BYTES = 512;
    private static final String SOURCE = "unsynced.c";

    private final Path root;
    private final Path kept;
    private final Path library;

    /** What a crash leaves of what wasn't synced. */
    enum Leaves {
        NOTHING,
        SOME
    }

    /**
     * @param root the folder that the process works in
     * @param work for the library and what it keeps
     */
    PowerLoss(Path root, Path work) throws IOException, InterruptedException {
        this.root = root;
        this.kept = Files.createDirectories(work.resolve("kept"));
        this.library = work.resolve("unsynced.so");
        compile(work);
    }

    private void compile(Path work) throws IOException, InterruptedException {
        Path source = work.resolve(SOURCE);
        try (var stream = PowerLoss.class.getResourceAsStream(SOURCE)) {
            Files.write(source, stream.readAllBytes());
        }
        Process cc;
        try {
            cc = new ProcessBuilder(
                            "cc", "-O1", "-shared", "-fPIC", "-o", library.toString(), source.toString(), "-ldl")
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new AssertionError("cc: not found (expected: a C compiler on Linux). Install one, such as gcc", e);
        }
        String output = new String(cc.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(cc.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(cc.exitValue()).as(output).isZero();
    }

    /** For the process. */
    Map<String, String> environment() throws IOException {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "ANDON_UNSYNCED_ROOT", root.toRealPath().toString(),
                "ANDON_UNSYNCED_KEPT", kept.toString());
    }

    /** Once the process is dead: leaves in the folder what was synced, and what is to be left of the rest. */
    void strike(Leaves leaves, RandomGenerator random) throws IOException {
        Path after = root.resolveSibling(root.getFileName() + ".after");
        Files.createDirectory(after);
        leave(root, after, leaves, random);
        delete(root);
        Files.move(after, root);
        // Numbers are of the files that are gone; all that is left counts as synced.
        delete(kept);
        Files.createDirectory(kept);
        keepAll(root);
    }

    private void leave(Path folder, Path into, Leaves leaves, RandomGenerator random) throws IOException {
        Map<String, Long> names = liveNames(folder);
        Map<Long, Path> live = new TreeMap<>();
        names.forEach((name, inode) -> live.put(inode, folder.resolve(name)));
        Map<String, Long> synced = syncedNames(inode(folder));
        TreeSet<String> all = new TreeSet<>(names.keySet());
        all.addAll(synced.keySet());
        for (String name : all) {
            boolean unsynced = leaves == Leaves.SOME && random.nextBoolean();
            Long inode = unsynced ? names.get(name) : synced.get(name);
            if (inode == null) {
                continue;
            }
            Path there = live.get(inode);
            if (there != null && Files.isDirectory(there)) {
                leave(there, Files.createDirectory(into.resolve(name)), leaves, random);
            } else {
                Path old = kept.resolve(Long.toString(inode));
                byte[] content = Files.exists(old) ? Files.readAllBytes(old) : new byte[0];
                if (there != null && leaves == Leaves.SOME) {
                    content = mixed(content, Files.readAllBytes(there), random);
                }
                Path file = Files.createFile(
                        into.resolve(name),
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.write(file, content);
            }
        }
    }

    private static byte[] mixed(byte[] synced, byte[] seen, RandomGenerator random) {
        byte[] mixed = Arrays.copyOf(synced, random.nextBoolean() ? seen.length : synced.length);
        for (int at = 0; at < Math.min(mixed.length, seen.length); at += SECTOR_BYTES) {
            if (random.nextBoolean()) {
                int length = Math.min(SECTOR_BYTES, Math.min(mixed.length, seen.length) - at);
                System.arraycopy(seen, at, mixed, at, length);
            }
        }
        return mixed;
    }

    private void keepAll(Path folder) throws IOException {
        Map<String, Long> names = liveNames(folder);
        StringBuilder lines = new StringBuilder();
        for (Map.Entry<String, Long> one : names.entrySet()) {
            lines.append(one.getValue()).append(' ').append(one.getKey()).append('\n');
            Path path = folder.resolve(one.getKey());
            if (Files.isDirectory(path)) {
                keepAll(path);
            } else {
                Files.copy(path, kept.resolve(one.getValue().toString()));
            }
        }
        Files.writeString(kept.resolve("d" + inode(folder)), lines);
    }

    private Map<String, Long> syncedNames(long folder) throws IOException {
        Map<String, Long> names = new TreeMap<>();
        Path lines = kept.resolve("d" + folder);
        if (Files.exists(lines)) {
            for (String line : Files.readAllLines(lines)) {
                int space = line.indexOf(' ');
                names.put(line.substring(space + 1), Long.parseLong(line.substring(0, space)));
            }
        }
        return names;
    }

    private static Map<String, Long> liveNames(Path folder) throws IOException {
        Map<String, Long> names = new TreeMap<>();
        try (Stream<Path> paths = Files.list(folder)) {
            paths.forEach(path -> names.put(path.getFileName().toString(), inode(path)));
        }
        return names;
    }

    private static long inode(Path path) {
        try {
            return (Long) Files.getAttribute(path, "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
