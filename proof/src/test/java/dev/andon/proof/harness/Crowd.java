package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
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
        return report().whole("live");
    }

    /** How many know of a kill. */
    public long killed() {
        return report().whole("killed");
    }

    /** The kills that they know of, added up. */
    public long standing() {
        return report().whole("standing");
    }

    private Answer report() {
        int before = child.lines().size();
        child.say("report");
        String line = child.awaitLine("a report", before, ANSWER, text -> text.startsWith("report "));
        return new Answer(0, Json.parse(line.substring("report ".length()).getBytes(StandardCharsets.UTF_8)), 0);
    }

    @Override
    public void close() {
        child.close();
    }
}
