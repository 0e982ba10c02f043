package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.image.Image;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.server.HandMadeRelay.Token;
import dev.andon.server.node.AndonNode;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Peering;
import dev.andon.server.node.SharedPresence.Side;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a relay may say, and for how long: one whose token was revoked, one that speaks for others, one that says much. */
final class HostileRelayTest {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private FlagdFixture above;
    private ApiClient api;
    private Token eu;
    private Token us;

    @BeforeEach
    void start() throws Exception {
        above = keep(new FlagdFixture(folder));
        api = above.api;
        eu = Token.issued(api, "eu");
        us = Token.issued(api, "us");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }

    private ControlPlane plane() {
        return above.server.server().controlPlane();
    }

    private Image image() {
        return plane().image();
    }

    private HandMadeRelay relay(String id) throws Exception {
        return keep(new HandMadeRelay(id));
    }

    private HandMadeRelay joined(String id, Token token) throws Exception {
        HandMadeRelay relay = relay(id);
        done(relay.joins(api, token));
        return relay;
    }

    private HandMadeRelay linked(HandMadeRelay relay, Token token) {
        relay.links(above.server.uri(), plane(), token);
        await().atMost(PATIENCE).until(relay::linked);
        return relay;
    }

    private static void done(ApiClient.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private void refused(ApiClient.Answer answer, String why) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(409);
        assertThat(answer.text("detail")).contains(why);
    }

    private void revoke(Token token) {
        done(api.delete("/api/v1/tokens/" + token.id() + "?reason=r"));
    }

    private boolean stands(SignedKill kill) {
        return plane().kills().standing("production").stream()
                .anyMatch(standing -> standing.id().equals(kill.id()));
    }

    /** By an application, which may be anybody's. */
    private void carry(SignedKill... kills) {
        StreamClient client = keep(StreamClient.silent(
                above.server.uri(),
                above.server.key(),
                "shop",
                "i" + open.size(),
                dev.andon.core.stream.HeldState.EMPTY));
        client.send(new Frame.Hello(
                Frame.PROTOCOL,
                "test/1",
                "shop",
                "i" + open.size(),
                Optional.empty(),
                Optional.empty(),
                List.of(kills)));
    }

