package dev.andon.server.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.ApiClient;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ServerFixture;
import dev.andon.server.StreamClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What processes stop by themselves, as the server shows it. */
class LocallyStoppedTest {
    private static final String PRODUCTION = "/api/v1/environments/production";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private ServerFixture server;
    private ApiClient api;
    private StreamClient shop;

    @BeforeEach
    void start() throws IOException {
        server = new ServerFixture(folder).start();
        api = new ApiClient(
                server.uri(), Files.readString(server.server().adminTokenFile()).strip());
        for (String key : List.of("pay", "search")) {
            Answer created = api.post(
                    "/api/v1/flags",
                    "{'flag':{'key':'" + key + "','type':'boolean','owner':'team','tags':['x']},'reason':'r'}");
            assertThat(created.status()).as(created.body()).isEqualTo(201);
        }
        shop = server.client("shop", "shop-1");
        await().atMost(PATIENCE).until(() -> shop.state().hasImage());
    }

    @AfterEach
    void close() {
        api.close();
        server.close();
    }

    private void reports(List<String> problems, String... targets) {
        List<Frame.LocalStops.Standing> stops = new ArrayList<>();
        for (String target : targets) {
            stops.add(new Frame.LocalStops.Standing(
                    new LocalStop(LocalStop.Source.ENVIRONMENT, Target.parse(target), "INC-7"), 1));
        }
        shop.send(new Frame.Report(List.of(), Map.of(), Optional.of(new Frame.LocalStops(stops, problems))));
    }

    private Answer instances() {
        return api.get(PRODUCTION + "/instances");
    }

    private void awaitStops(String json) {
        await().atMost(PATIENCE)
                .until(() -> instances().text("items.0.localStops").equals(json));
    }

    @Test
    void instances_show_it_until_the_process_says_otherwise() {
        reports(List.of("ANDON_KILL: kind:lorry (expected: …)"), "pay");
        awaitStops("[{\"source\":\"environment\",\"target\":{\"flag\":\"pay\"},\"reason\":\"INC-7\",\"flags\":1}]");
        assertThat(instances().text("items.0.localProblems")).contains("kind:lorry");
        reports(List.of());
        await().atMost(PATIENCE).until(() -> !instances().body().contains("localStops"));
        assertThat(instances().body()).doesNotContain("localProblems");
    }

    @Test
    void the_log_has_it_once_for_all_processes_of_a_service() {
        StreamClient other = server.client("shop", "shop-2");
        await().atMost(PATIENCE).until(() -> other.state().hasImage());
        reports(List.of(), "tag:x");
        other.send(new Frame.Report(
                List.of(),
                Map.of(),
                Optional.of(new Frame.LocalStops(
                        List.of(new Frame.LocalStops.Standing(
                                new LocalStop(LocalStop.Source.ENVIRONMENT, Target.parse("tag:x"), "INC-7"), 2)),
                        List.of()))));
        String log = "/api/v1/log?environment=production&flag=search";
        await().atMost(PATIENCE).until(() -> api.get(log).body().contains("local-stop.began"));
        await().atMost(PATIENCE).until(() -> instances().body().split("localStops", -1).length == 3);
        Answer entries = api.get(log);
        assertThat(entries.body().split("\"local-stop[.]began\"", -1)).hasSize(2);
        assertThat(entries.text("items.0.reason"))
                .startsWith("service shop stops tag:x by itself (its environment: INC-7), first seen in shop-");
        assertThat(entries.text("items.0.actor")).startsWith("node:");
        other.close();
    }

    @Test
    void a_restore_says_who_goes_on_stopping_and_lifts_nothing_there() {
        reports(List.of(), "tag:x");
        await().atMost(PATIENCE).until(() -> instances().body().contains("localStops"));
        assertThat(api.post(PRODUCTION + "/kills", "{'target':{'flag':'pay'},'reason':'r'}")
                        .status())
                .isEqualTo(201);

        Answer restored = api.post(PRODUCTION + "/restores", "{'flag':'pay','reason':'mended'}");

        assertThat(restored.status()).as(restored.body()).isEqualTo(201);
        assertThat(restored.text("stillStopped")).isEqualTo("[]");
        assertThat(restored.text("local"))
                .isEqualTo("[{\"service\":\"shop\",\"instance\":\"shop-1\",\"source\":\"environment\","
                        + "\"target\":\"tag:x\",\"reason\":\"INC-7\"}]");
        assertThat(instances().body()).contains("localStops");
        Answer again = api.post(PRODUCTION + "/restores", "{'flag':'pay','reason':'mended'}");
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.text("expected")).contains("lifted only where that was set");
    }

    @Test
    void a_dry_run_lists_it_among_what_stops_the_flags_already() {
        reports(List.of(), "everything");
        await().atMost(PATIENCE).until(() -> instances().body().contains("localStops"));
        Answer rehearsed = api.post(PRODUCTION + "/kills?dryRun=true", "{'target':{'flag':'search'},'reason':'r'}");
        assertThat(rehearsed.text("result.local.0.target")).isEqualTo("everything");
        assertThat(rehearsed.text("result.local.0.instance")).isEqualTo("shop-1");
    }

    @Test
    void a_process_that_is_gone_stops_nothing_any_more() {
        reports(List.of(), "pay");
        await().atMost(PATIENCE).until(() -> instances().body().contains("localStops"));
        shop.close();
        await().atMost(PATIENCE).until(() -> !instances().body().contains("\"live\""));
        Answer rehearsed = api.post(PRODUCTION + "/kills?dryRun=true", "{'target':{'flag':'pay'},'reason':'r'}");
        assertThat(rehearsed.text("result.local")).isEqualTo("[]");
    }

    @Test
    void names_that_terminals_obey_are_refused() {
        shop.sendText(
                "{\"type\":\"report\",\"exposures\":[],\"defaults\":{},\"local\":{\"stops\":[{\"source\":\"file\","
                        + "\"target\":{\"flag\":\"pay\"},\"reason\":\"\\u001b[2J\",\"flags\":1}],\"problems\":[]}}");
        await().atMost(PATIENCE).until(() -> shop.closed());
        assertThat(instances().body()).doesNotContain("localStops");
    }
}
