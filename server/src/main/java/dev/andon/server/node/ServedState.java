package dev.andon.server.node;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The newest that there is for one environment's clients. Immutable apart from what is compiled when it is first asked for. */
public final class ServedState {
    /** How many of the kills on their way to the ledger an id names. */
    private static final int MAX_NAMED = 16;

    private static final int BEFORE_KILLS = 3;

    private final Image image;
    private final EnvironmentImage environment;
    private final Map<KillId, StandingKill> pending;
    private final Compiled compiled;
    private final Once<Ruleset> ruleset;
    private final Once<Listed> listed;
    private final boolean killsForSome;
    private final Provenance at;
    private final ForeignListener.Served served;
    private final String id;
    private final long modifiedSeconds;

    /**
     * @param flags by key
     * @param steps what evaluating all takes
     * @param valueChars about what their values take as JSON
     */
    private record Listed(List<CompiledFlag> flags, long steps, long valueChars) {
        static Listed of(Ruleset ruleset) {
            List<CompiledFlag> flags = ruleset.flags().stream()
                    .sorted(Comparator.comparing(CompiledFlag::key))
                    .toList();
            return new Listed(
                    flags,
                    flags.stream().mapToLong(CompiledFlag::steps).sum(),
                    flags.stream().mapToLong(CompiledFlag::valueChars).sum());
        }
    }

    private ServedState(
            Image image,
            EnvironmentImage environment,
            Map<KillId, StandingKill> pending,
            Compiled compiled,
            long modifiedSeconds) {
        this.image = image;
        this.environment = environment;
        this.pending = Collections.unmodifiableMap(pending);
        this.compiled = compiled;
        this.ruleset = new Once<>(() -> compiled.get().withKills(this.pending.values()));
        this.listed = new Once<>(() -> Listed.of(ruleset()));
        this.killsForSome = this.pending.values().stream().anyMatch(ServedState::forSome)
                || environment.kills().values().stream().anyMatch(kill -> forSome(kill.value()));
        this.at = image.provenance().at(environment.version());
        this.served = new ForeignListener.Served(at, pending.keySet(), Set.of());
        this.id = at.epoch() + "." + at.version() + "."
                + Tag.of(at.ledger(), environment.digest().toString(), named(pending))
                + pending.keySet().stream()
                        .limit(MAX_NAMED)
                        .map(kill -> "." + kill)
                        .collect(Collectors.joining());
        this.modifiedSeconds = modifiedSeconds;
    }

    static ServedState of(Image image, EnvironmentImage environment, List<StandingKill> kills, long nowSeconds) {
        return of(image, environment, kills, Optional.empty(), nowSeconds);
    }

    /** @param before a ruleset of this environment that is there already */
    private static ServedState of(
            Image image,
            EnvironmentImage environment,
            List<StandingKill> kills,
            Optional<Ruleset> before,
            long nowSeconds) {
        Map<KillId, StandingKill> pending = new TreeMap<>();
        kills.forEach(kill -> pending.put(kill.id(), kill));
        pending.keySet().removeIf(image.marks()::covers);
        Compiled compiled = new Compiled(image, environment.environment().key(), before);
        return new ServedState(image, environment, pending, compiled, nowSeconds);
    }

    /** The same with kills that came on top. */
    ServedState with(List<StandingKill> kills, long nowSeconds) {
        Map<KillId, StandingKill> all = new TreeMap<>(pending);
        for (StandingKill kill : kills) {
            if (!image.marks().covers(kill.id())) {
                all.put(kill.id(), kill);
            }
        }
        return new ServedState(image, environment, all, compiled, nowSeconds);
    }

    /** Of a later image; the same state if nothing that clients see has changed. */
    ServedState next(Image later, EnvironmentImage laterEnvironment, long nowSeconds) {
        boolean same = laterEnvironment.version() == environment.version()
                && laterEnvironment.digest().equals(environment.digest())
                && later.provenance().sameLedger(image.provenance())
                && later.provenance().epoch() == image.provenance().epoch()
                && pending.keySet().stream().noneMatch(later.marks()::covers);
        if (same) {
            return this;
        }
        // As with every client: what stood and isn't restored there stands on, and holds what it held.
        List<StandingKill> kills = new ArrayList<>();
        pending.values().forEach(kill -> kills.add(kill.keeping(image, later)));
        environment.kills().values().forEach(kill -> kills.add(kill.value().keeping(image, later)));
        return of(later, laterEnvironment, kills, compiled.newest(), nowSeconds);
    }