    @Test
    void whatARelaySignsCountsUntilItsTokenIsRevoked() throws Exception {
        HandMadeRelay revoked = linked(joined("r1", eu), eu);
        HandMadeRelay other = joined("r2", us);
        SignedKill before = revoked.kill("bool");
        revoked.carries(before);
        await().atMost(PATIENCE).until(() -> image().marks().covers(before.id()));

        revoke(eu);
        await().atMost(PATIENCE).until(() -> !revoked.linked());
        SignedKill late = revoked.kill("text");
        SignedKill good = other.kill("whole");
        carry(late, good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(stands(late)).as("signed after the token was revoked").isFalse();
        assertThat(stands(before)).as("what it stopped before").isTrue();

        ApiClient.Answer health = api.get("/health/ready");
        assertThat(health.text("revokedRelays")).isEqualTo("[\"r1\"]");
        assertThat(health.text("message")).contains("of 1 relays on the list, kills don't count any more");
        ApiClient.Answer nodes = api.get("/api/v1/nodes");
        assertThat(nodes.body())
                .contains("\"token\":\"" + eu.id() + "\",\"believed\":false")
                .contains("token " + eu.id() + ", with which relay r1 joined, was revoked at");
        await().atMost(PATIENCE).until(() -> alarms(eu) == 1);
        assertThat(api.get("/api/v1/log").body())
                .contains("\"relays\":[\"r1\"]")
                .contains("relay.token-revoked")
                .contains("\"kills\":[\"" + before.id() + "\"]");
        done(api.delete("/api/v1/nodes/r1/address?reason=gone"));
        assertThat(api.get("/health/ready").text("revokedRelays")).isEqualTo("[]");
    }

    /** How many there are in the ledger for the secrets of a token. */
    private long alarms(Token token) {
        return image().requests().keySet().stream()
                .filter(name -> name.startsWith("observed/relay-revoked/" + token.id() + "/"))
                .count();
    }

    @Test
    void theAlarmIsRaisedOnceForAllRelaysOfASecretAndForNoneThatIsGoneWithoutAKill() throws Exception {
        HandMadeRelay first = joined("r1", eu);
        joined("r2", eu);
        joined("gone", us);
        SignedKill kill = first.kill("bool");
        carry(kill);
        await().atMost(PATIENCE).until(() -> image().marks().covers(kill.id()));
        done(api.delete("/api/v1/nodes/gone/address?reason=r"));
        done(api.delete("/api/v1/nodes/r1/address?reason=it+still+stops+something"));
        revoke(us);
        revoke(eu);
        await().atMost(PATIENCE).until(() -> alarms(eu) == 1);
        assertThat(alarms(us)).isZero();
        assertThat(api.get("/api/v1/log").body())
                .contains("\"relays\":[\"r1\",\"r2\"]")
                .contains("\"kills\":[\"" + kill.id() + "\"]");
    }

    @Test
    void theAlarmIsRaisedAlsoWhenTheTimeOfAnOldSecretIsOver() throws Exception {
        joined("r1", eu);
        joined("r2", eu);
        api.post("/api/v1/tokens/" + eu.id() + "/rotations", "{'overlapSeconds':2,'reason':'r'}");
        long version = image().provenance().version();
        assertThat(alarms(eu)).as("as long as the old one will do").isZero();
        await().atMost(PATIENCE).until(() -> alarms(eu) == 1);
        assertThat(image().provenance().version()).as("one entry for both").isEqualTo(version + 1);
        revoke(eu);
        await("for another reason").atMost(PATIENCE).until(() -> alarms(eu) == 2);
    }

    @Test
    void killsOfARevokedRelayDontStandBeforeOthers() throws Exception {
        HandMadeRelay revoked = joined("r1", eu);
        HandMadeRelay other = joined("r2", us);
        revoke(eu);
        List<SignedKill> carried = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            carried.add(revoked.kill("text"));
        }
        SignedKill good = other.kill("whole");
        carried.add(good);
        carry(carried.toArray(SignedKill[]::new));
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(plane().kills().standing("production")).hasSize(1);
    }

