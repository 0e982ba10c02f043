package dev.andon.core.ledger;

import dev.andon.core.ledger.ExportVerifier.Step;
import java.util.Arrays;
import java.util.Optional;

/** Verifies an export that comes in pieces, in memory for one line. Not thread-safe. */
public final class ExportCheck {
    private static final int FIRST_BYTES = 8_192;

    private ExportVerifier verifier;
    private Optional<ExportVerdict.Bad> bad = Optional.empty();
    private byte[] line = new byte[FIRST_BYTES];
    private int length;

    /** Goes on from a state, at the beginning of a line. */
    public ExportCheck(ExportVerifier verifier) {
        this.verifier = verifier;
    }

    /** Takes the next bytes. Those after a line that is wrong are passed over. */
    public void take(byte[] bytes, int from, int count) {
        for (int i = from; i < from + count && bad.isEmpty(); i++) {
            if (bytes[i] == '\n') {
                endLine();
            } else if (length == ExportLine.MAX_BYTES) {
                bad = Optional.of(unfinished());
            } else {
                if (length == line.length) {
                    line = Arrays.copyOf(line, Math.min(2 * length, ExportLine.MAX_BYTES));
                }
                line[length++] = bytes[i];
            }
        }
    }

    private void endLine() {
        Step step = verifier.take(Arrays.copyOf(line, length));
        length = 0;
        if (step instanceof Step.On on) {
            verifier = on.next();
        } else if (step instanceof Step.Broken broken) {
            bad = Optional.of(broken.bad());
        }
    }

    /** Whether a line was wrong, so that what follows doesn't matter. */
    public boolean isBroken() {
        return bad.isPresent();
    }

    /** The verdict if that was all. */
    public ExportVerdict end() {
        if (bad.isPresent()) {
            return bad.get();
        }
        return length > 0 ? unfinished() : verifier.end();
    }

    private ExportVerdict.Bad unfinished() {
        return verifier.bad(
                ExportLine.isCheckpoint(Arrays.copyOf(line, length)),
                "line: unfinished after " + length + " bytes (expected: a line break within " + ExportLine.MAX_BYTES
                        + "; the export was cut off)");
    }
}
