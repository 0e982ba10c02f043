package dev.andon.server.flag;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class FlagsTest {
    private static final String NEW_CHECKOUT =
            "{'flag':{'key':'new-checkout','type':'boolean','owner':'shop'},'reason':'r'}";
    private static final String HERE = "/api/v1/environments/production/flags/new-checkout";

    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void aBooleanFlagIsOnAndOffAndOffEverywhere() {
        Answer created = api.post("/api/v1/flags", NEW_CHECKOUT);
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.response().headers().firstValue("ETag")).contains("\"2\"");
        assertThat(created.text("environments.production.configuration.variants"))
                .isEqualTo("{\"on\":true,\"off\":false}");
        assertThat(created.text("environments.staging.configuration.on")).isEqualTo("false");
        assertThat(created.text("environments.staging.configuration.safeVariant"))
                .isEqualTo("off");
        assertThat(api.get("/api/v1/flags/new-checkout").body()).isEqualTo(created.body());
        assertThat(api.get("/api/v1/flags").text("items.0.environments.production.on"))
                .isEqualTo("false");
        assertThat(api.get("/api/v1/environments/production/flags").text("items.0.key"))
                .isEqualTo("new-checkout");
    }

    @Test
    void otherTypesNeedAConfiguration() {
        Answer refused = api.post("/api/v1/flags", "{'flag':{'key':'a','type':'string','owner':'o'},'reason':'r'}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("field")).isEqualTo("configuration");
        Answer created = api.post(
                "/api/v1/flags",
                "{'flag':{'key':'a','type':'string','owner':'o'},'configuration':{'variants':{'x':'1','y':'2'},"
                        + "'safeVariant':'x','fallThrough':{'variant':'y'}},'environments':['staging'],'reason':'r'}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(created.text("environments")).doesNotContain("production").contains("\"on\":false");
    }

    @Test
    void takenKeysAndUnknownEnvironmentsAreRefused() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        assertThat(api.post("/api/v1/flags", NEW_CHECKOUT).status()).isEqualTo(409);
        Answer unknown = api.post(
                "/api/v1/flags",
                "{'flag':{'key':'a','type':'boolean','owner':'o'},'environments':['prod'],'reason':'r'}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.text("expected")).contains("production, staging");
    }

    @Test
    void errorsNameTheWholePath() {
        Answer refused = api.post(
                "/api/v1/flags",
                "{'flag':{'key':'a','type':'boolean','owner':'o'},'configuration':{'variants':{'on':true},"
                        + "'safeVariant':'no','fallThrough':{'variant':'on'}},'reason':'r'}");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("field")).isEqualTo("configuration.safeVariant");
        assertThat(refused.text("value")).isEqualTo("\"no\"");
    }

    @Test
    void didYouMean() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        assertThat(api.get("/api/v1/flags/new-chekout").text("next")).isEqualTo("Did you mean new-checkout?");
        assertThat(api.get("/api/v1/environments/prodution/flags").text("next")).isEqualTo("Did you mean production?");
    }

    @Test
    void anUnconditionalReplacementIsRefused() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        String on = "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
                + "'fallThrough':{'variant':'on'}},'reason':'r'}";
        Answer unconditional = api.put(HERE, on);
        assertThat(unconditional.status()).isEqualTo(428);
        assertThat(unconditional.text("current")).isEqualTo("2");
        assertThat(api.put(HERE, on, "If-Match", "\"1\"").status()).isEqualTo(412);
        assertThat(api.put(HERE, on, "If-Match", "nonsense").status()).isEqualTo(400);
        assertThat(api.put(HERE, on, "If-None-Match", "*").status()).isEqualTo(412);
        Answer done = api.put(HERE, on, "If-Match", "\"2\"");
        assertThat(done.status()).as(done.body()).isEqualTo(200);
        assertThat(done.version()).isEqualTo(3);
        assertThat(api.put(HERE, on, "If-Match", "\"3\"").version())
                .as("nothing to change")
                .isEqualTo(3);
        assertThat(api.put(HERE, on, "If-Match", "*").status()).isEqualTo(200);
        assertThat(api.plane.image().provenance().version()).isEqualTo(3);
    }

    @Test
    void aDryRunChangesNothingAndSaysWhatWould() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        Answer rehearsed = api.put(
                HERE + "?dryRun=true",
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
                        + "'fallThrough':{'variant':'on'}},'reason':'r'}",
                "If-Match",
                "\"2\"");
        assertThat(rehearsed.status()).isEqualTo(200);
        assertThat(rehearsed.text("changes.0.subject")).isEqualTo("production/flag/new-checkout");
        assertThat(rehearsed.text("changes.0.before.on")).isEqualTo("false");
        assertThat(rehearsed.text("changes.0.after.on")).isEqualTo("true");
        assertThat(api.get(HERE).text("configuration.on")).isEqualTo("false");
    }

    @Test
    void aRepeatIsNotCarriedOutAgain() {
        Answer first = api.post("/api/v1/flags", NEW_CHECKOUT, "Idempotency-Key", "k1");
        Answer again = api.post("/api/v1/flags", NEW_CHECKOUT, "Idempotency-Key", "k1");
        assertThat(first.status()).isEqualTo(201);
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).isEqualTo("{\"repeated\":true,\"version\":2}");
        Answer other = api.post("/api/v1/flags", NEW_CHECKOUT.replace("shop", "x"), "Idempotency-Key", "k1");
        assertThat(other.status()).isEqualTo(422);
        assertThat(api.post("/api/v1/flags", NEW_CHECKOUT, "Idempotency-Key", "a b")
                        .status())
                .isEqualTo(400);
    }

    @Test
    void editingKeepsTheKeyAndTheType() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        String path = "/api/v1/flags/new-checkout";
        assertThat(api.put(path, "{'flag':{'key':'other','type':'boolean','owner':'o'},'reason':'r'}", "If-Match", "*")
                        .text("field"))
                .isEqualTo("flag.key");
        assertThat(api.put(
                                path,
                                "{'flag':{'key':'new-checkout','type':'string','owner':'o'},'reason':'r'}",
                                "If-Match",
                                "*")
                        .status())
                .isEqualTo(400);
        Answer edited = api.put(
                path,
                "{'flag':{'key':'new-checkout','type':'boolean','owner':'o','tags':['b','a']},'reason':'r'}",
                "If-Match",
                "\"2\"");
        assertThat(edited.text("flag.tags")).isEqualTo("[\"a\",\"b\"]");
    }

    @Test
    void archivingIsForEver() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        assertThat(api.delete("/api/v1/flags/new-checkout").text("field")).isEqualTo("query.reason");
        Answer archived = api.delete("/api/v1/flags/new-checkout?reason=done");
        assertThat(archived.status()).as(archived.body()).isEqualTo(200);
        assertThat(archived.text("flag.archived")).isEqualTo("true");
        assertThat(api.get("/api/v1/flags/new-checkout").status()).isEqualTo(404);
        assertThat(api.get(HERE).status()).isEqualTo(404);
        assertThat(api.post("/api/v1/flags", NEW_CHECKOUT).text("value")).contains("archived");
        assertThat(api.get("/api/v1/flags").text("items")).isEqualTo("[]");
    }

    @Test
    void listsComeInPages() {
        for (int i = 0; i < 5; i++) {
            api.post("/api/v1/flags", "{'flag':{'key':'f" + i + "','type':'boolean','owner':'o'},'reason':'r'}");
        }
        List<String> keys = new ArrayList<>();
        String after = "";
        for (int page = 0; page < 3; page++) {
            Answer answer = api.get("/api/v1/flags?limit=2" + after);
            answer.at("items");
            for (int i = 0; i < (page < 2 ? 2 : 1); i++) {
                keys.add(answer.text("items." + i + ".key"));
            }
            assertThat(answer.body().contains("\"next\"")).isEqualTo(page < 2);
            after = page < 2 ? "&after=" + answer.text("next") : "";
        }
        assertThat(keys).containsExactly("f0", "f1", "f2", "f3", "f4");
        assertThat(api.get("/api/v1/flags?limit=0").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/flags?limit=1001").status()).isEqualTo(400);
        assertThat(api.get("/api/v1/flags?limit=x").text("field")).isEqualTo("query.limit");
    }

    @Test
    void ofManyOperatorsAtOnceEachChangesOnlyWhatItHasSeen() throws Exception {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        int operators = 8;
        int won = 0;
        try (ExecutorService pool = Executors.newFixedThreadPool(operators)) {
            CyclicBarrier start = new CyclicBarrier(operators);
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < operators; i++) {
                String description = "by " + i;
                answers.add(pool.submit(() -> {
                    Answer seen = api.get("/api/v1/flags/new-checkout");
                    start.await();
                    return api.put(
                                    "/api/v1/flags/new-checkout",
                                    "{'flag':{'key':'new-checkout','type':'boolean','owner':'o','description':'"
                                            + description + "'},'reason':'r'}",
                                    "If-Match",
                                    "\"" + seen.version() + "\"")
                            .status();
                }));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isIn(200, 412);
                won += answer.get() == 200 ? 1 : 0;
            }
        }
        assertThat(won).isEqualTo(1);
        assertThat(api.plane.image().provenance().version()).isEqualTo(3);
    }

    @Test
    void withoutTheLedgerReadsWorkAndWritesSaySo() {
        api.post("/api/v1/flags", NEW_CHECKOUT);
        api.plane.cutOff();
        Answer refused = api.post("/api/v1/flags", NEW_CHECKOUT.replace("new-checkout", "other"));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.text("code")).isEqualTo("store-unavailable");
        assertThat(refused.text("next")).contains("Kills work");
        assertThat(api.get("/api/v1/flags/new-checkout").status()).isEqualTo(200);
        assertThat(api.get("/api/v1/log").status()).isEqualTo(503);
        assertThat(api.post("/api/v1/flags?dryRun=true", NEW_CHECKOUT.replace("new-checkout", "other"))
                        .status())
                .isEqualTo(200);
    }
}
