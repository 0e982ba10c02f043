package dev.andon.server;

import static dev.andon.server.OfrepFixture.ANN;
import static dev.andon.server.OfrepFixture.FLAGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.http.Edge;
import dev.andon.server.http.HttpLimits;
import dev.andon.server.http.Route;
import dev.andon.server.node.Drain;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Seals;
import dev.andon.server.node.ServedStates;
import dev.andon.server.ofrep.Ofrep;
import dev.andon.server.ofrep.OfrepLimits;
import dev.andon.store.LedgerPosition;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers of every status are of OFREP's shapes. */
class OfrepShapesTest {
    @TempDir
    private Path folder;

    @Test
    void answersOfEveryStatusAreOfTheProtocolsShapes() throws Exception {
        Set<String> seen = new TreeSet<>();
        try (OfrepFixture ofrep = new OfrepFixture(folder.resolve("one"))) {
            evaluations(ofrep);
            refusals(ofrep);
            ofrep.server.store().mode(FaultyStore.Mode.REFUSING);
            ofrep.api.post(
                    "/api/v1/environments/production/kills", "{'target':{'flag':'text'},'reason':'it misbehaves'}");
            Awaitility.await()
                    .until(() -> !ofrep.server.server().controlPlane().store().writable());
            ofrep.oneOf("andon_client_of_another_node", "bool", ANN);
            ofrep.allOf("andon_client_of_another_node", ANN);
            seen.addAll(ofrep.shapes.seen());
        }
        try (OfrepFixture slow = new OfrepFixture(folder.resolve("slow"), limits -> limits.withRate(1))) {
            slow.one("bool", ANN);
            slow.all(ANN);
            slow.one("bool", ANN);
            slow.all(ANN);
            seen.addAll(slow.shapes.seen());
        }
        seen.addAll(failures());
        List<String> expected = new ArrayList<>();
        for (String endpoint : List.of("single ", "bulk ")) {
            for (String status : List.of(
                    "200", "400 PARSE_ERROR", "400 INVALID_CONTEXT", "401", "403", "413", "429", "500", "503")) {
                expected.add(endpoint + status);
            }
        }
        expected.addAll(List.of("single 400 TARGETING_KEY_MISSING", "single 400 GENERAL", "single 404", "bulk 304"));
        assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static void evaluations(OfrepFixture ofrep) throws Exception {
        for (String flag : List.of("bool", "text", "whole", "number", "object", "split")) {
            assertThat(ofrep.one(flag, ANN).status()).isEqualTo(200);
        }
        ofrep.kill("{'flag':'bool'}");
        assertThat(ofrep.one("bool", ANN).text("reason")).isEqualTo("DISABLED");
        // Among them one that fails.
        assertThat(ofrep.all("{}").text("flags.3.errorCode")).isEqualTo("TARGETING_KEY_MISSING");
        String etag = OfrepFixture.etag(ofrep.all(ANN));
        assertThat(ofrep.all(ANN, "If-None-Match", etag).status()).isEqualTo(304);
        try (OfrepFixture.Events events = ofrep.listen(ofrep.stream())) {
            assertThat(events.state()).isNotEmpty();
        }
    }

    private static void refusals(OfrepFixture ofrep) {
        ofrep.one("none", ANN);
        ofrep.one("split", "{}");
        String viewer = ofrep.api
                .post("/api/v1/tokens", "{'name':'v','role':'viewer','reason':'r'}")
                .text("secret");
        String long64 = "{'context':{'x':'" + "y".repeat(70_000) + "'}}";
        for (String body : List.of("{", "{'context':7}", long64)) {
            ofrep.one("bool", body);
            ofrep.all(body);
        }
        for (String secret : List.of("wrong", viewer)) {
            ofrep.oneOf(secret, "bool", ANN);
            ofrep.allOf(secret, ANN);
        }
    }

    /** What is answered when Andon itself fails, here by a clock that does, and when a flag can't be evaluated. */
    private Set<String> failures() throws Exception {
        OfrepShapes shapes = new OfrepShapes();
        AtomicBoolean broken = new AtomicBoolean(true);
        try (ServedStates states = new ServedStates(InstantSource.system())) {
            Image image = new ImageDelta(Image.EMPTY).applyAll(circular()).build(new Provenance("a".repeat(32), 1, 1));
            states.publish(new Publication(Image.EMPTY, image, LedgerPosition.START, List.of(), true));
            Ofrep ofrep = new Ofrep(
                    states,
                    new MemoryPlane(InstantSource.system()),
                    Seals.in(folder),
                    OfrepLimits.DEFAULT,
                    ForeignListener.NONE,
                    new Random(1),
                    InstantSource.system(),
                    () -> {
                        if (broken.get()) {
                            throw new IllegalStateException("clock: broken");
                        }
                        return 0;
                    },
                    new Drain(System::nanoTime));
            try (Edge edge = new Edge(HttpLimits.DEFAULT, ofrep.routes().toArray(new Route[0]));
                    HttpClient client = HttpClient.newHttpClient()) {
                ApiClient.Answer one = shapes.single(ask(client, edge, FLAGS + "/circle"));
                assertThat(one.status()).isEqualTo(500);
                assertThat(one.text("errorDetails")).doesNotContain("clock");
                assertThat(shapes.bulk(ask(client, edge, FLAGS)).status()).isEqualTo(500);
                broken.set(false);
                shapes.single(ask(client, edge, FLAGS + "/circle"));
            }
        }
        return shapes.seen();
    }

    /** A flag that requires itself: no API takes it, a ledger may hold it. */
    private static List<Versioned<Event>> circular() {
        String configuration = "{'on':true,'variants':{'on':true,'off':false},'safeVariant':'off',"
                + "'fallThrough':{'variant':'on'},'prerequisites':[{'flag':'circle','variants':['on']}]}";
        return Stream.of(
                        "{'type':'environment','environment':{'key':'production'}}",
                        "{'type':'flag','flag':{'key':'circle','type':'boolean','kind':'ops','owner':'o'}}",
                        "{'type':'configuration','environment':'production','flag':'circle','configuration':"
                                + configuration + "}")
                .map(text -> text.replace('\'', '"').getBytes(StandardCharsets.UTF_8))
                .map(bytes -> new Versioned<>(Event.read(Fields.lenient(Json.parse(bytes))), 1))
                .toList();
    }

    private static ApiClient.Answer ask(HttpClient client, Edge edge, String path) throws Exception {
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + edge.port() + path))
                        .header("Authorization", "Bearer client")
                        .POST(HttpRequest.BodyPublishers.ofString(ANN.replace('\'', '"')))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new ApiClient.Answer(response.statusCode(), response.body(), response);
    }

    @Test
    void whatIsNotOfTheProtocolIsNoticed() {
        OfrepShapes.event("{\"type\":\"refetchEvaluation\",\"lastModified\":1}");
        for (Json wrong : List.of(
                Json.object().put("etag", "x").build(),
                Json.object()
                        .put("type", "refetchEvaluation")
                        .put("lastModified", -1)
                        .build(),
                Json.object().put("type", "refetchEvaluation").put("etag", 7).build())) {
            assertThatThrownBy(() -> OfrepShapes.event(wrong.text())).isInstanceOf(AssertionError.class);
        }
    }
}
