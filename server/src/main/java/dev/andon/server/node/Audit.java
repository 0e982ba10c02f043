package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.ledger.ChainHash;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.core.ledger.ExportLine;
import dev.andon.store.LedgerPosition;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The ledger for whoever checks it: how sound it is as far as this node knows, exports, and going on after damage.
 * Thread-safe.
 */
public final class Audit {
    private final Ledger ledger;
    private final StoredHistory history;
    private final Verification verification;
    private final Checkpoints checkpoints;
    private final Continuing continuing;

    /** Has a command carried out in a new epoch, although the ledger is damaged. */
    interface Continuing {
        <R> Outcome<R> execute(Command<R> command, CommandContext context);
    }

    Audit(
            Ledger ledger,
            StoredHistory history,
            Verification verification,
            Checkpoints checkpoints,
            Continuing continuing) {
        this.ledger = ledger;
        this.history = history;
        this.verification = verification;
        this.checkpoints = checkpoints;
        this.continuing = continuing;
    }

    /**
     * What is known.
     *
     * @param version the last entry that this node has folded
     * @param hash its chain hash
     * @param checkedTo up to where the whole ledger was checked, in the walk that goes on or else the last one
     * @param checkedAt when such a walk last came to its end
     * @param broken what is wrong with the first broken entry, if one is known
     * @param signed what this node has signed last since its start
     */
    public record Soundness(
            String ledger,
            long epoch,
            long version,
            String hash,
            long checkedTo,
            Optional<Instant> checkedAt,
            Optional<BrokenEntry> broken,
            Optional<Checkpoint> signed) {}

    /** @param reason {@code name: value (expected: …)} */
    public record BrokenEntry(long version, String reason, Instant since) {}

    /** From memory. */
    public Soundness soundness() {
        Folded folded = ledger.current();
        Verification.Checked checked = verification.now();
        StoreHealth health = ledger.health();
        Optional<BrokenEntry> broken = checked.broken()
                .map(found -> new BrokenEntry(found.entry(), found.reason(), checked.since()))
                .or(() -> health.brokenEntry().map(entry -> new BrokenEntry(entry, health.detail(), health.since())));
        return new Soundness(
                folded.image().provenance().ledger(),
                folded.image().provenance().epoch(),
                folded.position().version(),
                folded.position().hash().hex(),
                checked.version(),
                checked.finished(),
                broken,
                checkpoints.last());
    }

    /**
     * The ledger up to what this node has folded, as an export's bytes, in pieces. They are read as they are asked for.
     *
     * @param after the version after which to begin; 0 for the whole ledger
     * @throws Refused NOT_FOUND if the ledger doesn't reach there
     * @throws StoreUnavailable here and while reading on
     */
    public Iterator<byte[]> export(long after) {
        Folded end = ledger.current();
        long last = end.position().version();
        if (after > last) {
            throw new Refused(Refused.Code.NOT_FOUND, "after", "" + after, "0 to " + last);
        }
        ExportLine.Header header =
                new ExportLine.Header(end.image().provenance().ledger(), after, hashAt(after, end.position()));
        return new LedgerExport(history, header, last, new ExportLine.Signed(checkpoints.sign(end)));
    }

    private ChainHash hashAt(long version, LedgerPosition end) {
        if (version == 0 || version == end.version()) {
            return version == 0 ? ChainHash.ZERO : end.hash();
        }
        var page = history.page(version - 1, 1);
        if (page.entries().isEmpty()) {
            throw new StoreUnavailable("the ledger ends before version " + version);
        }
        return page.entries().getFirst().hash();
    }

    /**
     * Goes on after an entry that was found broken: begins a new epoch where the ledger ends, with an entry that says so.
     * What this node holds is the state from then on, and is put into the store for nodes that start with nothing.
     *
     * @param entry the broken entry, named so that nobody goes on after damage that he hasn't seen
     * @throws Refused CONFLICT if that isn't the entry that is broken, or this node can't speak for what comes after it
     * @throws StoreUnavailable if the store doesn't take it
     */
    public <R> Outcome<R> goOn(long entry, Function<Committed, R> reply, CommandContext context) {
        Optional<Long> repeated = Change.repeated(ledger.current().image(), context);
        if (repeated.isPresent()) {
            return new Outcome.Repeated<>(repeated.get());
        }
        Pass.Broken broken = verification.broken().orElseThrow(() -> nothingToGoOnFrom(entry));
        if (broken.entry() != entry) {
            throw new Refused(
                    Refused.Code.CONFLICT, "entry", "" + entry, broken.entry() + ", which is the first that is broken");
        }
        Outcome<R> outcome = continuing.execute(
                (image, kills, now) -> Decision.of(
                        "ledger.continue", List.of(new Event.LedgerContinued(entry, broken.reason())), reply),
                context);
        if (outcome instanceof Outcome.Done<R>) {
            verification.continued(entry);
            checkpoints.save(ledger.current());
        }
        return outcome;
    }

    private Refused nothingToGoOnFrom(long entry) {
        Optional<Long> unfolded = ledger.health().brokenEntry();
        return unfolded.isEmpty()
                ? new Refused(
                        Refused.Code.CONFLICT,
                        "entry",
                        "" + entry,
                        "an entry that is broken; as far as this node knows, none is")
                : new Refused(
                        Refused.Code.CONFLICT,
                        "entry",
                        "" + entry,
                        "an entry before version " + ledger.current().position().version()
                                + ", up to which this node has folded the ledger; what comes after it can't be folded,"
                                + " so restore a backup, or go on at a node that has folded more");
    }
}
