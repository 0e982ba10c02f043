package dev.andon.proof.harness;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** A process with thousands of streams, as a test sees it: {@link CrowdMain}. */
public final class Crowd implements AutoCloseable {
    private static final Duration ANSWER = Duration.ofMinutes(1);

    private final Child child;

    private Crowd(Child child) {
        this.child = child;
    }

    /** Starts {@code size} streams of {@code service}, spread over the servers at these ports. */
    public static Crowd start(List<Integer> ports, String key, String service, int size) {
        String servers = ports.stream().map(String::valueOf).collect(Collectors.joining(","));
        return new Crowd(Child.start(
                service,
                Logs.directory(),
                List.of("-Xmx1g"),
                CrowdMain.class,
                List.of(servers, key, service, Integer.toString(size))));
    }

    /** How many are connected and have all that there is. */
    public long live() {
        return count("live");
    }

    /** How many know of a kill. */
    public long killed() {
        return count("killed");
    }

    /** The kills that they know of, added up. */
    public long standing() {
        return count("standing");
    }

    /** How often the server turned one of them away. */
    public long refusals() {
        return count("refusals");
    }

    /** How long it has had a processor, in ms. */
    public long processorMs() {
        return child.processorMs();
    }

    private long count(String what) {
        int before = child.lines().size();
        child.say(what);
        String line = child.awaitLine("a report", before, ANSWER, text -> text.startsWith("report "));
        return Long.parseLong(line.substring("report ".length()));
    }

    @Override
    public void close() {
        child.close();
    }
}
