package dev.andon.server;

import static dev.andon.server.OfrepFixture.ANN;
import static dev.andon.server.OfrepFixture.FLAGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.OfrepFixture.Events;
import dev.andon.server.node.FaultyStore;
import dev.andon.server.ofrep.OfrepLimits;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OFREP's event streams, and bulk evaluations that wait for what an event named. */
@Timeout(300)
class OfrepStreamTest {
    private static final int STALLED = 20;

    @TempDir
    private Path folder;

    private OfrepFixture ofrep;

    @BeforeEach
    void start() throws Exception {
        ofrep = new OfrepFixture(folder);
    }

    @AfterEach
    void close() {
        ofrep.close();
    }

    @Test
    void itBeginsWithARefetchAndTellsOfEveryChange() throws Exception {
        try (Events events = ofrep.listen(ofrep.stream())) {
            assertThat(events.response.headers().firstValue("Content-Type")).contains("text/event-stream");
            List<String> first = events.next();
            assertThat(first).element(0).isEqualTo("retry: 200");
            assertThat(first).element(1).isEqualTo("event: message");
            assertThat(first).element(2).asString().startsWith("id: ");
            assertThat(first).element(3).asString().contains("\"type\":\"refetchEvaluation\"", "\"lastModified\":");
            ofrep.configure(
                    "bool",
                    "{'on':true,'variants':{'on':true,'off':false},'safeVariant':'off','fallThrough':{'variant':'off'}}");
            String changed = events.state();
            assertThat(ofrep.api
                            .callWithout(
                                    "POST",
                                    FLAGS + "?flagConfigEtag=" + changed,
                                    ANN,
                                    "Authorization",
                                    "Bearer " + ofrep.key)
                            .text("flags.0.value"))
                    .isEqualTo("false");
        }
    }

    @Test
    void whoComesBackIsToldToFetchAtOnce() throws Exception {
        String stream = ofrep.stream();
        String seen;
        try (Events events = ofrep.listen(stream)) {
            seen = events.state();
        }
        try (Events events = ofrep.listen(stream, "Last-Event-ID", seen)) {
            assertThat(events.state()).isEqualTo(seen);
        }
        ofrep.kill("{'flag':'bool'}");
        try (Events events = ofrep.listen(stream, "Last-Event-ID", seen)) {
            assertThat(events.state()).isNotEqualTo(seen);
        }
    }

    @Test
    void aKillGoesOutWithoutTheStore() throws Exception {
        try (Events events = ofrep.listen(ofrep.stream())) {
            String before = events.state();
            ofrep.server.store().mode(FaultyStore.Mode.REFUSING);
            ofrep.api.post(
                    "/api/v1/environments/production/kills", "{'target':{'flag':'bool'},'reason':'it misbehaves'}");
            assertThat(events.state()).isNotEqualTo(before);
            assertThat(ofrep.one("bool", ANN).text("value")).isEqualTo("false");
        }
    }

    @Test
    void aTicketOutlivesARestartAndEndsWithItsKey() throws Exception {
        Answer issued = ofrep.issued("other", "client");
        String stream = ofrep.allOf(issued.text("secret"), ANN).text("eventStreams.0.endpoint.requestUri");
        int port = ofrep.server.server().port();
        ofrep.server.with(config -> config.withAddress("127.0.0.1", port));
        ofrep.server.restart(FaultyStore.Mode.WORKING);
        try (Events events = ofrep.listen(stream)) {
            assertThat(events.next()).isNotEmpty();
            ofrep.api.delete("/api/v1/tokens/" + issued.text("token.id") + "?reason=r");
            assertThat(events.next()).as("the stream's end").isEmpty();
        }
        assertThat(ofrep.raw("GET", stream, new byte[0]).statusCode()).isEqualTo(401);
    }

