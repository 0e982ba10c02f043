package dev.andon.server;

import static dev.andon.server.OfrepFixture.ANN;
import static dev.andon.server.OfrepFixture.FLAGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.OfrepFixture.Events;
import dev.andon.server.node.FaultyStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients by OFREP among the instances, and in receipts: what is known of them and no more. */
@Timeout(300)
class OfrepPresenceTest {
    private static final String INSTANCES = "/api/v1/environments/production/instances";

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
    void aPageThatWasToldOfAKillHasBeenSentItUntilItFetches() throws Exception {
        Page page = new Page();
        try (Events events = page.listen()) {
            events.state();
            page.fetch();
            awaitStates("live");
            assertThat(instance("protocol")).isEqualTo("ofrep");
            assertThat(instance("service")).isEqualTo("page");
            String kill = ofrep.kill("{'flag':'bool'}");
            events.state();
            awaitVerdict(kill, "sent");
            awaitStates("sent");
            Fields sent = receipt(kill);
            assertThat(sent.whole("sent", 0, 9)).isEqualTo(1);
            assertThat(sent.whole("unconfirmable", 0, 9)).isZero();
            assertThat(member(kill, "sentMs")).isNotEmpty();
            assertThat(page.fetch().status()).isEqualTo(200);
            awaitVerdict(kill, "proven");
            Fields confirmed = receipt(kill);
            assertThat(confirmed.whole("applied", 0, 9)).isZero();
            assertThat(confirmed.whole("confirmed", 0, 9)).isEqualTo(1);
            awaitStates("live");
        }
    }

    /** What was handed to the network may never have been read. */
    @Test
    void anAnswerIsSentAndConfirmedOnlyWhenThePageShowsIt() {
        Page page = new Page();
        awaitStates("live");
        String kill = ofrep.kill("{'flag':'bool'}");
        assertThat(page.fetchOnce().status()).isEqualTo(200);
        awaitVerdict(kill, "sent");
        // Whether it is another state by now or not.
        assertThat(page.fetchOnce().status()).isIn(200, 304);
        awaitVerdict(kill, "proven");
        assertThat(member(kill, "state")).isEqualTo("confirmed");
    }

    @Test
    void nothingIsProvenWhileAPageWasOnlySentIt() throws Exception {
        Page page = new Page();
        ofrep.server.client("shop", "one");
        try (Events events = page.listen()) {
            events.state();
            page.fetch();
            awaitStates("live", "live");
            String kill = ofrep.kill("{'flag':'bool'}");
            await().until(() -> receipt(kill).whole("applied", 0, 9) == 1);
            events.state();
            awaitVerdict(kill, "sent");
            page.fetch();
            awaitVerdict(kill, "proven");
        }
    }

    @Test
    void oneThatPollsIsSilentUntilItAsksAgain() {
        Page page = new Page();
        page.fetch();
        awaitStates("live");
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        awaitStates("silent");
        assertThat(receipt(kill).whole("silent", 0, 9)).isEqualTo(1);
        page.fetch();
        awaitVerdict(kill, "proven");
        assertThat(member(kill, "state")).isEqualTo("confirmed");
    }

    @Test
    void oneThatHasFetchedOnceIsThereToo() {
        Page page = new Page();
        awaitStates("live");
        String name = instance("instance");
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        page.fetch();
        awaitVerdict(kill, "proven");
        assertThat(instance("instance")).isEqualTo(name);
    }

    /** Nothing tells the one that comes from the one that is there, but that the one doesn't show what the other was given. */
    @Test
    void aPageThatComesProvesNothingForOneThatWasThere() {
        Page there = new Page();
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        new Page();
        await().untilAsserted(() -> assertThat(states()).containsExactlyInAnyOrder("live", "silent"));
        assertThat(receipt(kill).text("verdict")).isEqualTo("requested");
        there.fetch();
        awaitVerdict(kill, "proven");
    }

