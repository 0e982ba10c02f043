package dev.andon.core.stream;

import dev.andon.core.event.Event;
import dev.andon.core.image.Dependents;
import dev.andon.core.image.Digest;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Marks;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a client holds of its environment: an image, and the kills that it <em>carries</em> because the image's marks don't
 * cover them. Immutable.
 *
 * <p>A kill that is known here stands, in the image or carried, until an image is applied whose marks cover it without
 * listing it as standing. Kills are taken from every frame, whatever becomes of the state that the frame brings: a state
 * that is too old, too new or of another ledger still tells of kills that nobody here knew of.
 *
 * @see <a href="../../../../../../../../api/stream.md">api/stream.md</a>
 */
public final class HeldState {
    public static final HeldState EMPTY = new HeldState(Image.EMPTY, Collections.emptySortedMap(), false);

    private final Image image;
    private final Dependents dependents;
    private final SortedMap<KillId, StandingKill> carried;
    private final boolean drifted;

    private HeldState(Image image, SortedMap<KillId, StandingKill> carried, boolean drifted) {
        this(image, dependents(image), carried, drifted);
    }

    private HeldState(Image image, Dependents dependents, SortedMap<KillId, StandingKill> carried, boolean drifted) {
        this.image = image;
        this.dependents = dependents;
        this.carried = Collections.unmodifiableSortedMap(carried);
        this.drifted = drifted;
    }

    /** What became of a frame; {@link #next()} is what is held after it, in every case. */
    public sealed interface Outcome {
        HeldState next();

        /** What differs between the state before and {@link #next()}. */
        Changes changes();
    }

    /**
     * The frame's state, or its kills, are held now.
     *
     * @param replaced whether another ledger's or environment's state was thrown away for it: worth a warning
     */
    public record Applied(HeldState next, Changes changes, boolean replaced) implements Outcome {}

    /** The frame's state is older than the one held and was left out; its kills weren't. */
    public record Stale(HeldState next, Changes changes) implements Outcome {}

    /** The patch doesn't continue the state held: a snapshot is needed. */
    public record Gap(HeldState next, Changes changes) implements Outcome {}

    /** The patch led to another digest than the server's and was left out: a snapshot is needed. */
    public record DigestMismatch(HeldState next, Changes changes, String expected, String actual) implements Outcome {}

    /** The image of the client's environment; {@link Image#EMPTY} before the first snapshot. */
    public Image image() {
        return image;
    }

    /** The one environment of the image; empty before the first snapshot. */
    public Optional<EnvironmentImage> environment() {
        return image.environments().values().stream().findFirst();
    }

    private static Dependents dependents(Image image) {
        return image.environments().values().stream()
                .findFirst()
                .map(Dependents::new)
                .orElseGet(Dependents::none);
    }

    /**
     * What builds on what in the image: read once for all states with the same image, so that a kill costs the same however
     * many flags there are. For the thread that applies frames.
     */
    Dependents dependents() {
        return dependents;
    }

    /** Kills in force beside the image's own, in the order of their ids. */
    public List<StandingKill> carried() {
        return List.copyOf(carried.values());
    }

    public List<KillId> carriedIds() {
        return List.copyOf(carried.keySet());
    }

    public boolean hasImage() {
        return !image.environments().isEmpty();
    }

    /** Whether even a whole snapshot led to another digest than the server's: one side knows something the other doesn't. */
    public boolean drifted() {
        return drifted;
    }

    /** How an ack or hello describes the image. */
    public Frame.Held held() {
        return new Frame.Held(image.provenance(), digest(image));
    }

    /** All kills that stand here, in the image or carried. */
    public List<StandingKill> standing() {
        TreeMap<KillId, StandingKill> all = new TreeMap<>(carried);
        standing(image).forEach(kill -> all.put(kill.id(), kill));
        return List.copyOf(all.values());
    }

    /**
     * Applies a whole state. Refuses one that isn't of exactly one environment, or whose events don't fit together, with
     * {@link InvalidInput}.
     */
    public Outcome apply(Frame.Snapshot snapshot) {
        Image offered = new ImageDelta(Image.EMPTY).applyAll(snapshot.events()).buildForClient(snapshot.provenance());
        if (offered.environments().size() != 1) {
            throw new InvalidInput(
                    "snapshot",
                    offered.environments().size() + " environments",
                    "exactly one; connect with the SDK key of one environment");
        }
        boolean sameEnvironment =
                offered.environments().keySet().equals(image.environments().keySet());
        if (sameEnvironment && offered.provenance().olderThan(image.provenance())) {
            List<StandingKill> known = new ArrayList<>(snapshot.pending());
            known.addAll(standing(offered));
            HeldState next = with(heard(known, snapshot.provenance()));
            return new Stale(next, Changes.between(this, next));
        }
        HeldState next = onto(offered, snapshot.pending(), !digest(offered).equals(snapshot.digest()));
        boolean replaced =
                hasImage() && !(sameEnvironment && offered.provenance().sameLedger(image.provenance()));
        return new Applied(next, Changes.between(this, next), replaced);
    }