    @Test
    void aTicketOpensStreamsAloneAndOnlyATicketDoes() {
        String ticket = ofrep.stream().replaceFirst(".*ticket=", "");
        assertThat(ticket).doesNotContain(ofrep.key);
        assertThat(ofrep.allOf(ticket, ANN).status()).isEqualTo(401);
        for (String wrong : List.of("", "?ticket=", "?ticket=x", "?ticket=" + ofrep.key, "?ticket=" + ticket + "A")) {
            assertThat(ofrep.raw("GET", "/ofrep/v1/events" + wrong, new byte[0]).statusCode())
                    .as(wrong)
                    .isEqualTo(401);
        }
    }

    @Test
    void clientsThatNeverReadHoldNothingUp() throws Exception {
        String stream = ofrep.stream();
        List<RawSocket> stalled = new ArrayList<>();
        try {
            for (int i = 0; i < STALLED; i++) {
                RawSocket socket = new RawSocket(ofrep.server.server().port());
                stalled.add(socket);
                socket.send("GET " + stream + " HTTP/1.1\r\nHost: x\r\n\r\n");
            }
            await().until(() -> open() == STALLED);
            try (Events events = ofrep.listen(stream)) {
                String state = events.state();
                for (int i = 0; i < STALLED; i++) {
                    ofrep.kill("{'flag':'bool'},'audience':{'attribute':'x','in':[" + i + "]}");
                    String next = events.state();
                    assertThat(next).isNotEqualTo(state);
                    state = next;
                }
            }
        } finally {
            for (RawSocket socket : stalled) {
                socket.close();
            }
        }
        await().until(() -> open() == 0);
    }

    private long open() {
        return open(ofrep);
    }

