package dev.andon.store;

import static dev.andon.store.JournalFormat.RECORDS_START;

import dev.andon.store.JournalFormat.Contents;
import dev.andon.store.JournalFormat.Found;
import dev.andon.store.JournalFormat.Header;
import dev.andon.store.JournalFormat.Kind;
import dev.andon.store.StoreException.Code;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The two files of a {@link Journal}, called its slots. Used by one thread at a time.
 *
 * <p>The slot in use takes records at its end. A take-over writes everything that counts into the other slot and its
 * header last, with the next generation; at the start the highest generation counts. So at any moment one slot holds all
 * that was acknowledged, and {@link #spare} is the other one.
 */
final class JournalFiles {
    static final int FIRST_CAPACITY = 1 << 20;
    static final int MAX_CAPACITY = 64 << 20;
    private static final int MAX_SET_ASIDE = 100;
    private static final int ZEROS_AT_ONCE = 64 << 10;
    private static final Logger log = LoggerFactory.getLogger(JournalFiles.class);

    private static final byte[] NOTHING = {};

    private final Disk disk;
    private final String name;
    private final RandomGenerator random;
    private final int firstCapacity;
    private final Map<Integer, Disk.Blocks> open = new LinkedHashMap<>();

    private long salt;
    private long generation;
    private int spare;

    /** Empty from the moment that the slot in use can't be trusted with more, until the spare one has taken over. */
    private Optional<InUse> inUse = Optional.empty();

    JournalFiles(Disk disk, String name, int firstCapacity, RandomGenerator random) {
        this.firstCapacity = firstCapacity;
        this.disk = disk;
        this.name = name;
        this.random = random;
    }

    /** @param end where the next record belongs */
    private record InUse(Disk.Blocks blocks, Header header, long end) {
        InUse endingAt(long newEnd) {
            return new InUse(blocks, header, newEnd);
        }
    }

    private String slotName(int index) {
        return name + "." + index;
    }

    /** Reads what counts, in the order in which it came, and takes the room for what will come. */
    Map<String, byte[]> open() throws IOException {
        Map<String, byte[]> live = load();
        try {
            Disk.Blocks blocks = blocks(spare);
            zero(blocks, blocks.size(), firstCapacity);
        } catch (IOException e) {
            log.warn("journal: no room can be reserved for {}: {}", disk.pathOf(slotName(spare)), e.toString());
        }
        return live;
    }

    private Map<String, byte[]> load() throws IOException {
        List<byte[]> slots = List.of(
                disk.read(slotName(0)).orElse(NOTHING), disk.read(slotName(1)).orElse(NOTHING));
        List<Optional<Header>> headers =
                slots.stream().map(JournalFormat::readHeader).toList();
        long newest = Math.max(generationOf(headers.get(0)), generationOf(headers.get(1)));
        if (newest < 0) {
            return startFresh(slots);
        }
        int current = generationOf(headers.get(0)) == newest ? 0 : 1;
        Header header = headers.get(current).orElseThrow();
        Contents contents = JournalFormat.read(slots.get(current), header);
        salt = header.salt();
        generation = newest;
        spare = 1 - current;
        byte[] other = slots.get(spare);
        if (JournalFormat.beheaded(other)) {
            return salvageBeheaded(contents, JournalFormat.read(other, header));
        }
        return switch (contents.condition()) {
            case WHOLE -> goOn(current, contents);
            case TORN -> salvageTorn(contents);
            case DAMAGED -> salvageDamaged(headers.get(spare).map(older -> JournalFormat.read(other, older)), contents);
        };
    }

    private static long generationOf(Optional<Header> header) {
        return header.map(Header::generation).orElse(-1L);
    }

    /** Takes over twice, so that from now on both slots know the salt. */
    private Map<String, byte[]> startFresh(List<byte[]> slots) {
        for (int index = 0; index < slots.size(); index++) {
            if (!JournalFormat.zeros(slots.get(index), 0, slots.get(index).length)) {
                setAside(index, "its header can't be read");
            }
        }
        salt = random.nextLong();
        movedToSpare(new LinkedHashMap<>());
        return movedToSpare(new LinkedHashMap<>());
    }

    private Map<String, byte[]> goOn(int current, Contents contents) throws IOException {
        Map<String, byte[]> live = replay(contents, new LinkedHashMap<>());
        Disk.Blocks blocks = blocks(current);
        try {
            // What a process wrote and didn't live to sync counts from now on.
            blocks.force();
        } catch (IOException e) {
            log.error("journal: {} fails: {}", disk.pathOf(slotName(current)), e.toString());
            return movedToSpare(live);
        }
        inUse = Optional.of(new InUse(blocks, contents.header(), contents.end()));
        return live;
    }

    private Map<String, byte[]> salvageTorn(Contents contents) {
        Map<String, byte[]> live = replay(contents, new LinkedHashMap<>());
        log.warn(
                "journal: {} ends in the middle of a write; its {} records were read",
                disk.pathOf(slotName(1 - spare)),
                live.size());
        return movedToSpare(live);
    }

    /** The older slot still has what counted when the damaged one took over. */
    private Map<String, byte[]> salvageDamaged(Optional<Contents> older, Contents damaged) {
        Map<String, byte[]> live = new LinkedHashMap<>();
        older.ifPresent(contents -> replay(contents, live));
        replay(damaged, live);
        int damagedSlot = 1 - spare;
        logSalvage(damagedSlot, live);
        movedToSpare(live);
        if (inUse.isPresent()) {
            setAside(damagedSlot, "it is damaged");
        }
        return live;
    }

    /** A slot whose header is gone may be the newer one. */
    private Map<String, byte[]> salvageBeheaded(Contents headed, Contents beheaded) {
        Map<String, byte[]> live = new LinkedHashMap<>();
        replay(headed, live);
        replay(beheaded, live);
        logSalvage(spare, live);
        setAside(spare, "its header can't be read");
        return movedToSpare(live);
    }

    private void logSalvage(int slot, Map<String, byte[]> live) {
        log.warn("journal: {} is damaged; {} records could be read", disk.pathOf(slotName(slot)), live.size());
    }

    private static Map<String, byte[]> replay(Contents contents, Map<String, byte[]> live) {
        for (Found found : contents.records()) {
            switch (found.kind()) {
                case KEPT -> live.put(found.key(), found.bytes());
                case FORGOTTEN -> live.remove(found.key());
            }
        }
        return live;
    }

    /** Takes over into the spare slot; if that isn't possible yet, the first write tries again. */
    private Map<String, byte[]> movedToSpare(Map<String, byte[]> live) {
        try {
            takeOver(live);
        } catch (IOException | StoreException e) {
            log.error("journal: {} can't be written yet: {}", disk.pathOf(name), e.getMessage());
        }
        return live;
    }

    /**
     * Writes {@code records}, durably.
     *
     * @param live everything that counts once they are written
     */
    void write(List<Found> records, Map<String, byte[]> live) {
        try {
            if (!appended(records)) {
                takeOver(live);
            }
        } catch (IOException e) {
            Code code = disk.full(e) ? Code.FULL : Code.FAILED;
            String advice = code == Code.FULL ? "Make room on its disk" : "Check its disk";
            throw new StoreException(
                    code, true, "journal: " + disk.pathOf(name) + " can't be written: " + e + ". " + advice, e);
        }
    }

    private boolean appended(List<Found> records) {
        if (inUse.isEmpty()) {
            return false;
        }
        InUse slot = inUse.get();
        ByteBuffer bytes = encode(records, salt, slot.end());
        if (slot.end() + bytes.remaining() > slot.header().capacity()) {
            return false;
        }
        long end = slot.end() + bytes.remaining();
        try {
            slot.blocks().write(slot.end(), bytes);
            slot.blocks().force();
        } catch (IOException e) {
            log.error("journal: {} fails: {}", disk.pathOf(slotName(1 - spare)), e.toString());
            inUse = Optional.empty();
            return false;
        }
        inUse = Optional.of(slot.endingAt(end));
        return true;
    }

    private static ByteBuffer encode(List<Found> records, long salt, long position) {
        int length = records.stream()
                .mapToInt(record -> JournalFormat.recordLength(record.key(), record.bytes()))
                .sum();
        ByteBuffer all = ByteBuffer.allocate(length);
        for (Found record : records) {
            all.put(JournalFormat.record(salt, position + all.position(), record.kind(), record.key(), record.bytes()));
        }
        return all.rewind();
    }

    private void takeOver(Map<String, byte[]> live) throws IOException {
        List<Found> records = live.entrySet().stream()
                .map(entry -> new Found(Kind.KEPT, entry.getKey(), entry.getValue()))
                .toList();
        ByteBuffer content = encode(records, salt, RECORDS_START);
        long end = (long) RECORDS_START + content.remaining();
        Disk.Blocks blocks = blocks(spare);
        zero(blocks, 0, Math.min(blocks.size(), RECORDS_START));
        long capacity = makeRoom(blocks, end);
        blocks.write(RECORDS_START, content);
        zero(blocks, end, capacity);
        blocks.force();

        inUse = Optional.empty();
        generation++;
        Header header = new Header(generation, salt, capacity);
        blocks.write(0, JournalFormat.header(header));
        blocks.force();
        inUse = Optional.of(new InUse(blocks, header, end));
        spare = 1 - spare;
    }

    /** Extends a slot to twice what is needed, or as far as the disk allows if that suffices; answers its size. */
    private long makeRoom(Disk.Blocks blocks, long needed) throws IOException {
        if (needed > MAX_CAPACITY) {
            throw new StoreException(
                    Code.FULL,
                    "journal: " + needed + " bytes (expected: at most " + MAX_CAPACITY
                            + "). Let the kills settle, or restore some");
        }
        long wanted = Math.max(
                firstCapacity, inUse.map(slot -> slot.header().capacity()).orElse(0L));
        while (wanted < MAX_CAPACITY && wanted - RECORDS_START < 2 * (needed - RECORDS_START)) {
            wanted *= 2;
        }
        try {
            zero(blocks, blocks.size(), wanted);
        } catch (IOException e) {
            if (blocks.size() < needed) {
                throw e;
            }
            log.warn("journal: {} can't grow: {}", disk.pathOf(slotName(spare)), e.toString());
        }
        return blocks.size();
    }

    private static void zero(Disk.Blocks blocks, long from, long to) throws IOException {
        for (long at = from; at < to; at += ZEROS_AT_ONCE) {
            blocks.write(at, ByteBuffer.allocate((int) Math.min(ZEROS_AT_ONCE, to - at)));
        }
    }

    private Disk.Blocks blocks(int index) throws IOException {
        Disk.Blocks known = open.get(index);
        if (known != null) {
            return known;
        }
        Disk.Blocks opened = disk.open(slotName(index));
        open.put(index, opened);
        return opened;
    }

    private void setAside(int index, String reason) {
        try {
            Disk.Blocks blocks = open.remove(index);
            if (blocks != null) {
                blocks.close();
            }
            for (int n = 1; n <= MAX_SET_ASIDE; n++) {
                String aside = slotName(index) + ".damaged-" + n;
                if (!disk.exists(aside)) {
                    disk.rename(slotName(index), aside);
                    log.warn("journal: {}; it was set aside as {}", reason, disk.pathOf(aside));
                    return;
                }
            }
            log.warn("journal: {}; it will be overwritten, {} were set aside before", reason, MAX_SET_ASIDE);
        } catch (IOException e) {
            log.warn("journal: {}, and it can't be set aside: {}", reason, e.toString());
        }
    }

    void close() {
        for (Disk.Blocks blocks : open.values()) {
            try {
                blocks.close();
            } catch (IOException e) {
                log.debug("journal: a file didn't close cleanly", e);
            }
        }
        open.clear();
        inUse = Optional.empty();
    }
}
