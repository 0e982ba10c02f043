package dev.andon.cli.demo;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;

/**
 * What a service's process is told when it starts.
 *
 * @param server where Andon is
 * @param key SDK key of the environment
 * @param instances how many SDK instances the process holds
 * @param requestsPerSecond of each instance
 * @param directory where the instances keep their state
 */
record Plan(
        String server,
        String key,
        String service,
        String region,
        int instances,
        int requestsPerSecond,
        String directory) {
    private static final int MAX_INSTANCES = 1_000;
    private static final int MAX_RATE = 10_000;

    /** One line of text, without its line break. */
    String line() {
        return Json.object()
                .put("server", server)
                .put("key", key)
                .put("service", service)
                .put("region", region)
                .put("instances", instances)
                .put("requestsPerSecond", requestsPerSecond)
                .put("directory", directory)
                .build()
                .text();
    }

    static Plan parse(String line) {
        Fields fields = Fields.lenient(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
        return new Plan(
                fields.text("server"),
                fields.text("key"),
                fields.text("service"),
                fields.text("region"),
                (int) fields.whole("instances", 1, MAX_INSTANCES),
                (int) fields.whole("requestsPerSecond", 1, MAX_RATE),
                fields.text("directory"));
    }
}
