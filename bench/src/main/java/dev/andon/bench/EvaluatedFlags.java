package dev.andon.bench;

import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Flags of a server that are evaluated in a benchmark: constant, by a rule, by rule and split, by segment, killed, by prerequisite. */
final class EvaluatedFlags {
    /** So many flags a document has at most: a request has a limit. */
    static final int IN_ONE_DOCUMENT = 5_000;

    private static final String PRODUCTION = "/api/v1/environments/production";
    private static final Json COUNTRY = Json.object()
            .put("attribute", "country")
            .put("in", Json.texts(List.of("DE", "AT")))
            .build();
    private static final Json ON = Json.object().put("variant", "on").build();
    private static final Json OFF = Json.object().put("variant", "off").build();

    private final Program server;

    EvaluatedFlags(Program server) {
        this.server = server;
    }

    /** @param others flags like {@code split}, named {@code other-0} and so on */
    void create(int others) {
        Json half = Json.object()
                .put(
                        "split",
                        Json.array(List.of(
                                Json.object()
                                        .put("variant", "on")
                                        .put("weight", 50)
                                        .build(),
                                Json.object()
                                        .put("variant", "off")
                                        .put("weight", 50)
                                        .build())))
                .build();
        server.create("constant", configuration(ON).build());
        server.create("killed", configuration(ON).build());
        server.create("rule", ruled(COUNTRY, ON));
        server.create("split", ruled(COUNTRY, half));
        server.send(server.putNew(
                PRODUCTION + "/segments/german-speaking",
                Json.object()
                        .put(
                                "segment",
                                Json.object().put("key", "german-speaking").put("when", COUNTRY))
                        .put("reason", "benchmark")
                        .build()));
        server.create(
                "segment", ruled(Json.object().put("segment", "german-speaking").build(), ON));
        server.create(
                "prerequisite",
                configuration(ON)
                        .put(
                                "prerequisites",
                                Json.array(List.of(Json.object()
                                        .put("flag", "rule")
                                        .put("variants", Json.texts(List.of("on")))
                                        .build())))
                        .build());
        for (int first = 0; first < others; first += IN_ONE_DOCUMENT) {
            importSplits("other-", first, Math.min(others, first + IN_ONE_DOCUMENT));
        }
        server.send(server.kill("killed"));
    }

    private static Json.Builder configuration(Json fallThrough) {
        return Json.object()
                .put("variants", Json.object().put("on", true).put("off", false))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", fallThrough);
    }

    private static Json ruled(Json when, Json serve) {
        return configuration(OFF)
                .put(
                        "rules",
                        Json.array(List.of(Json.object()
                                .put("when", when)
                                .put("serve", serve)
                                .build())))
                .build();
    }

    /** A configuration that serves on to those whose country is DE or AT. */
    static Json onInTwoCountries() {
        return ruled(COUNTRY, ON);
    }

    /** Flags like {@code split}, in one write. */
    void importSplits(String prefix, int first, int end) {
        StringBuilder flags = new StringBuilder("{\"flags\":{");
        for (int i = first; i < end; i++) {
            flags.append(i == first ? "" : ",")
                    .append('"')
                    .append(prefix)
                    .append(i)
                    .append(
                            "\":{\"state\":\"ENABLED\",\"variants\":{\"on\":true,\"off\":false},\"defaultVariant\":\"off\",")
                    .append("\"targeting\":{\"if\":[{\"in\":[{\"var\":\"country\"},[\"DE\",\"AT\"]]},")
                    .append("{\"fractional\":[[\"on\",50],[\"off\",50]]},\"off\"]}}");
        }
        server.send(server.post(
                PRODUCTION + "/imports",
                Json.object()
                        .put("format", "flagd")
                        .put(
                                "document",
                                Json.parse(flags.append("}}").toString().getBytes(StandardCharsets.UTF_8)))
                        .put("reason", "benchmark")
                        .build()));
    }
}