    private static long open(OfrepFixture fixture) {
        return fixture.server
                .metrics()
                .lines()
                .filter(line -> line.startsWith("andon_ofrep_streams_open "))
                .mapToLong(line -> (long) Double.parseDouble(line.split(" ", -1)[1]))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void noMoreStreamsAreOpenedThanAllowed() throws Exception {
        try (OfrepFixture few = new OfrepFixture(folder.resolve("few"), limits -> limits.withStreams(1))) {
            String stream = few.stream();
            try (Events events = few.listen(stream)) {
                assertThat(events.next()).isNotEmpty();
                assertThat(few.raw("GET", stream, new byte[0]).statusCode()).isEqualTo(503);
            }
            await().until(() -> {
                try (Events again = few.listen(stream)) {
                    return again.response.statusCode() == 200;
                }
            });
        }
    }

    @Test
    void aBulkEvaluationWaitsForTheStateThatItAsksFor() throws Exception {
        String now;
        try (Events events = ofrep.listen(ofrep.stream())) {
            now = events.state();
        }
        String[] parts = now.split("\\.", -1);
        String next = parts[0] + "." + (Long.parseLong(parts[1]) + 1) + ".0123456789abcdef0123456789abcdef";
        Answer behind = bulk("?flagConfigEtag=" + next);
        assertThat(behind.status()).as(behind.body()).isEqualTo(503);
        assertThat(behind.response().headers().firstValue("Retry-After")).contains("1");
        for (String query : List.of(
                "?flagConfigEtag=" + now,
                "?flagConfigEtag=nonsense",
                "?flagConfigLastModified=1",
                "?flagConfigLastModified=2026-01-01T00:00:00Z",
                "?flagConfigLastModified=x")) {
            assertThat(bulk(query).status()).as(query).isEqualTo(200);
        }
    }

    @Test
    void aBulkEvaluationIsAnsweredOnceTheStateThatItAsksForIsThere() throws Exception {
        try (OfrepFixture patient = new OfrepFixture(folder.resolve("patient"), OfrepStreamTest::patient)) {
            String[] parts;
            try (Events events = patient.listen(patient.stream())) {
                parts = events.state().split("\\.", -1);
            }
            String next = parts[0] + "." + (Long.parseLong(parts[1]) + 1) + ".0123456789abcdef0123456789abcdef";
            CompletableFuture<Answer> waiting =
                    CompletableFuture.supplyAsync(() -> bulk(patient, "?flagConfigEtag=" + next));
            patient.kill("{'flag':'bool'}");
            assertThat(waiting.join().text("flags.0.value")).isEqualTo("false");
        }
    }

    private static OfrepLimits patient(OfrepLimits limits) {
        return new OfrepLimits(
                limits.origins(),
                limits.ratePerSecond(),
                limits.burst(),
                limits.bodyBytes(),
                limits.streams(),
                limits.heartbeatMs(),
                (int) Patience.PATIENCE.toMillis(),
                limits.ownPort());
    }

    @Test
    void aRequestForTheHeadOpensNoStream() throws Exception {
        String stream = ofrep.stream();
        for (int i = 0; i < STALLED; i++) {
            try (RawSocket socket = new RawSocket(ofrep.server.server().port())) {
                socket.send("HEAD " + stream + " HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(socket.head()).startsWith("HTTP/1.1 200 ").contains("text/event-stream");
            }
        }
        assertThat(open()).isZero();
    }

    @Test
    void aStreamIsOverWhenItsClientIsGone() throws Exception {
        try (OfrepFixture quiet =
                new OfrepFixture(folder.resolve("quiet"), limits -> limits.withHeartbeatMs(3_600_000))) {
            String stream = quiet.stream();
            try (RawSocket socket = new RawSocket(quiet.server.server().port())) {
                socket.send("GET " + stream + " HTTP/1.1\r\nHost: x\r\n\r\n");
                await().until(() -> open(quiet) == 1);
            }
            await().until(() -> open(quiet) == 0);
        }
    }

    @Test
    void whoWasRefusedForAskingTooOftenHearsOfTheStateAgain() throws Exception {
        try (OfrepFixture few = new OfrepFixture(folder.resolve("few"), limits -> limits.withRate(1))) {
            try (Events events = few.listen(few.stream())) {
                String before = events.state();
                await().until(() -> few.one("bool", ANN).status() == 429);
                assertThat(events.state()).isEqualTo(before);
            }
        }
    }

    /** While the ledger is out of reach, versions stand still and kills alone tell states apart. */
    @Test
    void whoHasHeardOfAKillIsAnsweredByNoneThatDoesNotKnowIt() throws Exception {
        ofrep.server.store().mode(FaultyStore.Mode.REFUSING);
        try (Events events = ofrep.listen(ofrep.stream())) {
            String before = events.state();
            ofrep.api.post(
                    "/api/v1/environments/production/kills", "{'target':{'flag':'bool'},'reason':'it misbehaves'}");
            String first = events.state();
            ofrep.api.post(
                    "/api/v1/environments/production/kills", "{'target':{'flag':'text'},'reason':'it misbehaves'}");
            assertThat(events.state()).isNotEqualTo(first);
            for (String seen : List.of(before, first)) {
                assertThat(bulk("?flagConfigEtag=" + seen).status())
                        .as("what is known already: " + seen)
                        .isEqualTo(200);
            }
            assertThat(bulk("?flagConfigEtag=" + first + ".0123456789ab-7").status())
                    .as("a kill that another node has taken")
                    .isEqualTo(503);
        }
    }

    @Test
    void whoAsksForTheFutureTakesNoPlaceFromOthers() {
        String later = "9." + "9".repeat(9) + ".0123456789abcdef0123456789abcdef";
        List<CompletableFuture<Answer>> waiting = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            waiting.add(
                    CompletableFuture.supplyAsync(() -> bulk("?flagConfigEtag=" + later), Thread::startVirtualThread));
        }
        assertThat(waiting).allSatisfy(one -> assertThat(one.join().status()).isEqualTo(503));
        assertThat(waiting).anySatisfy(one -> assertThat(one.join().body()).contains("waiting for a later state"));
    }

    private Answer bulk(String query) {
        return bulk(ofrep, query);
    }

    private static Answer bulk(OfrepFixture at, String query) {
        return at.api.callWithout("POST", FLAGS + query, ANN, "Authorization", "Bearer " + at.key);
    }
}