    private static boolean forSome(StandingKill kill) {
        return kill.signed().kill().audience().isPresent();
    }

    /** The kills and what they name: the same kills may come to hold more. */
    private static String named(Map<KillId, StandingKill> pending) {
        StringBuilder text = new StringBuilder();
        pending.forEach((id, kill) -> text.append(id).append(kill.flags()));
        return text.toString();
    }

    public Image image() {
        return image;
    }

    /** All kills that stand: the image's, and those on their way to the ledger. */
    public Collection<StandingKill> kills() {
        Map<KillId, StandingKill> kills = new TreeMap<>(pending);
        environment.kills().values().forEach(kill -> kills.put(kill.value().id(), kill.value()));
        return kills.values();
    }

    public Ruleset ruleset() {
        return ruleset.get();
    }

    /** Whether flags can be evaluated at once, as their ruleset is there. */
    public boolean compiled() {
        return ruleset.isMade();
    }

    /** Whether a kill that stands has an audience, at which evaluation has to look, too. */
    public boolean killsForSome() {
        return killsForSome;
    }

    /**
     * Whether all flags in a row are there and can be evaluated at once, in so many steps at most, to values of about so many
     * characters together.
     */
    public boolean listedWithin(long steps, long valueChars) {
        return listed.isMade() && listed.get().steps() <= steps && listed.get().valueChars() <= valueChars;
    }

    /** By key. */
    public List<CompiledFlag> flags() {
        return listed.get().flags();
    }

    public String environment() {
        return environment.environment().key();
    }

    /** Tells it from every other state, on every node and after restarts; orders states by what it begins with. */
    public String id() {
        return id;
    }

    /** The ledger's state that last changed the environment. */
    public Provenance at() {
        return at;
    }

    /** The kills in force beside that state, on their way to the ledger. */
    public Set<KillId> pending() {
        return pending.keySet();
    }

    /** The same in the words of those who keep the books on clients: the same object each time. */
    public ForeignListener.Served served() {
        return served;
    }

    public long version() {
        return at.version();
    }

    public long modifiedSeconds() {
        return modifiedSeconds;
    }

    /**
     * Whether nothing is missing here of what somebody has seen, be it on another node: neither its version nor a kill that
     * was on its way to the ledger. What can't be read, and states of earlier epochs, have nothing that would be missing.
     */
    public boolean covers(String seen) {
        String[] parts = seen.split("\\.", -1);
        if (parts.length < BEFORE_KILLS || parts.length > BEFORE_KILLS + MAX_NAMED) {
            return true;
        }
        try {
            int byEpoch = Long.compare(at.epoch(), Long.parseLong(parts[0]));
            if (byEpoch != 0 || at.version() < Long.parseLong(parts[1])) {
                return byEpoch > 0;
            }
            for (int i = BEFORE_KILLS; i < parts.length; i++) {
                KillId kill = KillId.parse("kill", parts[i]);
                if (!pending.containsKey(kill) && !image.marks().covers(kill)) {
                    return false;
                }
            }
            return true;
        } catch (NumberFormatException | InvalidInput e) {
            return true;
        }
    }

    /** An environment's ruleset without the kills on their way, from the newest one that there was before. */
    private static final class Compiled implements Supplier<Ruleset> {
        private final Image image;
        private final String environment;
        private Optional<Ruleset> before;
        private @Nullable Ruleset made;

        Compiled(Image image, String environment, Optional<Ruleset> before) {
            this.image = image;
            this.environment = environment;
            this.before = before;
        }

        @Override
        public synchronized Ruleset get() {
            Ruleset known = made;
            if (known == null) {
                known = before.map(ruleset ->
                                ruleset.advance(image, ImageDelta.Touched.between(ruleset.image(), image, environment)))
                        .orElseGet(() -> Ruleset.of(image, environment));
                made = known;
                before = Optional.empty();
            }
            return known;
        }

        synchronized Optional<Ruleset> newest() {
            return made == null ? before : Optional.of(made);
        }
    }

    /** Makes a value when it is first asked for, once. */
    private static final class Once<T> implements Supplier<T> {
        private final Supplier<T> maker;
        private volatile Optional<T> made = Optional.empty();

        Once(Supplier<T> maker) {
            this.maker = maker;
        }

        boolean isMade() {
            return made.isPresent();
        }

        @Override
        public T get() {
            Optional<T> known = made;
            if (known.isPresent()) {
                return known.get();
            }
            synchronized (this) {
                T value = made.orElseGet(maker);
                made = Optional.of(value);
                return value;
            }
        }
    }
}
