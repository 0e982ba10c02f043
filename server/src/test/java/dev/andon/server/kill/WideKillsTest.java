package dev.andon.server.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.server.ApiClient;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ServerFixture;
import dev.andon.server.StreamClient;
import dev.andon.server.node.FaultyStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills that are aimed at more than one flag, over the API and the stream; and what keeps them from being accidents. */
class WideKillsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String PRODUCTION = "/api/v1/environments/production";

    @TempDir
    private Path folder;

    private ServerFixture server;
    private ApiClient api;

    @BeforeEach
    void start() throws IOException {
        server = new ServerFixture(folder).start();
        connect();
        flag("pay", "release", "payments", "'vendor:stripe'");
        flag("refund", "ops", "payments", "'vendor:stripe','gdpr'");
        flag("search", "experiment", "search team", "");
        on("refund");
        Answer required = configure(
                "search",
                "'prerequisites':[{'flag':'refund','variants':['on']}],'rules':[],'fallThrough':{'variant':'on'}");
        assertThat(required.status()).as(required.body()).isEqualTo(200);
    }

    private void connect() throws IOException {
        api = new ApiClient(
                server.uri(), Files.readString(server.server().adminTokenFile()).strip());
    }

    @AfterEach
    void close() {
        api.close();
        server.close();
    }

    private void flag(String key, String kind, String owner, String tags) {
        Answer created = api.post(
                "/api/v1/flags",
                "{'flag':{'key':'" + key + "','kind':'" + kind + "','type':'boolean','owner':'" + owner + "','tags':["
                        + tags + "]},'reason':'r'}");
        assertThat(created.status()).as(created.body()).isEqualTo(201);
    }

    private void on(String flag) {
        assertThat(configure(flag, "'rules':[],'fallThrough':{'variant':'on'}").status())
                .isEqualTo(200);
    }

    private Answer configure(String flag, String more) {
        return api.put(
                PRODUCTION + "/flags/" + flag,
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true," + more
                        + "},'reason':'r'}",
                "If-Match",
                "*");
    }

    private static String body(String target, String more) {
        return "{'target':" + target + "," + more + "'reason':'it misbehaves'}";
    }

    private Answer rehearse(String target) {
        Answer answer = api.post(PRODUCTION + "/kills?dryRun=true", body(target, ""));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer;
    }

    private Answer kill(String target, String token) {
        return api.post(PRODUCTION + "/kills", body(target, "'confirm':'" + token + "',"));
    }

    private Answer kill(String target) {
        Answer answer = kill(target, rehearse(target).text("result.confirmation.token"));
        assertThat(answer.status()).as(answer.body()).isEqualTo(201);
        return answer;
    }

    private Answer restore(String subject) {
        return api.post(PRODUCTION + "/restores", "{" + subject + ",'reason':'mended'}");
    }

    private long version() {
        return server.server().controlPlane().image().provenance().version();
    }

    private List<String> standing() {
        return server.server().controlPlane().kills().standing("production").stream()
                .map(kill -> kill.signed().kill().target().label())
                .toList();
    }

    private static String reason(StreamClient client, String flag) {
        return Ruleset.of(client.state().image(), "production")
                .withKills(client.state().carried())
                .evaluate(flag, Context.EMPTY)
                .reason()
                .name();
    }

    @Test
    void everyTargetStopsWhatItMatchesOnConnectedInstancesAndSettles() {
        StreamClient client = server.client("shop", "shop-1");
        await().atMost(PATIENCE).until(() -> client.state().hasImage());
        for (List<String> one : List.of(
                List.of("{'tag':'vendor:stripe'}", "tag:vendor:stripe", "[\"pay\",\"refund\"]"),
                List.of("{'owner':'search team'}", "owner:search team", "[\"search\"]"),
                List.of("{'kind':'ops'}", "kind:ops", "[\"refund\"]"),
                List.of("{'everything':true}", "everything", "[\"pay\",\"refund\",\"search\"]"))) {
            Answer kill = kill(one.get(0));
            assertThat(kill.text("target")).isEqualTo(one.get(1));
            assertThat(kill.text("flags")).isEqualTo(one.get(2));
            KillId id = KillId.parse("id", kill.text("id"));
            await().atMost(PATIENCE).until(() -> client.obeys(id));
            await().atMost(PATIENCE)
                    .until(() -> api.get("/api/v1/kills/" + id).text("ledger").equals("settled"));
            Answer restored = restore("'target':" + one.get(0));
            assertThat(restored.status()).as(restored.body()).isEqualTo(201);
            assertThat(restored.text("flags")).isEqualTo(one.get(2));
            assertThat(api.get("/api/v1/kills/" + id).text("flags")).isEqualTo(one.get(2));
        }
        assertThat(standing()).isEmpty();
    }

    @Test
    void aFlagThatIsCreatedUnderAKillOfEverythingIsStoppedFromBirth() {
        StreamClient client = server.client("shop", "shop-1");
        kill("{'everything':true}");
        flag("new", "release", "x", "");
        on("new");
        await().atMost(PATIENCE).until(() -> client.state().image().flags().containsKey("new"));
        assertThat(reason(client, "new")).isEqualTo("KILLED");
        assertThat(api.get(PRODUCTION + "/flags/new").text("kills")).isNotEqualTo("[]");
    }

    @Test
    void whatATagMatchedStaysStoppedWhenItLosesTheTagAndTheKillHoldsAfterARestart() throws IOException {
        Answer kill = kill("{'tag':'vendor:stripe'}");
        Answer edited = api.put(
                "/api/v1/flags/pay",
                "{'flag':{'key':'pay','type':'boolean','owner':'payments'},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(edited.status()).as(edited.body()).isEqualTo(200);
        assertThat(api.get("/api/v1/kills/" + kill.text("id")).text("flags")).isEqualTo("[\"pay\",\"refund\"]");

        api.close();
        server.restart(FaultyStore.Mode.WORKING);
        connect();

        assertThat(api.get("/api/v1/kills/" + kill.text("id")).text("flags")).isEqualTo("[\"pay\",\"refund\"]");
        StreamClient client = server.client("shop", "shop-1");
        await().atMost(PATIENCE).until(() -> client.state().hasImage());
        assertThat(reason(client, "pay")).isEqualTo("KILLED");
        assertThat(reason(client, "search")).isEqualTo("PREREQUISITE");
    }

    @Test
    void aWiderTargetIsRefusedWithoutTheTokenOfItsDryRun() {
        long before = version();
        String other = rehearse("{'kind':'ops'}").text("result.confirmation.token");
        Answer none = api.post(PRODUCTION + "/kills", body("{'tag':'vendor:stripe'}", ""));
        assertThat(none.status()).isEqualTo(409);
        assertThat(none.text("code")).isEqualTo("unconfirmed");
        assertThat(none.text("field")).isEqualTo("confirm");
        assertThat(none.text("expected")).isEqualTo("the token of a dry run of this kill, which shows 2 flags");
        assertThat(kill("{'tag':'vendor:stripe'}", other).text("value")).isEqualTo("the token of another kill");
        for (String forged : List.of("x", "x.y", other + "x", "..", other.replaceFirst("^.{20}", "A".repeat(20)))) {
            Answer refused = kill("{'kind':'ops'}", forged);
            assertThat(refused.status()).as(forged).isEqualTo(409);
            assertThat(refused.text("value")).isEqualTo("a token that no node of this ledger has signed");
        }
        assertThat(standing()).isEmpty();
        assertThat(version()).isEqualTo(before);
    }

    @Test
    void aTokenHoldsWhileTheNumberIsWithinATenth() {
        for (int i = 0; i < 18; i++) {
            flag("p" + i, "release", "o", "'vendor:stripe'");
        }
        String token = rehearse("{'tag':'vendor:stripe'}").text("result.confirmation.token");
        for (int i = 18; i < 21; i++) {
            flag("p" + i, "release", "o", "'vendor:stripe'");
        }
        Answer refused = kill("{'tag':'vendor:stripe'}", token);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("value")).isEqualTo("a token for 20 flags");
        assertThat(refused.text("expected")).startsWith("one for 23, give or take 10 %");
        api.delete("/api/v1/flags/p20?reason=r");
        assertThat(kill("{'tag':'vendor:stripe'}", token).status()).isEqualTo(201);
    }

    @Test
    void aRepeatIsNoSecondKillAndNeedsNoToken() {
        Answer first = kill("{'tag':'vendor:stripe'}");
        flag("joined", "release", "o", "'vendor:stripe'");
        Answer again = api.post(PRODUCTION + "/kills", body("{'tag':'vendor:stripe'}", ""));
        assertThat(again.status()).as(again.body()).isEqualTo(200);
        assertThat(again.text("id")).isEqualTo(first.text("id"));
        assertThat(again.text("repeated")).isEqualTo("true");
        assertThat(again.text("flagCount")).isEqualTo("3");
        assertThat(rehearse("{'tag':'vendor:stripe'}").text("result.already")).isEqualTo(first.text("id"));
        assertThat(standing()).hasSize(1);
    }

    @Test
    void aTokenSurvivesARestartAlsoWithoutTheStore() throws IOException {
        String token = rehearse("{'tag':'vendor:stripe'}").text("result.confirmation.token");
        api.close();
        server.restart(FaultyStore.Mode.REFUSING);
        connect();
        Answer kill = kill("{'tag':'vendor:stripe'}", token);
        assertThat(kill.status()).as(kill.body()).isEqualTo(201);
        assertThat(kill.text("ledger")).isEqualTo("pending");
        await().atMost(PATIENCE)
                .until(() -> api.get("/api/v1/kills/" + kill.text("id"))
                        .text("durable")
                        .equals("true"));
    }

    @Test
    void nothingBeforeTheBroadcastTouchesTheStore() {
        StreamClient client = server.client("shop", "shop-1");
        await().atMost(PATIENCE).until(() -> client.state().hasImage());
        server.store().mode(FaultyStore.Mode.HANGING);
        Answer kill = kill("{'everything':true}");
        KillId id = KillId.parse("id", kill.text("id"));
        await().atMost(PATIENCE).until(() -> client.obeys(id));
        assertThat(reason(client, "pay")).isEqualTo("KILLED");
        server.store().mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE)
                .until(() -> api.get("/api/v1/kills/" + id).text("ledger").equals("settled"));
    }

    @Test
    void whatMatchesNothingIsRefusedWithWhatWasProbablyMeant() {
        long before = version();
        for (List<String> one : List.of(
                List.of("{'flag':'pai'}", "target.flag", "Did you mean pay?"),
                List.of("{'tag':'vendor:strip'}", "target.tag", "Did you mean vendor:stripe?"),
                List.of("{'owner':'payment'}", "target.owner", "Did you mean payments?"))) {
            Answer refused = api.post(PRODUCTION + "/kills", body(one.get(0), ""));
            assertThat(refused.status()).as(refused.body()).isEqualTo(404);
            assertThat(refused.text("field")).isEqualTo(one.get(1));
            assertThat(refused.text("next")).isEqualTo(one.get(2));
            assertThat(api.post(PRODUCTION + "/kills?dryRun=true", body(one.get(0), ""))
                            .status())
                    .isEqualTo(404);
        }
        Answer kind = api.post(PRODUCTION + "/kills", body("{'kind':'permission'}", ""));
        assertThat(kind.text("expected"))
                .isEqualTo("a kind that flags of environment production have: experiment, ops, release");
        Answer nowhere = api.post("/api/v1/environments/produktion/kills", body("{'flag':'pay'}", ""));
        assertThat(nowhere.text("next")).isEqualTo("Did you mean production?");
        api.post("/api/v1/environments", "{'key':'empty','reason':'r'}");
        Answer empty = api.post("/api/v1/environments/empty/kills", body("{'everything':true}", ""));
        assertThat(empty.status()).isEqualTo(404);
        assertThat(empty.text("expected")).isEqualTo("an environment with flags; empty has none");
        for (String none : List.of("{}", "{'flag':'pay','tag':'x'}", "{'everything':false}", "{'kind':'nonsense'}")) {
            assertThat(api.post(PRODUCTION + "/kills", body(none, "")).status())
                    .as(none)
                    .isEqualTo(400);
        }
        assertThat(version()).isEqualTo(before + 1);
        assertThat(standing()).isEmpty();
    }

    @Test
    void audiencesAreInlinedAndThoseThatCannotBeExpressedAreRefused() {
        api.put(
                PRODUCTION + "/segments/staff",
                "{'segment':{'key':'staff','when':{'attribute':'mail','endsWith':['@x']}},'reason':'r'}");
        Answer refused = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", "'audience':{'segment':'staf'},"));
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.text("next")).isEqualTo("Did you mean staff?");
        String deep = "{'not':".repeat(70) + "{'segment':'staff'}" + "}".repeat(70);
        Answer tooDeep = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", "'audience':" + deep + ","));
        assertThat(tooDeep.status()).isEqualTo(400);
        String many = ("'" + "v".repeat(100) + "',").repeat(5_000) + "'last'";
        Answer tooLong = api.post(
                PRODUCTION + "/kills", body("{'flag':'pay'}", "'audience':{'attribute':'a','in':[" + many + "]},"));
        assertThat(tooLong.status()).isEqualTo(400);
        assertThat(tooLong.text("field")).isEqualTo("audience");
        assertThat(tooLong.text("expected")).contains("stop a wider audience");
        assertThat(standing()).isEmpty();

        Answer kill = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", "'audience':{'segment':'staff'},"));
        assertThat(kill.status()).as(kill.body()).isEqualTo(201);
        assertThat(kill.text("audience")).isEqualTo("{\"attribute\":\"mail\",\"endsWith\":[\"@x\"]}");
    }

    @Test
    void restoringAFlagNeverReleasesAWiderKill() {
        Answer wide = kill("{'tag':'vendor:stripe'}");
        Answer refused = restore("'flag':'pay'");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("code")).isEqualTo("stopped");
        assertThat(refused.text("value"))
                .isEqualTo("pay, which kill " + wide.text("id") + " of tag:vendor:stripe holds");
        assertThat(refused.text("expected")).contains("restore tag:vendor:stripe or kill " + wide.text("id"));

        Answer own = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", ""));
        assertThat(own.status()).as(own.body()).isEqualTo(201);
        Answer released = restore("'flag':'pay'");
        assertThat(released.status()).as(released.body()).isEqualTo(201);
        assertThat(released.text("released.0.id")).isEqualTo(own.text("id"));
        assertThat(released.text("stillStopped.0.id")).isEqualTo(wide.text("id"));
        assertThat(released.text("stillStopped.0.flags")).isEqualTo("[\"pay\"]");
        assertThat(standing()).containsExactly("tag:vendor:stripe");

        assertThat(restore("'kill':'" + wide.text("id") + "'").status()).isEqualTo(201);
        assertThat(standing()).isEmpty();
    }

    @Test
    void aRestoreSaysWhatACascadeStillStops() {
        api.post(PRODUCTION + "/kills", body("{'flag':'search'}", ""));
        Answer parent = api.post(PRODUCTION + "/kills", body("{'flag':'refund'}", ""));
        Answer released = restore("'flag':'search'");
        assertThat(released.status()).as(released.body()).isEqualTo(201);
        assertThat(released.text("stillStopped")).isEqualTo("[]");
        assertThat(released.text("cascade.0.flag")).isEqualTo("search");
        assertThat(released.text("cascade.0.requires")).isEqualTo("refund");
        assertThat(released.text("cascade.0.kill")).isEqualTo(parent.text("id"));

        Answer again = restore("'flag':'search'");
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.text("expected"))
                .contains("one of refund")
                .contains("it requires refund, which kill " + parent.text("id") + " holds");
    }

    @Test
    void whatDoesNotStandCannotBeRestored() {
        kill("{'tag':'vendor:stripe'}");
        Answer typo = restore("'target':{'tag':'vendor:strip'}");
        assertThat(typo.status()).isEqualTo(404);
        assertThat(typo.text("next")).isEqualTo("Did you mean tag:vendor:stripe?");
        assertThat(restore("'flag':'pay','kill':'0a1b2c3d-1'").status()).isEqualTo(400);
        assertThat(restore("'kill':'0a1b2c3d-1'").status()).isEqualTo(404);
        assertThat(api.post(PRODUCTION + "/restores", "{'reason':'r'}").status())
                .isEqualTo(400);
        assertThat(standing()).hasSize(1);
    }

    @Test
    void aNodeThatIsCutOffTakesWhatItDoesNotKnowOnlyWithAConfirmation() {
        server.store().mode(FaultyStore.Mode.REFUSING);
        // An idle node asks nothing of its store.
        assertThat(configure("pay", "'rules':[],'fallThrough':{'variant':'on'}").status())
                .isEqualTo(503);
        assertThat(server.server().controlPlane().store().writable()).isFalse();
        Answer refused = api.post(PRODUCTION + "/kills", body("{'flag':'pai'}", ""));
        assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        assertThat(refused.text("code")).isEqualTo("unconfirmed");
        assertThat(refused.text("expected")).contains("such as pay").contains("this node is cut off since");
        assertThat(refused.text("next")).isEqualTo("Did you mean pay?");
        Answer rehearsed = rehearse("{'flag':'pai'}");
        assertThat(rehearsed.text("result.known")).isEqualTo("false");
        assertThat(rehearsed.text("result.flagCount")).isEqualTo("0");
        assertThat(rehearsed.text("result.restorable")).isEqualTo("false");
        assertThat(rehearsed.text("result.cutOffSince")).isNotEmpty();
        Answer kill = kill("{'flag':'pai'}", rehearsed.text("result.confirmation.token"));
        assertThat(kill.status()).as(kill.body()).isEqualTo(201);
        assertThat(kill.text("flags")).isEqualTo("[\"pai\"]");
        Answer known = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", ""));
        assertThat(known.status()).as(known.body()).isEqualTo(201);

        server.store().mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE)
                .until(() -> api.get("/api/v1/kills/" + kill.text("id"))
                        .text("ledger")
                        .equals("settled"));
        flag("pai", "release", "o", "");
        assertThat(api.get(PRODUCTION + "/flags/pai").text("kills")).isEqualTo("[\"" + kill.text("id") + "\"]");
    }

    @Test
    void aDryRunSaysTrafficOwnersInstancesAndWhenTheWayWasLastGone() throws IOException {
        StreamClient shop = server.client("shop", "shop-1");
        StreamClient cart = server.client("cart", "cart-1");
        await().atMost(PATIENCE)
                .until(() -> shop.state().hasImage() && cart.state().hasImage());
        shop.send(new Frame.Report(
                List.of(new Frame.Exposures(
                        shop.state().image().provenance().version(),
                        List.of(),
                        Map.of("pay", Map.of("on", 60L, "off", 20L), "search", Map.of("on", 20L)))),
                Map.of()));
        await().atMost(PATIENCE)
                .until(() -> !rehearse("{'tag':'vendor:stripe'}")
                        .text("result.traffic.evaluations")
                        .equals("0"));
        Answer first = rehearse("{'tag':'vendor:stripe'}");
        assertThat(first.text("result.traffic.evaluations"))
                .as("search requires refund")
                .isEqualTo("100");
        assertThat(first.text("result.traffic.busiest.0.flag")).isEqualTo("pay");
        assertThat(first.text("result.traffic.busiest.0.variants.1.share")).isEqualTo("0.75");
        assertThat(first.text("result.dependents")).isEqualTo("[\"search\"]");
        assertThat(first.text("result.cascade.0.requires")).isEqualTo("[\"refund\"]");
        assertThat(first.text("result.owners.0.owner")).isEqualTo("payments");
        assertThat(first.text("result.owners.0.flags")).isEqualTo("2");
        assertThat(first.text("result.instances")).isEqualTo("2");
        assertThat(first.text("result.byService.1.evaluations")).isEqualTo("100");
        assertThat(first.text("result.exercise.neverCount")).isEqualTo("2");
        assertThat(first.text("result.exercise.bySdk.0.sdk")).isEqualTo("test/1");
        Answer one =
                api.post(PRODUCTION + "/kills?dryRun=true", body("{'tag':'vendor:stripe'}", "'services':['cart'],"));
        assertThat(one.text("result.services")).isEqualTo("[\"cart\"]");
        assertThat(one.text("result.traffic.evaluations")).isEqualTo("0");

        Answer kill = kill("{'tag':'vendor:stripe'}");
        await().atMost(PATIENCE)
                .until(() -> rehearse("{'tag':'vendor:stripe'}")
                        .text("result.exercise.neverCount")
                        .equals("0"));
        await().atMost(PATIENCE).until(() -> rehearse("{'flag':'pay'}").body().contains("\"verdict\":\"proven\""));
        Answer after = rehearse("{'flag':'pay'}");
        assertThat(after.text("result.standing.0.id")).isEqualTo(kill.text("id"));
        assertThat(after.text("result.exercise.bySdk.0.newest.kill")).isEqualTo(kill.text("id"));
        assertThat(after.text("result.exercise.bySdk.0.newest.applied")).isEqualTo("2");
        assertThat(after.text("result.confirmation.required")).isEqualTo("false");

        api.close();
        server.restart(FaultyStore.Mode.WORKING);
        connect();
        assertThat(rehearse("{'flag':'refund'}").text("result.exercise.neverCount"))
                .isEqualTo("0");
        assertThat(rehearse("{'flag':'search'}").text("result.exercise.neverCount"))
                .isEqualTo("1");
    }

    @Test
    void aFlagWithMuchOfTheTrafficTakesAConfirmationIfThatIsConfigured() throws IOException {
        api.close();
        server.close();
        server = new ServerFixture(folder)
                .with(config -> config.withConfirmShare(0.5))
                .start();
        connect();
        StreamClient shop = server.client("shop", "shop-1");
        await().atMost(PATIENCE).until(() -> shop.state().hasImage());
        assertThat(api.post(PRODUCTION + "/kills", body("{'flag':'search'}", ""))
                        .status())
                .as("nothing is evaluated")
                .isEqualTo(201);
        shop.send(new Frame.Report(
                List.of(new Frame.Exposures(
                        1, List.of(), Map.of("pay", Map.of("on", 60L), "refund", Map.of("on", 40L)))),
                Map.of()));
        await().atMost(PATIENCE)
                .until(() ->
                        rehearse("{'flag':'pay'}").text("result.traffic.share").equals("0.6"));
        Answer refused = api.post(PRODUCTION + "/kills", body("{'flag':'pay'}", ""));
        assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        assertThat(refused.text("code")).isEqualTo("unconfirmed");
        assertThat(api.post(PRODUCTION + "/kills", body("{'flag':'refund'}", ""))
                        .status())
                .isEqualTo(201);
        assertThat(kill("{'flag':'pay'}").status()).isEqualTo(201);
    }
}