    /** Applies what changed since an earlier version. A patch that doesn't fit is a {@link Gap}. */
    public Outcome apply(Frame.Patch patch) {
        Provenance held = image.provenance();
        Provenance offered = patch.provenance();
        if (hasImage() && (offered.olderThan(held) || offered.equals(held))) {
            HeldState next = with(heard(standing(patch.events()), offered));
            return new Stale(next, Changes.between(this, next));
        }
        boolean continues = hasImage()
                && offered.sameLedger(held)
                && offered.epoch() == held.epoch()
                && patch.from() == held.version();
        Optional<Image> newer = continues ? patched(patch) : Optional.empty();
        if (newer.isEmpty()) {
            HeldState next = with(heard(standing(patch.events()), offered));
            return new Gap(next, Changes.between(this, next));
        }
        String actual = digest(newer.get());
        if (!actual.equals(patch.digest()) && !drifted) {
            HeldState next = with(heard(standing(patch.events()), offered));
            return new DigestMismatch(next, Changes.between(this, next), patch.digest(), actual);
        }
        HeldState next = onto(newer.get(), List.of(), !actual.equals(patch.digest()));
        return new Applied(next, Changes.between(this, next), false);
    }

    /** Takes up kills that the image doesn't cover; the others it knows better. */
    public Outcome apply(Frame.Kills kills) {
        HeldState next = with(heard(kills.kills(), kills.at()));
        return new Applied(next, Changes.between(this, next), false);
    }

    /** The state for a file: a {@link Frame.Snapshot} whose pending kills are those carried. */
    public byte[] encode() {
        return FrameCodec.encode(new Frame.Snapshot(image.provenance(), digest(image), image.events(), carried()));
    }

    /** Refuses bytes that {@link #encode} didn't write, or that were changed since, with {@link InvalidInput}. */
    public static HeldState decode(byte[] bytes) {
        if (!(FrameCodec.decode(bytes, FrameCodec.FROM_SERVER) instanceof Frame.Snapshot snapshot)) {
            throw new InvalidInput("type", "another frame", "a snapshot");
        }
        if (snapshot.events().isEmpty()) {
            return EMPTY.with(snapshot.pending());
        }
        HeldState state = EMPTY.apply(snapshot).next();
        if (state.drifted) {
            throw new InvalidInput("digest", digest(state.image), snapshot.digest());
        }
        return state;
    }

    private Optional<Image> patched(Frame.Patch patch) {
        try {
            Image newer = new ImageDelta(image).applyAll(patch.events()).buildForClient(patch.provenance());
            return newer.environments().size() == 1 ? Optional.of(newer) : Optional.empty();
        } catch (InvalidInput unknownObject) {
            return Optional.empty();
        }
    }

    /** Kills as whoever is at that state knows them, with what this image knows of the flags. */
    private List<StandingKill> heard(Collection<StandingKill> kills, Provenance at) {
        return kills.stream().map(kill -> kill.heard(at, image)).toList();
    }

    /** The same image, carrying also those of the kills that it doesn't cover. */
    private HeldState with(Collection<StandingKill> kills) {
        TreeMap<KillId, StandingKill> all = new TreeMap<>(carried);
        carry(kills, image.marks(), all);
        return all.equals(carried) ? this : new HeldState(image, dependents, all, drifted);
    }

    /** A newer image, carrying what is known here or given and not covered there. */
    private HeldState onto(Image newer, Collection<StandingKill> kills, boolean drifts) {
        TreeMap<KillId, StandingKill> all = new TreeMap<>();
        carry(keeping(carried.values(), newer), newer.marks(), all);
        carry(keeping(standing(image), newer), newer.marks(), all);
        carry(kills, newer.marks(), all);
        return new HeldState(newer, all, drifts);
    }

    /** What the kills held, they hold, whatever becomes of the flags in the newer image. */
    private List<StandingKill> keeping(Collection<StandingKill> kills, Image newer) {
        return kills.stream()
                .filter(kill -> !newer.marks().covers(kill.id()))
                .map(kill -> kill.keeping(image, newer))
                .toList();
    }

    private static void carry(Collection<StandingKill> kills, Marks marks, Map<KillId, StandingKill> into) {
        for (StandingKill kill : kills) {
            if (!marks.covers(kill.id())) {
                into.merge(kill.id(), kill, HeldState::both);
            }
        }
    }

    /** The same kill from two sources holds what either says: it may stop too much, never too little. */
    private static StandingKill both(StandingKill one, StandingKill other) {
        return one.naming(other.flags());
    }

    private static List<StandingKill> standing(Image image) {
        return image.environments().values().stream()
                .flatMap(environment -> environment.kills().values().stream())
                .map(Versioned::value)
                .toList();
    }

    /** The kills that events raise and don't release again. */
    private static List<StandingKill> standing(List<Versioned<Event>> events) {
        TreeMap<KillId, StandingKill> kills = new TreeMap<>();
        for (Versioned<Event> event : events) {
            if (event.value() instanceof Event.KillStood stood) {
                kills.put(stood.kill().id(), new StandingKill(stood.kill(), stood.flags()));
            } else if (event.value() instanceof Event.KillRestored restored) {
                kills.remove(restored.kill());
            }
        }
        return List.copyOf(kills.values());
    }

    private static String digest(Image image) {
        return image.environments().values().stream()
                .findFirst()
                .map(EnvironmentImage::digest)
                .orElse(Digest.EMPTY)
                .toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeldState state
                && state.image.equals(image)
                && state.carried.equals(carried)
                && state.drifted == drifted;
    }

    @Override
    public int hashCode() {
        return 31 * image.hashCode() + carried.hashCode();
    }

    @Override
    public String toString() {
        return image.provenance() + " carrying " + carried.keySet();
    }
}
