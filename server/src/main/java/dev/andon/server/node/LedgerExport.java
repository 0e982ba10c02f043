package dev.andon.server.node;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.ExportLine;
import dev.andon.store.StoredCheckpoint;
import dev.andon.store.StoredEntry;
import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ledger's entries as they are stored, right or wrong, with the checkpoints among them, and at the end this node's word on
 * the last one; in pieces, and in memory for one page of entries. For one thread at a time.
 *
 * <p>What this node signs is the hash that it has folded, whatever the store holds by now: an entry that has rotted is
 * exported as it is, and whoever verifies the export finds it.
 */
final class LedgerExport implements Iterator<byte[]> {
    private static final Logger log = LoggerFactory.getLogger(LedgerExport.class);
    private static final int READ_ENTRIES = 200;
    private static final int PIECE_BYTES = 64 << 10;

    private final StoredHistory history;
    private final long end;
    private final ExportLine last;
    private final Deque<StoredEntry> entries = new ArrayDeque<>();
    private final Deque<StoredCheckpoint> checkpoints = new ArrayDeque<>();
    private final Deque<ExportLine> lines = new ArrayDeque<>();
    private long read;
    private boolean ended;

    /**
     * @param header says after which version to begin
     * @param end the version to end with
     * @param last the checkpoint of {@code end}
     */
    LedgerExport(StoredHistory history, ExportLine.Header header, long end, ExportLine last) {
        this.history = history;
        this.end = end;
        this.last = last;
        this.read = header.after();
        lines.add(header);
    }

    @Override
    public boolean hasNext() {
        return !ended || !lines.isEmpty();
    }

    /** @throws StoreUnavailable if the store can't be read; the export can't be finished then */
    @Override
    public byte[] next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the export has ended");
        }
        ByteArrayOutputStream piece = new ByteArrayOutputStream(2 * PIECE_BYTES);
        while (piece.size() < PIECE_BYTES && hasNext()) {
            if (lines.isEmpty()) {
                fill();
            } else {
                piece.writeBytes(lines.poll().bytes());
            }
        }
        return piece.toByteArray();
    }

    /** Takes the next entry and the checkpoints of its version, or what ends the export. */
    private void fill() {
        if (entries.isEmpty() && read < end) {
            readPage();
        }
        StoredEntry entry = entries.poll();
        if (entry == null) {
            lines.add(last);
            ended = true;
            return;
        }
        lines.add(new ExportLine.Recorded(entry.version(), entry.hash(), entry.bytes()));
        while (!checkpoints.isEmpty() && checkpoints.peek().version() <= entry.version()) {
            StoredCheckpoint checkpoint = checkpoints.poll();
            try {
                lines.add(new ExportLine.Signed(checkpoint.read()));
            } catch (InvalidInput e) {
                log.warn("checkpoint of version {}: left out of an export: {}", checkpoint.version(), e.getMessage());
            }
        }
    }

    private void readPage() {
        StoredHistory.Page page = history.page(read, (int) Math.min(READ_ENTRIES, end - read));
        if (page.entries().isEmpty()) {
            throw new StoreUnavailable(
                    "the ledger ends at version " + read + ", before version " + end + " that this node has folded");
        }
        entries.addAll(page.entries());
        checkpoints.addAll(page.checkpoints());
        read += page.entries().size();
    }
}