    @Test
    void aRelayWhoseSecretWasRotatedOutIsBelievedAgainWhenItJoinsWithTheNewOne() throws Exception {
        HandMadeRelay relay = joined("r1", eu);
        HandMadeRelay other = joined("r2", us);
        Token next = eu.rotated(api);
        SignedKill kill = relay.kill("bool");
        SignedKill good = other.kill("whole");
        carry(kill, good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(stands(kill)).isFalse();
        assertThat(relay.joins(api, eu, eu.joining(Optional.empty(), 2)).status())
                .isEqualTo(401);

        done(relay.joins(api, next, next.joining(Optional.empty(), 2)));
        linked(relay, next).carries(kill);
        await().atMost(PATIENCE).until(() -> stands(kill));
    }

    @Test
    void revokingARelaysTokenEndsTheRelaysBelowIt() throws Exception {
        HandMadeRelay top = joined("top", eu);
        HandMadeRelay below = relay("below");
        done(below.joins(api, eu, us.joining(Optional.of("top"), 1)));
        SignedKill before = below.kill("bool");
        carry(before);
        await().atMost(PATIENCE).until(() -> stands(before));
        revoke(eu);
        HandMadeRelay other = joined("other", us);
        SignedKill late = below.kill("text");
        SignedKill good = other.kill("whole");
        carry(late, top.kill("number"), good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(stands(late)).isFalse();
        assertThat(plane().kills().standing("production")).hasSize(2);
        assertThat(api.get("/health/ready").text("revokedRelays")).isEqualTo("[\"below\",\"top\"]");
        // moved, as it is to be when its upstream is closed down
        done(below.joins(api, us, us.joining(Optional.empty(), 2)));
        carry(late);
        await().atMost(PATIENCE).until(() -> stands(late));
    }

    @Test
    void whatARelayCarriesIsNeverBeforeWhatANodeWithTheLedgerDoes() throws Exception {
        HandMadeRelay other = joined("r2", us);
        HandMadeRelay forger = relay("r2");
        Peering peering = ((AndonNode) plane()).peering();
        int frames = 300;
        List<SignedKill> frame = new ArrayList<>();
        for (int i = 0; i < 15; i++) {
            frame.add(forger.kill("bool"));
        }
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < frames; i++) {
            assertThat(peering.adopt(Side.BELOW, frame, forged -> done.incrementAndGet()))
                    .isTrue();
        }
        SignedKill kill = other.kill("text");
        CompletableFuture<Integer> before = new CompletableFuture<>();
        assertThat(peering.adopt(Side.BESIDE, List.of(kill), forged -> before.complete(done.get())))
                .isTrue();
        await().atMost(PATIENCE).until(() -> stands(kill));
        assertThat(before.get()).as("of a relay's, looked at before it").isLessThan(frames / 2);
        await().atMost(PATIENCE).until(() -> done.get() == frames);
    }

    @Test
    void aRelayThatCarriesForgedKillsIsCutOff() throws Exception {
        HandMadeRelay relay = linked(joined("r1", eu), eu);
        HandMadeRelay forger = relay("r1");
        for (int i = 0; i < 15; i++) {
            relay.carries(forger.kill("bool"));
        }
        relay.kills = forger.kills;
        SignedKill good = relay.kill("text");
        relay.carries(good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(relay.ended()).isEmpty();
        forger.kills = relay.kills;
        relay.carries(forger.kill("bool"));
        await().atMost(PATIENCE)
                .untilAsserted(
                        () -> assertThat(relay.ended()).contains("kills: 16 that weren't signed by their nodes"));
    }

    @Test
    void aRelayCantTakeTheNamesOfAnotherNodesKills() throws Exception {
        KillId first = KillId.parse("id", above.kill("bool"));
        await().atMost(PATIENCE).until(() -> image().marks().covers(first));
        HandMadeRelay relay = joined("r1", eu);
        HandMadeRelay other = joined("r2", us);
        relay.journal = first.journal();
        relay.kills = (int) first.number();
        SignedKill next = relay.kill("text");
        relay.journal = other.journal;
        relay.kills = 0;
        SignedKill theirs = relay.kill("number");
        SignedKill good = other.kill("whole");
        carry(next, theirs, good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(good.id()).isEqualTo(theirs.id());
        assertThat(stands(next)).isFalse();
        KillId second = KillId.parse("id", above.kill("text"));
        assertThat(second).isEqualTo(next.id());
        await().atMost(PATIENCE)
                .until(() -> image().marks().covers(second) && image().marks().covers(good.id()));
        assertThat(plane().kills().standing("production"))
                .extracting(standing -> standing.signed().kill().node())
                .containsOnly(plane().node(), "r2");
    }

    @Test
    void whatWasPassedOnWithATokenEndsWithIt() throws Exception {
        HandMadeRelay parent = joined("parent", eu);
        HandMadeRelay made = relay("made-up");
        // whoever has stolen the parent's secret names another token, as every relay can read what it takes
        done(made.joins(api, eu, us.joining(Optional.of("parent"), 1)));
        SignedKill before = made.kill("bool");
        carry(before);
        await().atMost(PATIENCE).until(() -> stands(before));
        revoke(eu);
        Token next = Token.issued(api, "next");
        done(parent.joins(api, next, next.joining(Optional.empty(), 2)));
        SignedKill late = made.kill("text");
        SignedKill good = parent.kill("whole");
        carry(late, good);
        await().atMost(PATIENCE).until(() -> stands(good));
        assertThat(stands(late)).isFalse();
        assertThat(api.get("/health/ready").text("revokedRelays")).isEqualTo("[\"made-up\"]");
    }

    @Test
    void anOldSecretCantHaveARelayJoinWithTheNewOne() throws Exception {
        HandMadeRelay parent = joined("parent", us);
        Token next = new Token(
                us.id(),
                api.post("/api/v1/tokens/" + us.id() + "/rotations", "{'overlapSeconds':600,'reason':'r'}")
                        .text("secret"));
        done(parent.joins(api, next, next.joining(Optional.empty(), 2)));
        refused(
                relay("made-up").joins(api, us, next.joining(Optional.of("parent"), 1)),
                "joining.secret: another one of token " + us.id() + " (expected: the one that is shown)");
    }

    @Test
    void nobodyHasARelayJoinThatIsntTheirs() throws Exception {
        HandMadeRelay mine = joined("mine", eu);
        HandMadeRelay theirs = joined("theirs", us);
        String ledger = HandMadeRelay.ledger(api);
        ApiClient.Answer forged = api.put(
                "/api/v1/relay/nodes/theirs",
                theirs.request(ledger, eu.joining(Optional.of("mine"), 2))
                        .replaceAll("\"signature\":\"[^\"]*\"", "\"signature\":\"" + mine.sign("x") + "\""),
                "Authorization",
                eu.bearer());
        assertThat(forged.status()).isEqualTo(400);
        assertThat(forged.text("detail")).contains("signature: not that of relay theirs");
        refused(
                theirs.joins(api, eu, us.joining(Optional.empty(), 2)),
                "joining.token: " + us.id() + " (expected: " + eu.id() + ", the token that is shown)");
        refused(
                mine.joins(api, eu, eu.joining(Optional.of("theirs"), 2)),
                "joining.parent: theirs (expected: a relay that joined with token " + eu.id());
        refused(
                mine.joins(api, eu, eu.joining(Optional.of("nobody"), 2)),
                "joining.parent: nobody (expected: a relay that joined with token");
        refused(mine.joins(api, eu, eu.joining(Optional.of("mine"), 2)), "a relay that isn't itself below mine");
        String node = plane().node();
        HandMadeRelay posing = relay(node);
        refused(posing.joins(api, eu), "node: " + node + " (expected: a relay with the key that the ledger knows");
        refused(relay("mine").joins(api, eu, eu.joining(Optional.empty(), 9)), "node: mine (expected: a relay with");
    }

    @Test
    void oneTokensRelaysAreOnlySoManyAndThoseThatArentBelievedDontCount() throws Exception {
        joined("gone", eu);
        HandMadeRelay first = joined("eu-1", eu);
        for (int i = 2; i < 50; i++) {
            joined("eu-" + i, eu);
        }
        HandMadeRelay more = relay("more");
        refused(more.joins(api, eu), "node: more, one more than 50 relays of token " + eu.id() + " (expected: fewer;");
        HandMadeRelay named = relay("named");
        Node.Joining another = us.joining(Optional.of("eu-1"), 1);
        assertThat(named.joins(api, eu, another).text("detail"))
                .as("in another token's name")
                .contains("one more than 50 relays of token " + eu.id());
        joined("us-1", us);
        done(first.joins(api, eu, eu.joining(Optional.empty(), 2)));
        done(api.delete("/api/v1/nodes/gone/address?reason=r"));
        done(more.joins(api, eu));
        Token next = eu.rotated(api);
        for (int i = 1; i <= 50; i++) {
            HandMadeRelay after = relay("after-" + i);
            await().until(() -> after.joins(api, next).status() == 200);
        }
        await("who is on the list stays")
                .until(() -> first.joins(api, next, next.joining(Optional.empty(), 3))
                                .status()
                        == 200);
    }

    @Test
    void whatIsSaidToHavePassedAJoiningOnIsWorthNothingByItself() throws Exception {
        Node.Shown madeUp = new Node.Shown("x1", "0".repeat(64));
        Node.Shown theirs =
                new Node.Shown(us.id(), us.joining(Optional.empty(), 1).secret());
        HandMadeRelay own = relay("own");
        done(own.joins(api, eu, eu.joining(Optional.empty(), 1).via(madeUp).via(theirs)));
        assertThat(joining("own").via()).isEmpty();
        assertThat(joining("own").broughtInBy()).isEqualTo(eu.id());

        HandMadeRelay named = relay("named");
        Node.Joining another = us.joining(Optional.of("own"), 1);
        refused(named.joins(api, eu, another.via(madeUp)), "joining: token x1, with which relay named joined, isn't");
        Node.Shown shown = new Node.Shown(eu.id(), joining("own").secret());
        done(named.joins(api, eu, another.via(shown).via(theirs)));
        assertThat(joining("named").via()).containsExactly(theirs, shown);
        assertThat(joining("named").broughtInBy()).isEqualTo(eu.id());
    }

    private Node.Joining joining(String relay) {
        return image().nodes().get(relay).value().joining().orElseThrow();
    }

    @Test
    void aTokenHasRelaysJoinOnlySoOften() throws Exception {
        HandMadeRelay relay = joined("r1", eu);
        boolean refused = false;
        for (int i = 2; i < 200 && !refused; i++) {
            refused = relay.joins(api, eu, eu.joining(Optional.empty(), i)).status() == 429;
        }
        assertThat(refused).isTrue();
        joined("r2", us);
    }

    @Test
    void aJoiningThatWasSaidBeforeCantBeShownAgain() throws Exception {
        HandMadeRelay relay = joined("r1", eu);
        done(relay.joins(api, us, us.joining(Optional.empty(), 2)));
        refused(relay.joins(api, eu, eu.joining(Optional.empty(), 1)), "joining.number: 1 (expected: more than 2");
        done(relay.joins(api, us, us.joining(Optional.empty(), 2)));
        assertThat(image().nodes().get("r1").value().joining())
                .map(Node.Joining::token)
                .contains(us.id());
    }

    @Test
    void aRelayLinksOnlyWithTheTokenThatItHasJoinedWith() throws Exception {
        HandMadeRelay relay = joined("r1", eu);
        relay.links(above.server.uri(), plane(), us);
        await().atMost(PATIENCE).until(() -> relay.ended().contains("unauthorized"));
        assertThat(relay.linked()).isFalse();
    }

    private static Json client(String instance) {
        return Json.object()
                .put("environment", "production")
                .put("service", "shop")
                .put("instance", instance)
                .put("sdk", "java/1")
                .put("protocol", "andon")
                .put("state", "connected")
                .put("coming", 1)
                .put("missing", 0)
                .build();
    }

    @Test
    void aRelayTellsOnlyOfItselfAndOfThoseBelowIt() throws Exception {
        HandMadeRelay left = linked(joined("left", eu), eu);
        HandMadeRelay right = linked(joined("right", us), us);
        HandMadeRelay below = relay("below");
        done(below.joins(api, us, us.joining(Optional.of("right"), 1)));
        String kill = above.kill("bool");
        left.tellsOf(Optional.of("below"), client("made-up"));
        left.tellsOf(Optional.of("right"), client("made-up"));
        left.tellsOf(Optional.of(plane().node()), client("made-up"));
        left.tellsOf(Optional.empty(), client("at-left"));
        await().atMost(PATIENCE)
                .until(() -> receipt(kill).text("receipt.missingNodes").equals("[\"below\",\"right\"]"));
        right.tellsOf(Optional.of("below"), client("at-below"));
        right.tellsOf(Optional.empty());
        await().atMost(PATIENCE)
                .until(() -> receipt(kill).text("receipt.missingNodes").equals("[]"));
        assertThat(api.get("/api/v1/nodes").body())
                .contains("\"via\":\"right\"")
                .contains("\"via\":\"left\"");
        ApiClient.Answer next = api.post(
                "/api/v1/environments/production/kills?dryRun=true", "{'target':{'flag':'text'},'reason':'r'}");
        assertThat(next.text("result.instances")).as("at-left and at-below").isEqualTo("2");
    }

    @Test
    void aRelayThatIsToldOfBeforeTheLedgerHasItThereIsToldOfAnew() throws Exception {
        HandMadeRelay right = linked(joined("right", us), us);
        HandMadeRelay below = joined("below", eu);
        String kill = above.kill("bool");
        right.tellsOf(Optional.empty());
        right.tellsOf(Optional.of("below"), client("at-below"));
        await().atMost(PATIENCE)
                .until(() -> receipt(kill).text("receipt.missingNodes").equals("[\"below\"]"));
        done(below.joins(api, us, eu.joining(Optional.of("right"), 2)));
        await().atMost(PATIENCE).until(() -> right.lost().contains("below"));
        right.tellsOf(Optional.of("below"), client("at-below"));
        await().atMost(PATIENCE)
                .until(() -> receipt(kill).text("receipt.missingNodes").equals("[]"));
    }

    private ApiClient.Answer receipt(String kill) {
        return api.get("/api/v1/kills/" + kill);
    }

    private ApiClient.Answer note(Token token, String relay, String once, String kind) {
        return api.post(
                "/api/v1/relay/nodes/" + relay + "/observations",
                "{'once':'" + once + "','ofEachNode':false,'kind':'" + kind
                        + "','said':'s','event':{'type':'observed','what':'w','about':'a/b','flags':[],'details':{}}}",
                "Authorization",
                token.bearer());
    }

    @Test
    void whatARelaySeesIsInItsOwnNameAndOfItsKinds() throws Exception {
        HandMadeRelay joined = joined("r1", eu);
        done(note(eu, "r1", "other/receipt/k/1", "kill.relapse"));
        assertThat(note(eu, "r1", "o", "kill.token-revoked").text("detail"))
                .contains("kind: kill.token-revoked (expected: one of");
        // a name that a server uses is still to be had
        assertThat(image().requests().keySet())
                .contains("observed/relay/r1/other/receipt/k/1")
                .doesNotContain("observed/other/receipt/k/1");
        ApiClient.Answer others = note(us, "r1", "o", "kill.relapse");
        assertThat(others.status()).as("it waits until r1 joins with it").isEqualTo(404);
        assertThat(others.text("detail")).contains("node: r1 (expected: a relay that has joined with token " + us.id());
        done(joined.joins(api, us, us.joining(Optional.empty(), 2)));
        done(note(us, "r1", "o", "kill.relapse"));
        ApiClient.Answer unknown = note(eu, "r11", "o", "kill.relapse");
        assertThat(unknown.status()).isEqualTo(404);
        assertThat(unknown.text("detail")).contains("node: r11 (expected: a relay that has joined");
        assertThat(unknown.text("next")).isEqualTo("Did you mean r1?");
    }

    @Test
    void whatATokensRelaysSeeIsTakenOnlySoOften() throws Exception {
        joined("r1", eu);
        joined("r2", us);
        long version = image().provenance().version();
        boolean refused = false;
        for (int i = 0; i < 400 && !refused; i++) {
            ApiClient.Answer answer = note(eu, "r1", "once", "kill.relapse");
            refused = answer.status() == 429;
        }
        assertThat(refused).isTrue();
        assertThat(image().provenance().version()).as("one name, one entry").isEqualTo(version + 1);
        done(note(us, "r2", "once", "kill.relapse"));
    }
}
