package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The native stream by long polling, poll by poll. */
class PollTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Frame.Report REPORT = new Frame.Report(List.of(), Map.of());

    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private ServerFixture server;

    @BeforeEach
    void start() {
        server = new ServerFixture(folder).start();
        server.createFlag("checkout");
    }

    @AfterEach
    void close() {
        http.shutdownNow();
        server.close();
    }

    /** What a poll was answered. */
    private record Answered(int status, String session, String etag, List<Frame> frames) {
        boolean refused(String code) {
            return frames.size() == 1
                    && frames.getFirst() instanceof Frame.Refused refused
                    && refused.code().equals(code);
        }

        HeldState onto(HeldState state) {
            HeldState next = state;
            for (Frame frame : frames) {
                if (frame instanceof Frame.Snapshot snapshot) {
                    next = next.apply(snapshot).next();
                } else if (frame instanceof Frame.Patch patch) {
                    next = next.apply(patch).next();
                } else if (frame instanceof Frame.Kills kills) {
                    next = next.apply(kills).next();
                }
            }
            return next;
        }
    }

    private CompletableFuture<Answered> poll(String key, String session, String etag, Frame... frames) {
        List<Json> items = new ArrayList<>();
        for (Frame frame : frames) {
            items.add(Json.parse(FrameCodec.encode(frame)));
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + "/stream/v1/poll"))
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(Json.array(items).utf8()));
        if (!session.isEmpty()) {
            request.header("Andon-Session", session);
        }
        if (!etag.isEmpty()) {
            request.header("If-None-Match", etag);
        }
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString())
                .thenApply(PollTest::answered);
    }

    private static Answered answered(HttpResponse<String> response) {
        List<Frame> frames = new ArrayList<>();
        if (response.statusCode() == 200) {
            Json.Array array = (Json.Array) Json.parse(response.body().getBytes(StandardCharsets.UTF_8));
            array.items().forEach(item -> frames.add(FrameCodec.decode(item.utf8(), FrameCodec.FROM_SERVER)));
        }
        return new Answered(
                response.statusCode(),
                response.headers().firstValue("Andon-Session").orElse(""),
                response.headers().firstValue("ETag").orElse(""),
                frames);
    }

    private Answered begin(String instance) {
        return poll(server.key(), "", "", hello(instance)).join();
    }

    private static Frame hello(String instance) {
        return new Frame.Hello(Frame.PROTOCOL, "x/1", "shop", instance, Optional.empty(), Optional.empty(), List.of());
    }

    private String verdict(KillId kill) {
        return server.getKill(kill.toString(), 0).fields().object("receipt").text("verdict");
    }

    private KillId kill() {
        return KillId.parse("id", server.kill("checkout").fields().text("id"));
    }

    private void awaitOpenPolls(int count) {
        await().atMost(PATIENCE)
                .until(() -> server.get("/environments/production/instances")
                                .fields()
                                .objects("items", fields -> fields)
                                .size()
                        == count);
    }

    @Test
    void aPollThatWaitsBringsTheKillAndItsEtagIsTheAck() throws Exception {
        Answered first = begin("one");
        HeldState state = first.onto(HeldState.EMPTY);
        CompletableFuture<Answered> waiting = poll(server.key(), first.session, first.etag);
        awaitOpenPolls(1);
        await().atMost(PATIENCE)
                .until(() -> server.get("/environments/production/instances")
                        .body()
                        .text()
                        .contains("\"live\""));

        KillId kill = kill();
        Answered second = waiting.join();
        state = second.onto(state);
        assertThat(state.standing()).anyMatch(one -> one.id().equals(kill));
        assertThat(verdict(kill)).as("delivered isn't applied").isEqualTo("requested");

        String etag = second.etag;
        while (!verdict(kill).equals("proven")) {
            CompletableFuture<Answered> next = poll(server.key(), first.session, etag);
            await().atMost(PATIENCE).until(() -> next.isDone() || verdict(kill).equals("proven"));
            etag = next.isDone() && !next.join().etag.isEmpty() ? next.join().etag : etag;
        }
    }

    @Test
    void aReportThatCrossesAnAnswerCostsNothing() {
        Answered first = begin("one");
        HeldState state = first.onto(HeldState.EMPTY);
        CompletableFuture<Answered> waiting = poll(server.key(), first.session, first.etag);
        kill();
        Answered second = waiting.join();
        // Sent before the answer above was read: it shows the ETag of before.
        Answered crossing =
                poll(server.key(), first.session, first.etag, REPORT).join();
        assertThat(crossing.refused(Frame.Refused.HELLO_EXPECTED)).isFalse();
        assertThat(crossing.session).isEqualTo(first.session);
        state = crossing.onto(second.onto(state));
        assertThat(state.drifted()).isFalse();

        assertThat(state.standing()).hasSize(1);

        Frame divergent = new Frame.Report(List.of(), Map.of("checkout", Json.of(true)));
        CompletableFuture<Answered> next = poll(server.key(), first.session, second.etag, divergent);
        // It is there before the goodbye, which comes by another connection.
        await().atMost(PATIENCE)
                .until(() -> server.get("/environments/production/instances")
                        .body()
                        .text()
                        .contains("divergentDefaults"));
        Answered last = poll(server.key(), first.session, crossing.etag, new Frame.Bye())
                .join();
        assertThat(next.join().frames).noneMatch(Frame.Refused.class::isInstance);
        assertThat(last.frames).noneMatch(Frame.Refused.class::isInstance);
    }

    @Test
    void crossingPollsDoNotKeepEachOtherGoing() {
        Answered first = begin("one");
        CompletableFuture<Answered> waiting = poll(server.key(), first.session, first.etag);
        KillId kill = kill();
        waiting.join();
        await().atMost(PATIENCE)
                .until(() -> server.getKill(kill.toString(), 0)
                        .fields()
                        .text("ledger")
                        .equals("settled"));
        Answered all = poll(server.key(), first.session, first.etag).join();
        Answered again = poll(server.key(), first.session, first.etag).join();
        assertThat(again.frames).as("the same once more").isEqualTo(all.frames);
        List<CompletableFuture<Answered>> both =
                List.of(poll(server.key(), first.session, all.etag), poll(server.key(), first.session, again.etag));
        await().atMost(PATIENCE).until(() -> both.stream().anyMatch(CompletableFuture::isDone));
        assertThat(both)
                .filteredOn(CompletableFuture::isDone)
                .singleElement()
                .satisfies(ended -> assertThat(ended.join().status)
                        .as("ended by the one that came after it, with nothing new")
                        .isEqualTo(304));
    }

    @Test
    void whatALostAnswerHeldComesAgain() {
        Answered first = begin("one");
        HeldState state = first.onto(HeldState.EMPTY);
        CompletableFuture<Answered> lost = poll(server.key(), first.session, first.etag);
        KillId kill = kill();
        lost.join();
        Answered again = poll(server.key(), first.session, first.etag).join();
        assertThat(again.onto(state).standing()).anyMatch(one -> one.id().equals(kill));
    }

    @Test
    void sessionsThatAreNotKnownAndEtagsOfOthersBeginAnew() {
        Answered one = begin("one");
        Answered two = begin("two");
        assertThat(poll(server.key(), "0".repeat(32), "").join().refused(Frame.Refused.HELLO_EXPECTED))
                .isTrue();
        assertThat(poll(server.key(), "", "", new Frame.Pong()).join().refused(Frame.Refused.HELLO_EXPECTED))
                .isTrue();
        assertThat(poll(server.key(), one.session, "\"x\"").join().refused(Frame.Refused.HELLO_EXPECTED))
                .isTrue();
        await().atMost(PATIENCE)
                .until(() -> poll(server.key(), one.session, one.etag, new Frame.Pong())
                        .join()
                        .refused(Frame.Refused.HELLO_EXPECTED));
        assertThat(poll(server.key(), two.session, two.etag, new Frame.Bye()).join().frames)
                .noneMatch(Frame.Refused.class::isInstance);
    }

    @Test
    void anotherKeyDoesNotOpenASession() {
        Answered first = begin("one");
        for (String environment : List.of("production", "staging")) {
            String other = server.post(
                            "/tokens",
                            Json.object()
                                    .put("name", "other-" + environment)
                                    .put("role", "sdk")
                                    .put("environment", environment)
                                    .put("reason", "test"))
                    .fields()
                    .text("secret");
            assertThat(poll(other, first.session, first.etag).join().refused(Frame.Refused.HELLO_EXPECTED))
                    .isTrue();
        }
        CompletableFuture<Answered> own = poll(server.key(), first.session, first.etag);
        KillId kill = kill();
        assertThat(own.join().frames)
                .anyMatch(frame -> frame instanceof Frame.Kills kills
                        && kills.kills().getFirst().id().equals(kill));
    }
}
