package dev.andon.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;

/**
 * A disk as bad as the contract allows: what isn't synced may be lost sector by sector, in any order; a sync that fails
 * drops what it was to write; room ends; calls fail or hang when told to.
 */
final class FakeDisk implements Disk {
    private static final int SECTOR_BYTES = 512;
    private static final String NO_ROOM = "no room left on this fake";

    private final Random random;
    private final Map<String, FakeFile> files = new TreeMap<>();
    private long room = Long.MAX_VALUE;
    private long callsUntilFailure;
    private int failures;
    private Optional<CountDownLatch> hang = Optional.empty();
    private Set<String> syncs = new TreeSet<>();
    private boolean held;
    private Optional<String> withoutSync = Optional.empty();

    FakeDisk(Random random) {
        this.random = random;
    }

    private final class FakeFile {
        private byte[] seen = {};
        private byte[] durable = {};
        private final BitSet dirty = new BitSet();

        private FakeFile afterCrash() {
            FakeFile after = new FakeFile();
            int size = durable.length;
            if (seen.length > size && random.nextBoolean()) {
                size += random.nextInt(seen.length - size + 1);
            }
            after.durable = Arrays.copyOf(durable, size);
            dirty.stream().filter(sector -> random.nextBoolean()).forEach(sector -> copy(seen, after.durable, sector));
            after.seen = after.durable.clone();
            return after;
        }

        private void persist(boolean all) {
            durable = Arrays.copyOf(durable, seen.length);
            dirty.stream().filter(sector -> all || random.nextBoolean()).forEach(sector -> copy(seen, durable, sector));
            dirty.clear();
        }

        private static void copy(byte[] from, byte[] to, int sector) {
            int start = sector * SECTOR_BYTES;
            int end = Math.min(start + SECTOR_BYTES, Math.min(from.length, to.length));
            if (end > start) {
                System.arraycopy(from, start, to, start, end - start);
            }
        }
    }

    /** What a machine that lost its power finds. */
    synchronized FakeDisk afterCrash() {
        FakeDisk after = new FakeDisk(random);
        after.syncs = syncs;
        after.withoutSync = withoutSync;
        files.forEach((name, file) -> after.files.put(name, file.afterCrash()));
        return after;
    }

    /** The places in the code at which something was synced, on this disk and those after its crashes. */
    synchronized Set<String> syncs() {
        return Set.copyOf(syncs);
    }

    /** From now on, what is synced at a place in the code isn't. */
    synchronized void leaveOut(String sync) {
        withoutSync = Optional.of(sync);
    }

    /** Whether syncs come back before anything is synced. */
    synchronized void hold(boolean syncs) {
        held = syncs;
    }

    private static String place() {
        return StackWalker.getInstance()
                .walk(frames -> frames.filter(frame -> frame.getClassName().equals(JournalFiles.class.getName()))
                        .findFirst()
                        .map(frame -> frame.getMethodName() + ", line " + frame.getLineNumber()))
                .orElse("elsewhere");
    }

    /** A disk with the same content, all of it durable. */
    synchronized FakeDisk copy() {
        FakeDisk copy = new FakeDisk(random);
        files.forEach((name, file) -> copy.put(name, file.seen.clone()));
        return copy;
    }

    synchronized void put(String name, byte[] bytes) {
        FakeFile file = new FakeFile();
        file.seen = bytes;
        file.durable = bytes.clone();
        files.put(name, file);
    }

    synchronized byte[] get(String name) {
        return files.get(name).seen.clone();
    }

    synchronized Set<String> names() {
        return new TreeSet<>(files.keySet());
    }

    synchronized void leaveRoom(long bytes) {
        room = bytes;
    }

    /** After {@code calls} others, so many calls fail. */
    synchronized void failAfter(long calls, int times) {
        callsUntilFailure = calls;
        failures = times;
    }

    /** From now on, calls wait for the latch. */
    synchronized void hang(CountDownLatch until) {
        hang = Optional.of(until);
    }

    private boolean failsNow() {
        if (callsUntilFailure > 0) {
            callsUntilFailure--;
            return false;
        }
        return failures-- > 0;
    }

    private void mayHang() {
        Optional<CountDownLatch> latch;
        synchronized (this) {
            latch = hang;
        }
        try {
            if (latch.isPresent()) {
                latch.get().await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized Optional<byte[]> read(String name) {
        return Optional.ofNullable(files.get(name)).map(file -> file.seen.clone());
    }

    @Override
    public synchronized Blocks open(String name) {
        FakeFile file = files.computeIfAbsent(name, n -> new FakeFile());
        return new Blocks() {
            @Override
            public long size() {
                return file.seen.length;
            }

            @Override
            public void write(long position, ByteBuffer bytes) throws IOException {
                mayHang();
                synchronized (FakeDisk.this) {
                    boolean fails = failsNow();
                    int length = fails ? random.nextInt(bytes.remaining() + 1) : bytes.remaining();
                    long growth = Math.max(0, position + length - file.seen.length);
                    if (growth > room) {
                        length -= (int) (growth - room);
                        growth = room;
                        fails = true;
                    }
                    if (length > 0) {
                        room -= growth;
                        file.seen = Arrays.copyOf(file.seen, (int) Math.max(file.seen.length, position + length));
                        bytes.get(file.seen, (int) position, length);
                        file.dirty.set(
                                (int) (position / SECTOR_BYTES), (int) ((position + length - 1) / SECTOR_BYTES) + 1);
                    }
                    if (fails) {
                        throw new IOException(room == 0 ? NO_ROOM : "write failed on purpose");
                    }
                }
            }

            @Override
            public void force() throws IOException {
                mayHang();
                synchronized (FakeDisk.this) {
                    boolean fails = failsNow();
                    String place = place();
                    syncs.add(place);
                    if (!held && !withoutSync.equals(Optional.of(place))) {
                        file.persist(!fails);
                    }
                    if (fails) {
                        throw new IOException("sync failed on purpose");
                    }
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public synchronized void rename(String from, String to) {
        files.put(to, files.remove(from));
    }

    @Override
    public synchronized boolean exists(String name) {
        return files.containsKey(name);
    }

    @Override
    public String pathOf(String name) {
        return "fake/" + name;
    }

    @Override
    public boolean full(IOException e) {
        return NO_ROOM.equals(e.getMessage());
    }
}
