package dev.andon.core.image;

import dev.andon.core.event.Event;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Node;
import dev.andon.core.model.Token;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All state that the ledger's entries fold to, or the part of it that one environment's clients need. Immutable: readers
 * hold on to one image for as long as they want a consistent view. A new state comes from an {@link ImageDelta}.
 *
 * @param flags by key, archived ones included: their keys stay taken
 * @param environments by key
 * @param tokens by id; none in a client's image
 * @param requests by idempotency key, the newest {@link #MAX_REQUESTS}, oldest first; none in a client's image
 */
public record Image(
        Provenance provenance,
        Map<String, Versioned<Flag>> flags,
        Map<String, EnvironmentImage> environments,
        Map<String, Versioned<Token>> tokens,
        Map<String, Versioned<Node>> nodes,
        Map<String, Versioned<Event.RequestDone>> requests,
        Marks marks) {
    public static final int MAX_REQUESTS = 10_000;

    /**
     * Objects that the same entry changed come in the order of their subjects, so that equal images give equal lists, and
     * every environment and flag comes before what refers to it.
     */
    static final Comparator<Versioned<Event>> IN_ORDER = Comparator.<Versioned<Event>>comparingInt(
                    event -> rank(event.value()))
            .thenComparingLong(Versioned::version)
            .thenComparing(event -> event.value().subject());

    public static final Image EMPTY =
            new Image(Provenance.NONE, Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Marks.NONE);

    /** What there is to say of a node as a relay, if it is one. */
    public Optional<Node.Relay> relay(String node) {
        return Optional.ofNullable(nodes.get(node))
                .flatMap(known -> known.value().relay());
    }

    public Optional<EnvironmentImage> environment(String key) {
        return Optional.ofNullable(environments.get(key));
    }

    /** A flag that is in use; empty for unknown and archived ones. */
    public Optional<Flag> flag(String key) {
        Versioned<Flag> flag = flags.get(key);
        return flag == null || flag.value().archived() ? Optional.empty() : Optional.of(flag.value());
    }

    /** The version that last changed what the events with this subject are about; 0 if none did. */
    public long versionOf(String subject) {
        int slash = subject.indexOf('/');
        String first = subject.substring(0, slash);
        String rest = subject.substring(slash + 1);
        return switch (first) {
            case "flag" -> version(flags.get(rest));
            case "token" -> version(tokens.get(rest));
            case "node" -> version(nodes.get(rest));
            case "request" -> version(requests.get(rest));
            // Not state: only whoever verifies the ledger looks for it.
            case "ledger" -> 0;
            case "environment" ->
                environments.containsKey(rest) ? environments.get(rest).version() : 0;
            case "kill" ->
                environments.values().stream()
                        .flatMap(environment -> environment.kills().entrySet().stream())
                        .filter(kill -> kill.getKey().toString().equals(rest))
                        .mapToLong(kill -> kill.getValue().version())
                        .findFirst()
                        .orElse(0);
            default -> versionIn(first, rest);
        };
    }

    private long versionIn(String environmentKey, String rest) {
        EnvironmentImage environment = environments.get(environmentKey);
        if (environment == null) {
            return 0;
        }
        if (rest.startsWith("flag/")) {
            return version(environment.configurations().get(rest.substring("flag/".length())));
        }
        return rest.startsWith("segment/")
                ? version(environment.segments().get(rest.substring("segment/".length())))
                : 0;
    }

    private static long version(@Nullable Versioned<?> versioned) {
        return versioned == null ? 0 : versioned.version();
    }

    /** This image as the events that make it from {@link #EMPTY}, in the order in which their versions came. */
    public List<Versioned<Event>> events() {
        List<Versioned<Event>> events = new ArrayList<>();
        flags.values().forEach(flag -> events.add(new Versioned<>(new Event.FlagSaved(flag.value()), flag.version())));
        environments.values().forEach(environment -> addEnvironment(environment, events));
        tokens.values()
                .forEach(token -> events.add(new Versioned<>(new Event.TokenSaved(token.value()), token.version())));
        nodes.values().forEach(node -> events.add(new Versioned<>(new Event.NodeSaved(node.value()), node.version())));
        requests.values().forEach(request -> events.add(new Versioned<>(request.value(), request.version())));
        return sorted(events);
    }

    /** The part that clients of one environment need, as events, in order. */
    public List<Versioned<Event>> events(EnvironmentImage environment) {
        List<Versioned<Event>> events = new ArrayList<>();
        environment.configurations().keySet().forEach(key -> {
            Versioned<Flag> flag = flags.get(key);
            if (flag != null) {
                events.add(new Versioned<>(new Event.FlagSaved(flag.value()), flag.version()));
            }
        });
        addEnvironment(environment, events);
        return sorted(events);
    }

    /**
     * What turns a client's image of one environment, as {@code earlier} gives it, into the one that this image gives; in
     * order. Both are of the same ledger, and {@code earlier} isn't newer.
     */
    public List<Versioned<Event>> eventsSince(Image earlier, EnvironmentImage environment) {
        return ImagePatch.events(earlier, this, environment);
    }

    private List<Versioned<Event>> sorted(List<Versioned<Event>> events) {
        marks.ranges()
                .forEach((journal, ranges) -> ranges.forEach(range ->
                        events.add(new Versioned<>(new Event.Settled(journal, range.first(), range.last()), 0))));
        events.sort(IN_ORDER);
        return events;
    }

    private static int rank(Event event) {
        return event instanceof Event.EnvironmentSaved || event instanceof Event.FlagSaved ? 0 : 1;
    }

    private static void addEnvironment(EnvironmentImage environment, List<Versioned<Event>> events) {
        String key = environment.environment().key();
        events.add(new Versioned<>(new Event.EnvironmentSaved(environment.environment()), environment.version()));
        environment
                .configurations()
                .forEach((flag, configuration) -> events.add(new Versioned<>(
                        new Event.ConfigurationSaved(key, flag, configuration.value()), configuration.version())));
        environment
                .segments()
                .values()
                .forEach(segment ->
                        events.add(new Versioned<>(new Event.SegmentSaved(key, segment.value()), segment.version())));
        environment
                .kills()
                .values()
                .forEach(kill -> events.add(new Versioned<>(
                        new Event.KillStood(kill.value().signed(), kill.value().flags()), kill.version())));
    }
}
