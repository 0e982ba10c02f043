package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Invariants;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.stop.KillOrder;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import dev.andon.store.StoredEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a node decides and folds, without its threads: for drivers that take one step after the other. Immutable. */
public final class NodeLogic {
    private final Folded folded;

    private NodeLogic(Folded folded) {
        this.folded = folded;
    }

    /** A ledger in which nothing was written. */
    public static NodeLogic empty(String ledger) {
        Image image = new ImageDelta(Image.EMPTY).build(new Provenance(ledger, 1, 0));
        return new NodeLogic(new Folded(image, LedgerPosition.START));
    }

    public Image image() {
        return folded.image();
    }

    public LedgerPosition position() {
        return folded.position();
    }

    public NodeLogic inEpoch(long epoch) {
        return new NodeLogic(folded.inEpoch(epoch));
    }

    /** The state after more entries, and what publishers are told of it. */
    public record Step(NodeLogic next, Publication publication) {}

    public Step fold(List<StoredEntry> entries) {
        Folded.Step step = folded.fold(image().provenance().ledger(), entries);
        Folded next = step.folded();
        return new Step(
                new NodeLogic(next), new Publication(image(), next.image(), next.position(), step.entries(), false));
    }

    /** A decision that isn't written yet. */
    public static final class Decided<R> {
        private final Change<R> change;
        private final CommandContext context;

        private Decided(Change<R> change, CommandContext context) {
            this.change = change;
            this.context = context;
        }

        /** What became of it, if there is nothing to write. */
        public Optional<Outcome<R>> unchanged() {
            return change.changesNothing() ? Optional.of(change.unchanged()) : Optional.empty();
        }

        public byte[] entry() {
            return change.entry(context);
        }

        public Outcome<R> done(Image after) {
            return change.done(after);
        }
    }

    /** The kills as a node knows them whose kill path has come to the image {@code on} so far. */
    public static KnownKills known(Image image, Image on, Map<KillId, StandingKill> pending) {
        return KnownKills.of(image, new KnownKills.Waiting(on, pending));
    }

    /** Whether the file of one image may be replaced by that of another, as far as kills are concerned. */
    public static boolean mayReplace(
            Image before, Image next, Image on, Map<KillId, StandingKill> pending, Set<KillId> journalled) {
        return LocalImage.keepsKills(before, next, new KnownKills.Waiting(on, pending), journalled::contains);
    }

    /** The version in which the same request was carried out before. */
    public static Optional<Long> repeated(Image image, CommandContext context) {
        return Change.repeated(image, context);
    }

    /** As the ledger's thread decides, with the rules that every image keeps. */
    public static <R> Decided<R> decide(Command<R> command, CommandContext context, KnownKills kills, Instant now) {
        Invariant rules =
                (change, known) -> Invariants.check(change.before(), change.after(), change.events(), standing(known));
        return new Decided<>(Change.decide(command, context, kills, List.of(rules), now), context);
    }

    private static List<StandingKill> standing(KnownKills kills) {
        List<StandingKill> all = new ArrayList<>();
        kills.image().environments().keySet().forEach(environment -> all.addAll(kills.standing(environment)));
        return all;
    }

    public static KillOrder order(Image image, KillRequest request, CommandContext context, boolean mayBeUnknown) {
        return KillOrders.order(image, request, context, mayBeUnknown).order();
    }

    /** Makes the entries by which kills settle. Belongs to one process of a node. */
    public static final class Settling {
        private final SettlingKills kills;

        public Settling(LedgerStore store) {
            this.kills = new SettlingKills(store::read);
        }

        /** One for each of the kills, the first ones, at the image. */
        public List<byte[]> entries(List<StandingKill> some, Image at) {
            try {
                return kills.entries(some, at);
            } catch (Damage e) {
                throw new StoreException(StoreException.Code.DAMAGED, String.valueOf(e.getMessage()), e);
            }
        }
    }
}
