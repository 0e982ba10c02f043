package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A process full of SDK instances, as a test sees it. */
public final class Fleet implements AutoCloseable {
    public static final String REGION = "eu-west";

    private static final Duration ANSWER = Duration.ofMinutes(5);

    private final Child child;
    private final String service;
    private final int size;

    private Fleet(Child child, String service, int size) {
        this.child = child;
        this.service = service;
        this.size = size;
    }

    /**
     * Starts {@code size} instances of {@code service} that evaluate {@code flag}.
     *
     * @param port where they find the server, or a proxy before it
     * @param state directory for their last-known-good states, if they are to keep any
     */
    public static Fleet start(int port, String key, String service, int size, String flag, Optional<Path> state) {
        List<String> arguments =
                new ArrayList<>(List.of(Integer.toString(port), key, service, REGION, Integer.toString(size), flag));
        state.ifPresent(directory -> arguments.add(directory.toString()));
        Child child = Child.start(service, Logs.directory(), List.of("-Xmx256m"), FleetMain.class, arguments);
        return new Fleet(child, service, size);
    }

    public String service() {
        return service;
    }

    public int size() {
        return size;
    }

    public Set<String> names() {
        return IntStream.range(0, size).mapToObj(i -> service + "-" + i).collect(Collectors.toSet());
    }

    public Child process() {
        return child;
    }

    /** Waits until every instance has a state from the server. */
    public Report awaitReady() {
        return order("await");
    }

    /**
     * Begins the account of a kill: the next new thing that an instance acknowledges is the kill. To be called when every
     * instance has acknowledged all that there is.
     */
    public Report arm() {
        return order("arm");
    }

    public Report report() {
        return order("report");
    }

    /** Closes every instance, which says goodbye. */
    public Report goodbye() {
        return order("close");
    }

    private Report order(String word) {
        int before = child.lines().size();
        child.say(word);
        String line = child.awaitLine("a report after " + word, before, ANSWER, text -> text.startsWith("report "));
        Json report = Json.parse(line.substring("report ".length()).getBytes(StandardCharsets.UTF_8));
        return new Report(new Answer(0, report, 0).items("instances"));
    }

    @Override
    public void close() {
        child.close();
    }

    /** What each instance of a process served since the account began. */
    public record Report(List<Json> instances) {
        public long sum(String name) {
            return instances.stream()
                    .mapToLong(instance -> new Answer(0, instance, 0).whole(name))
                    .sum();
        }

        /** The smallest; {@link Long#MAX_VALUE} if there are no instances. */
        public long min(String name) {
            return instances.stream()
                    .mapToLong(instance -> new Answer(0, instance, 0).whole(name))
                    .min()
                    .orElse(Long.MAX_VALUE);
        }

        /** So that the message of a failure can be read: a thousand instances fill a screen of their own each. */
        @Override
        public String toString() {
            return "%d instances: %d on, %d acked, version at least %d"
                    .formatted(instances.size(), count("on"), count("acked"), min("version"));
        }

        public long count(String name) {
            return instances.stream()
                    .filter(instance -> Answer.at(instance, name).equals(Json.of(true)))
                    .count();
        }
    }
}