    /** There is no moment at which it is nobody: everybody else has applied the kill. */
    @Test
    void aPageThatOpensItsStreamOnlyThenIsNotMissed() throws Exception {
        ofrep.server.client("shop", "one");
        awaitStates("live");
        Page page = new Page();
        awaitStates("live", "live");
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "partial");
        try (Events events = page.listen()) {
            events.state();
            awaitVerdict(kill, "sent");
            page.fetch();
            awaitVerdict(kill, "proven");
        }
    }

    @Test
    void oneThatAsksForSingleFlagsConfirmsByAsking() {
        for (int i = 0; i < 20; i++) {
            ofrep.one("bool", "{'context':{'targetingKey':'user-" + i + "'}}");
        }
        awaitStates("live");
        assertThat(instance("instance")).startsWith("ofrep-asking-").doesNotContain("127.0.0.1");
        assertThat(instance("sdk")).startsWith("Java-http-client/");
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        ofrep.one("text", ANN);
        awaitVerdict(kill, "proven");
    }

    @Test
    void aPageWhoseStreamIsCutIsUnreachableUntilItIsBack() throws Exception {
        Page page = new Page();
        try (Events events = page.listen()) {
            events.state();
            page.fetch();
            awaitStates("live");
        }
        awaitStates("unreachable");
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        assertThat(receipt(kill).whole("unreachable", 0, 9)).isEqualTo(1);
        try (Events events = page.listen()) {
            events.state();
            awaitVerdict(kill, "sent");
            page.fetch();
            awaitVerdict(kill, "proven");
        }
    }

    @Test
    void oneThatWasSentItAndIsGoneIsUnreachable() throws Exception {
        Page page = new Page();
        String kill;
        try (Events events = page.listen()) {
            events.state();
            page.fetch();
            awaitStates("live");
            kill = ofrep.kill("{'flag':'bool'}");
            events.state();
            awaitVerdict(kill, "sent");
        }
        awaitVerdict(kill, "requested");
        assertThat(member(kill, "state")).isEqualTo("unreachable");
    }

    @Test
    void afterARestartWhoWasThereIsUnreachableUntilItIsBack() throws Exception {
        Page page = new Page();
        int port = ofrep.server.server().port();
        String kill;
        try (Events events = page.listen()) {
            events.state();
            page.fetch();
            awaitStates("live");
            kill = ofrep.kill("{'flag':'bool'}");
            events.state();
            awaitVerdict(kill, "sent");
            ofrep.server.with(config -> config.withAddress("127.0.0.1", port));
            ofrep.server.restart(FaultyStore.Mode.WORKING);
        }
        awaitStates("unreachable");
        awaitVerdict(kill, "requested");
        try (Events events = page.listen()) {
            events.state();
            awaitVerdict(kill, "sent");
            page.fetch();
            awaitVerdict(kill, "proven");
            awaitStates("live");
        }
    }

    @Test
    void aStreamThatTakesTheOldOnesPlaceIsTheSameClientAtOnce() throws Exception {
        Page page = new Page();
        try (Events old = page.listen()) {
            String id = lastId(old);
            page.fetch();
            try (Events events = page.listen("Last-Event-ID", id)) {
                events.state();
                assertThat(old.next()).as("the old stream's end").isEmpty();
                assertThat(page.fetch().response().headers().firstValue("ETag")).contains(page.etag);
                awaitStates("live");
            }
        }
    }

    @Test
    void pagesThatShareAnETagAreToldApart() throws Exception {
        Page page = new Page();
        Page other = new Page(page);
        try (Events events = page.listen();
                Events others = other.listen()) {
            events.state();
            others.state();
            page.fetch();
            assertThat(page.etag).isNotEqualTo(other.etag);
            assertThat(page.stream).isNotEqualTo(other.stream);
            try (Events moved = page.listen()) {
                moved.state();
                events.response.body().close();
                await().until(() -> ofrep.server.metrics().contains("andon_ofrep_streams_open 2.0"));
                awaitStates("live", "live");
                String kill = ofrep.kill("{'flag':'bool'}");
                moved.state();
                page.fetch();
                await().until(() -> receipt(kill).whole("confirmed", 0, 9) == 1);
                awaitVerdict(kill, "sent");
                others.state();
                other.fetch();
                awaitVerdict(kill, "proven");
            }
        }
    }

    @Test
    void anIdCountsForTheKeyAloneThatItWasGivenTo() {
        Page page = new Page();
        page.fetch();
        awaitStates("live");
        String name = instance("instance");
        String other = ofrep.issue("other", "client");
        ofrep.allOf(other, ANN, "If-None-Match", page.etag);
        await().until(() -> states().size() == 2);
        assertThat(names()).contains(name);
        String kill = ofrep.kill("{'flag':'bool'}");
        awaitVerdict(kill, "requested");
        ofrep.allOf(other, ANN, "If-None-Match", page.etag);
        await().until(() -> receipt(kill).whole("sent", 0, 9) == 1);
        assertThat(receipt(kill).text("verdict")).isEqualTo("partial");
    }

    @Test
    void whatNobodyGaveOutIsNoETag() {
        Page page = new Page();
        String id = page.etag.substring(page.etag.indexOf('-') + 1, page.etag.length() - 1);
        for (String wrong : List.of(
                "*",
                "",
                "\"",
                "\"\"",
                "\"-\"",
                "\"" + id + "\"",
                page.etag.toUpperCase(java.util.Locale.ROOT),
                page.etag.replace("-", "--"),
                page.etag + "x",
                "\"../" + id + "\"",
                ("\"" + "a".repeat(32) + "\",").repeat(100) + page.etag,
                "x".repeat(6_000))) {
            Answer answer = ofrep.all(ANN, "If-None-Match", wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(200);
            assertThat(OfrepFixture.etag(answer)).doesNotContain(id).matches("\"[0-9a-f]{32}-[0-9a-f]{32}\"");
        }
        assertThat(ofrep.all(ANN, "If-None-Match", "\"x\", W/" + page.etag).status())
                .isEqualTo(304);
    }

    @Test
    void whatClientsSayToBeIsCutAndCannotBeMoreThanText() throws Exception {
        byte[] nasty = ("POST " + FLAGS + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ofrep.key
                        + "\r\nUser-Agent: a\tb\u202e\u0000\u001b[31m" + "x".repeat(4_000)
                        + "\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        try (RawSocket socket = new RawSocket(ofrep.server.server().port())) {
            socket.send(nasty);
            socket.head();
        }
        byte[] wide = ("POST " + FLAGS + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + ofrep.key
                        + "\r\nUser-Agent: a\tb\u202e" + "x".repeat(4_000) + "\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        try (RawSocket socket = new RawSocket(ofrep.server.server().port())) {
            socket.send(wide);
            assertThat(socket.head()).startsWith("HTTP/1.1 200 ");
        }
        await().until(() -> !states().isEmpty());
        assertThat(instance("sdk"))
                .startsWith("a?b")
                .hasSizeLessThanOrEqualTo(128)
                .matches(sdk -> sdk.codePoints().noneMatch(Character::isISOControl));
    }

    @Test
    void madeUpIdsCostLittleAndEachIsOneClient() {
        Page page = new Page();
        for (int i = 0; i < 1_000; i++) {
            String madeUp = page.etag.replaceFirst("-.*", "-" + String.format("%032x", i) + "\"");
            assertThat(ofrep.all(ANN, "If-None-Match", madeUp).status()).isEqualTo(304);
        }
        await().until(() -> ofrep.server.metrics().contains("andon_clients_live 1001.0"));
    }

    /** Whoever has a public key can pretend to be many: that keeps a kill from being proven, and does no more. */
    @Test
    void aFloodOfMadeUpClientsPushesNobodyElseOut() throws Exception {
        ofrep.server.client("shop", "one");
        String other = ofrep.issue("other", "client");
        String shown = OfrepFixture.etag(ofrep.allOf(other, ANN));
        ofrep.allOf(other, ANN, "If-None-Match", shown);
        awaitStates("live", "live");
        String etag = OfrepFixture.etag(ofrep.all("{}"));
        int flood = 5_200;
        try (RawSocket socket = new RawSocket(ofrep.server.server().port())) {
            for (int sent = 0; sent < flood; sent += 100) {
                StringBuilder requests = new StringBuilder();
                for (int i = sent; i < sent + 100; i++) {
                    requests.append("POST " + FLAGS
                                    + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nAuthorization: Bearer ")
                            .append(ofrep.key)
                            .append("\r\nIf-None-Match: ")
                            .append(etag.replaceFirst("-.*", "-" + String.format("%032x", i) + "\""))
                            .append("\r\n\r\n");
                }
                socket.send(requests.toString());
                for (int i = 0; i < 100; i++) {
                    assertThat(socket.head()).startsWith("HTTP/1.1 304 ");
                }
            }
        }
        await().until(() -> ofrep.server.metrics().contains("andon_clients_live 5001.0"));
        String kill = ofrep.kill("{'flag':'bool'}");
        await().until(() -> receipt(kill).whole("applied", 0, 9) == 1);
        String killed = OfrepFixture.etag(ofrep.allOf(other, ANN, "If-None-Match", shown));
        ofrep.allOf(other, ANN, "If-None-Match", killed);
        await().until(() -> receipt(kill).whole("confirmed", 0, 9) == 1);
        assertThat(receipt(kill).text("verdict")).isEqualTo("partial");
        assertThat(receipt(kill).whole("silent", 0, 9_999)).isEqualTo(5_000);
        assertThat(receipt(kill).whole("unlisted", 0, 9_999)).isEqualTo(flood + 1 - 5_000);
    }

    @Test
    void aHundredPagesConfirmAsTheyFetch() throws Exception {
        List<Page> pages = new ArrayList<>();
        List<Events> streams = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                Page page = new Page();
                pages.add(page);
                Events events = page.listen();
                streams.add(events);
                events.state();
            }
            await().until(() -> ofrep.server.metrics().contains("andon_clients_live 100.0"));
            String kill = ofrep.kill("{'flag':'bool'}");
            for (Events events : streams) {
                events.state();
            }
            awaitVerdict(kill, "sent");
            assertThat(receipt(kill).whole("sent", 0, 999)).isEqualTo(100);
            pages.subList(1, 100).forEach(Page::fetch);
            await().until(() -> receipt(kill).whole("confirmed", 0, 999) == 99);
            assertThat(receipt(kill).text("verdict")).isEqualTo("sent");
            pages.getFirst().fetch();
            awaitVerdict(kill, "proven");
        } finally {
            for (Events events : streams) {
                events.close();
            }
        }
    }

    /** A page as OpenFeature's client for the web is one. */
    private final class Page {
        private String etag;
        private String stream;

        Page() {
            take(ofrep.all(ANN));
            fetchOnce();
        }

        /** Another one that begins with what this one stored. */
        Page(Page stored) {
            etag = stored.etag;
            stream = stored.stream;
        }

        /** What it has then, it shows as well. */
        Answer fetch() {
            Answer answer = fetchOnce();
            if (answer.status() == 200) {
                fetchOnce();
            }
            return answer;
        }

        Answer fetchOnce() {
            Answer answer = ofrep.all(ANN, "If-None-Match", etag);
            take(answer);
            return answer;
        }

        private void take(Answer answer) {
            etag = OfrepFixture.etag(answer);
            if (answer.status() == 200) {
                stream = answer.text("eventStreams.0.endpoint.requestUri");
            }
        }

        Events listen(String... headers) {
            return ofrep.listen(stream, headers);
        }
    }

    private static String lastId(Events events) throws Exception {
        return events.next().stream()
                .filter(line -> line.startsWith("id: "))
                .map(line -> line.substring("id: ".length()))
                .findFirst()
                .orElseThrow();
    }

    private List<Fields> instances() {
        return Fields.lenient(ofrep.api.get(INSTANCES).json()).objects("items", one -> one);
    }

    private List<String> states() {
        return instances().stream().map(one -> one.text("state")).toList();
    }

    private Set<String> names() {
        return instances().stream().map(one -> one.text("instance")).collect(Collectors.toSet());
    }

    /** Of the only one. */
    private String instance(String member) {
        assertThat(instances()).hasSize(1);
        return instances().getFirst().text(member);
    }

    private void awaitStates(String... states) {
        await().untilAsserted(() -> assertThat(states()).containsExactly(states));
    }

    private Fields receipt(String kill) {
        return Fields.lenient(ofrep.api.get("/api/v1/kills/" + kill).json()).object("receipt");
    }

    private String member(String kill, String name) {
        Json member = receipt(kill).items("instances").getFirst();
        Json value = ((Json.Members) member).members().get(name);
        return value instanceof Json.Text text ? text.value() : value.text();
    }

    private void awaitVerdict(String kill, String verdict) {
        await().untilAsserted(() -> assertThat(receipt(kill).text("verdict")).isEqualTo(verdict));
    }
}
