package dev.andon.core.ledger;

import dev.andon.core.json.InvalidInput;
import java.util.Optional;
import java.util.Set;

/**
 * Verifies an export line by line, without a server: that entries follow each other without a gap, that each hash is that
 * of the bytes before it, that each checkpoint is of this ledger and place and truly signed, and that the last line is a
 * checkpoint, signed with one of the keys that were given if any were. Immutable: each line gives the next state.
 *
 * <p>The first line that is wrong ends it. What comes after can't be judged by a chain that is broken; an export that begins
 * after the broken entry can.
 */
public final class ExportVerifier {
    private final Set<String> keys;
    private final long lines;
    private final Optional<ExportLine.Header> header;
    private final long version;
    private final ChainHash hash;
    private final long epoch;
    private final long checkpoints;
    private final Optional<Checkpoint> sealed;

    private ExportVerifier(
            Set<String> keys,
            long lines,
            Optional<ExportLine.Header> header,
            long version,
            ChainHash hash,
            long epoch,
            long checkpoints,
            Optional<Checkpoint> sealed) {
        this.keys = keys;
        this.lines = lines;
        this.header = header;
        this.version = version;
        this.hash = hash;
        this.epoch = epoch;
        this.checkpoints = checkpoints;
        this.sealed = sealed;
    }

    /** What a line came to. */
    public sealed interface Step {
        record On(ExportVerifier next) implements Step {}

        record Broken(ExportVerdict.Bad bad) implements Step {}
    }

    /** @param keys those of which one must have signed the end, as {@link PublicKeys#read} gives them; any if empty */
    public static ExportVerifier expecting(Set<String> keys) {
        return new ExportVerifier(Set.copyOf(keys), 0, Optional.empty(), 0, ChainHash.ZERO, 0, 0, Optional.empty());
    }

    /** Takes the next line, without its line break. */
    public Step take(byte[] line) {
        try {
            ExportLine read = ExportLine.read(line);
            if (read instanceof ExportLine.Header begin) {
                return new Step.On(begin(begin));
            }
            if (header.isEmpty()) {
                throw new InvalidInput("line", "an entry or a checkpoint", "the header, once and first");
            }
            if (read instanceof ExportLine.Recorded recorded) {
                return new Step.On(entry(recorded));
            }
            return new Step.On(checkpoint(((ExportLine.Signed) read).checkpoint(), header.get()));
        } catch (InvalidInput e) {
            return new Step.Broken(bad(ExportLine.isCheckpoint(line), String.valueOf(e.getMessage())));
        }
    }

    private ExportVerifier begin(ExportLine.Header begin) {
        if (header.isPresent()) {
            throw new InvalidInput("line", "a header", "the header once and first");
        }
        if (begin.after() == 0 && !begin.hash().equals(ChainHash.ZERO)) {
            throw new InvalidInput("hash", begin.hash().hex(), "zeros before the first entry");
        }
        return new ExportVerifier(keys, 1, Optional.of(begin), begin.after(), begin.hash(), 0, 0, Optional.empty());
    }

    private ExportVerifier entry(ExportLine.Recorded recorded) {
        if (recorded.version() != version + 1) {
            throw new InvalidInput("version", "" + recorded.version(), "" + (version + 1));
        }
        ChainHash expected = hash.next(version + 1, recorded.entry());
        if (!recorded.hash().equals(expected)) {
            throw new InvalidInput("hash", recorded.hash().hex(), expected.hex());
        }
        return new ExportVerifier(keys, lines + 1, header, version + 1, expected, epoch, checkpoints, Optional.empty());
    }

    private ExportVerifier checkpoint(Checkpoint checkpoint, ExportLine.Header begin) {
        if (!checkpoint.ledger().equals(begin.ledger())) {
            throw new InvalidInput("checkpoint.ledger", checkpoint.ledger(), begin.ledger());
        }
        if (checkpoint.version() != version) {
            throw new InvalidInput("checkpoint.version", "" + checkpoint.version(), "" + version);
        }
        if (!checkpoint.hash().equals(hash)) {
            throw new InvalidInput("checkpoint.hash", checkpoint.hash().hex(), hash.hex());
        }
        if (checkpoint.epoch() < epoch) {
            throw new InvalidInput("checkpoint.epoch", "" + checkpoint.epoch(), epoch + " or later");
        }
        if (!checkpoint.holds()) {
            throw new InvalidInput("signature", checkpoint.signature(), "one that holds for this checkpoint and key");
        }
        return new ExportVerifier(
                keys, lines + 1, header, version, hash, checkpoint.epoch(), checkpoints + 1, Optional.of(checkpoint));
    }

    /** The verdict if that was the last line. */
    public ExportVerdict end() {
        if (header.isEmpty()) {
            return new ExportVerdict.Bad(1, 0, "line: nothing (expected: the header)");
        }
        if (sealed.isEmpty()) {
            return bad(true, "line: nothing (expected: a signed checkpoint at the end; the export was cut off)");
        }
        Checkpoint end = sealed.get();
        boolean expected = keys.contains(end.key());
        if (!keys.isEmpty() && !expected) {
            return new ExportVerdict.Bad(
                    lines,
                    version,
                    "checkpoint.key: " + end.key() + ", of node " + end.node() + " (expected: one of the keys given)");
        }
        return new ExportVerdict.Good(header.get().after(), checkpoints, end, expected);
    }

    /** The verdict on a next line that is wrong before it is read. */
    ExportVerdict.Bad bad(boolean ofCheckpoint, String reason) {
        return new ExportVerdict.Bad(lines + 1, header.isEmpty() ? 0 : ofCheckpoint ? version : version + 1, reason);
    }
}
