package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.andon.core.image.Image;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Role;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import dev.andon.server.ApiClient.Answer;
import dev.andon.server.http.Access;
import dev.andon.server.http.Route;
import dev.andon.server.token.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API document says what a whole server does: {@link ApiClient} holds every call of every test against it. */
final class ApiDocumentTest {
    private static final String PRODUCTION = "/api/v1/environments/production";
    private static final String[] OPEN = {
        "GET /api/v1/openapi.json",
        "GET /health/live",
        "GET /health/ready",
        "GET /ofrep/v1/events",
        "GET /stream/v1/peers"
    };

    @TempDir
    private Path folder;

    private final Map<Role, String> secrets = new EnumMap<>(Role.class);
    private ServerFixture server;
    private ApiClient api;

    @BeforeEach
    void start() throws Exception {
        server = new ServerFixture(folder).start();
        String admin = Files.readString(server.server().adminTokenFile()).strip();
        api = new ApiClient(server.uri(), admin);
        secrets.put(Role.ADMIN, admin);
        for (Role role : List.of(Role.OPERATOR, Role.AUDITOR, Role.VIEWER, Role.RELAY, Role.SDK, Role.CLIENT)) {
            String environment = role.ofOneEnvironment() ? "'environment':'production'," : "";
            Answer issued = api.post(
                    "/api/v1/tokens",
                    "{'name':'test " + role.word() + "','role':'" + role.word() + "'," + environment + "'reason':'r'}");
            secrets.put(role, issued.text("secret"));
        }
    }

    @AfterEach
    void close() {
        api.close();
        server.close();
    }

    private List<Route> routes() {
        return server.server().routes();
    }

    @Test
    void itIsOpenApi() {
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
        Schema dialect = registry.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        Answer document = api.get("/api/v1/openapi.json");
        assertThat(document.text("openapi")).isEqualTo("3.1.0");
        assertThat(dialect.validate(document.text("components.schemas"), InputFormat.JSON))
                .isEmpty();
    }

    @Test
    void itHoldsEveryRouteAndNoOther() {
        Set<String> routes = new TreeSet<>();
        routes().forEach(route -> routes.add(route.method() + " " + route.path()));
        assertThat(api.contract().operations()).isEqualTo(routes);
    }

    @Test
    void everyOperationDoesWhatItSays() throws Exception {
        api.post("/api/v1/environments", "{'key':'canary','description':'d','reason':'r'}");
        api.get("/api/v1/environments");
        api.get("/api/v1/environments/canary");
        Answer edited = api.put(
                "/api/v1/environments/canary",
                "{'environment':{'key':'canary','description':'e','protocols':['flagd-sync']},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(edited.status()).as(edited.body()).isEqualTo(200);
        Answer created = api.post("/api/v1/flags", "{'flag':{'key':'f','type':'boolean','owner':'o'},'reason':'r'}");
        api.post(
                "/api/v1/flags",
                "{'flag':{'key':'g','kind':'ops','type':'object','owner':'o','description':'d','tags':['t'],"
                        + "'lifetimeDays':30},'configuration':{'variants':{'a':{'x':1},'b':[2]},'safeVariant':'a',"
                        + "'fallThrough':{'split':[{'variant':'a','weight':1},{'variant':'b','weight':2}],"
                        + "'attribute':'x','seed':'s'}},'environments':['production'],'reason':'r'}");
        api.get("/api/v1/flags");
        api.get("/api/v1/flags/g");
        api.put("/api/v1/flags/f", "{'flag':{'key':'f','type':'boolean','owner':'p'},'reason':'r'}", "If-Match", "*");
        api.put(
                PRODUCTION + "/segments/s",
                "{'segment':{'key':'s','description':'d','when':{'all':[{'any':[{'not':{'attribute':'a','in':[1,'2',true]}},"
                    + "{'attribute':'a','startsWith':['x']},{'attribute':'a','endsWith':['x']},"
                    + "{'attribute':'a','contains':['x']},{'attribute':'a','lessThan':1},{'attribute':'a','atMost':1},"
                    + "{'attribute':'a','greaterThan':1.5},{'attribute':'a','atLeast':1},"
                    + "{'attribute':'a','semver':'>=1.0.0'},{'attribute':'a','before':'2026-01-01T00:00:00Z'},"
                    + "{'attribute':'a','after':'2026-01-01T00:00:00Z'},{'attribute':'a','exists':true}]}]}},'reason':'r'}");
        api.get(PRODUCTION + "/segments");
        api.get(PRODUCTION + "/segments/s");
        Answer configured = api.put(
                PRODUCTION + "/flags/f",
                "{'configuration':{'variants':{'on':true,'off':false},'safeVariant':'off','on':true,"
                        + "'prerequisites':[{'flag':'g','variants':['b']}],"
                        + "'rules':[{'name':'n','when':{'segment':'s'},'serve':{'variant':'on'}}],"
                        + "'fallThrough':{'variant':'off'},'whenBlind':{'safeAfterSeconds':9}},'reason':'r'}",
                "If-Match",
                "*");
        assertThat(configured.status()).as(configured.body()).isEqualTo(200);
        api.get(PRODUCTION + "/flags");
        api.get(PRODUCTION + "/flags/f");
        api.post(
                PRODUCTION + "/evaluations",
                "{'flag':'f','context':{'targetingKey':'u','a':['x',1,{'y':null}],'b':1.5,'c':null},'explain':true}");
        api.post(PRODUCTION + "/evaluations", "{'flag':'g'}");
        api.post(
                PRODUCTION + "/rollbacks",
                "{'flags':['f'],'to':" + created.version() + ",'withDependencies':true,'reason':'r'}");
        api.post(
                PRODUCTION + "/rollbacks?dryRun=true",
                "{'flags':['f'],'to':" + configured.version() + ",'reason':'r'}");
        api.post(
                PRODUCTION + "/rollbacks?dryRun=true",
                "{'whole':true,'to':" + configured.version() + ",'ifUnchangedSince':" + configured.version()
                        + ",'reason':'r'}");
        api.get("/api/v1/moments/" + created.version());
        api.get(PRODUCTION + "/flagd");
        api.get(PRODUCTION + "/flagd?format=yaml");
        api.get(PRODUCTION + "/diff?from=" + created.version() + "&to=" + configured.version() + "&flag=f");
        api.get(PRODUCTION + "/flags/f?at=" + configured.version());
        api.post(
                PRODUCTION + "/imports",
                "{'format':'flagd','owner':'o','kind':'ops','without':['j'],'reason':'r','document':{'flags':{"
                    + "'i':{'state':'ENABLED','variants':{'on':true},'defaultVariant':'on','targeting':{'if':[{'$ref':'e'},'on']}},"
                    + "'j':{}},'$evaluators':{'e':{'==':[{'var':'x'},1]}}}}");
        api.delete(PRODUCTION + "/segments/e?reason=r&dryRun=true");
        Answer deleted = api.delete(PRODUCTION + "/segments/s?reason=r");
        assertThat(deleted.status()).as(deleted.body()).isEqualTo(200);
        api.delete("/api/v1/flags/i?reason=r");
        api.get("/api/v1/log");
        api.get("/api/v1/log?environment=production&flag=f&limit=2");
        api.get("/api/v1/log/1");
        api.get("/api/v1/ledger");
        api.get("/api/v1/ledger/keys");
        api.get("/api/v1/ledger/export?after=1");
        Answer issued = api.post(
                "/api/v1/tokens",
                "{'name':'n','role':'sdk','environment':'production','reason':'r'}",
                "Idempotency-Key",
                "k");
        api.post(
                "/api/v1/tokens",
                "{'name':'n','role':'sdk','environment':'production','reason':'r'}",
                "Idempotency-Key",
                "k");
        String token = "/api/v1/tokens/" + issued.text("token.id");
        api.post(token + "/rotations", "{'overlapSeconds':60,'reason':'r'}");
        api.delete(token + "?reason=r");
        api.get("/api/v1/tokens");
        api.get("/api/v1/nodes");
        api.delete("/api/v1/nodes/" + server.server().controlPlane().node() + "/address?reason=r");
        Answer kill = api.post(PRODUCTION + "/kills?dryRun=true", "{'target':{'flag':'g'},'reason':'r'}");
        assertThat(kill.status()).as(kill.body()).isEqualTo(200);
        kill = api.post(PRODUCTION + "/kills", "{'target':{'flag':'g'},'reason':'r'}", "Idempotency-Key", "k2");
        api.post(PRODUCTION + "/kills", "{'target':{'flag':'g'},'reason':'r'}", "Idempotency-Key", "k2");
        api.get(PRODUCTION + "/kills");
        api.get("/api/v1/kills/" + kill.text("id") + "?wait=10");
        api.get("/api/v1/kills/" + kill.text("id") + "/receipt");
        api.get("/api/v1/log?flag=g");
        api.post(PRODUCTION + "/restores?dryRun=true", "{'flag':'g','reason':'r'}");
        api.post(PRODUCTION + "/restores", "{'kill':'" + kill.text("id") + "','reason':'r'}");
        api.get("/api/v1/log?flag=g");
        server.client("shop", "shop-1");
        await().until(() -> !api.get(PRODUCTION + "/instances").text("items").equals("[]"));
        poll();
        String client = "Bearer " + secrets.get(Role.CLIENT);
        api.post("/ofrep/v1/evaluate/flags", "{'context':{'targetingKey':'u'}}", "Authorization", client);
        api.post("/ofrep/v1/evaluate/flags/f", "{}", "Authorization", client);
        relay();
        api.get("/health/live");
        api.get("/health/ready");
        api.get("/metrics");
        api.get("/api/v1/openapi.json");

        Set<String> operations = api.contract().operations();
        operations.remove("GET /stream/v1");
        operations.remove("GET /stream/v1/peers");
        operations.remove("GET /stream/v1/relays");
        operations.remove("GET /ofrep/v1/events");
        operations.remove("POST /api/v1/ledger/epochs");
        assertThat(api.contract().succeeded())
                .as("operations that answered with success; but the WebSocket's, which a client above has opened,"
                        + " the one without an end, for OfrepStreamTest, and the one that a sound ledger refuses,"
                        + " for LedgerApiTest")
                .containsExactlyInAnyOrderElementsOf(operations);
    }

    /** Asks for what relays do. */
    private void relay() throws Exception {
        String secret = secrets.get(Role.RELAY);
        String bearer = "Bearer " + secret;
        String token = server.server().controlPlane().image().tokens().values().stream()
                .filter(known -> known.value().accepts(Secret.hash(secret), Instant.now()))
                .map(known -> known.value().id())
                .findFirst()
                .orElseThrow();
        api.call("GET", "/api/v1/relay/head", null, "Authorization", bearer);
        api.call("GET", "/api/v1/relay/entries?after=1&limit=2", null, "Authorization", bearer);
        api.call("GET", "/api/v1/relay/snapshot?version=9", null, "Authorization", bearer);
        try (HandMadeRelay relay = new HandMadeRelay("r1")) {
            relay.joins(api, new HandMadeRelay.Token(token, secret));
        }
        api.post(
                "/api/v1/relay/nodes/r1/observations",
                "{'once':'o/1','ofEachNode':true,'kind':'kill.relapse','said':'s','event':{'type':'observed',"
                        + "'what':'w','about':'a/b','flags':[],'details':{}}}",
                "Authorization",
                bearer);
        api.get("/api/v1/nodes");
    }

    /** Says hello by long polling. */
    private void poll() {
        Frame hello = new Frame.Hello(
                Frame.PROTOCOL, "test/1", "shop", "shop-2", Optional.empty(), Optional.empty(), List.of());
        Answer answer = api.post(
                "/stream/v1/poll",
                "[" + new String(FrameCodec.encode(hello), StandardCharsets.UTF_8) + "]",
                "Authorization",
                "Bearer " + secrets.get(Role.SDK));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    /** A route that is open by mistake would be missing from the walk below. */
    @Test
    void onlyTheseAreOpenToAnyoneAndOnlyTheseToApplications() {
        assertThat(routes().stream().filter(route -> route.access() == Access.OPEN))
                .extracting(Route::toString)
                .containsExactlyInAnyOrder(OPEN);
        assertThat(routes().stream().filter(route -> route.access() == Access.SDK))
                .extracting(Route::toString)
                .containsExactlyInAnyOrder("GET /stream/v1", "POST /stream/v1/poll");
        assertThat(routes().stream().filter(route -> route.access() == Access.RELAY))
                .as("what relays may use")
                .allMatch(route -> route.path().startsWith("/api/v1/relay/")
                        || route.path().equals("/stream/v1/relays"));
        assertThat(routes().stream().filter(route -> route.access() == Access.EVALUATOR))
                .extracting(Route::toString)
                .containsExactlyInAnyOrder("POST /ofrep/v1/evaluate/flags", "POST /ofrep/v1/evaluate/flags/{key}");
    }

    /** All that requests could change; what the server observes meanwhile is no part of it. */
    private List<Object> state() {
        Image image = server.server().controlPlane().image();
        return List.of(image.environments(), image.flags(), image.tokens());
    }

    /** Every route that the server has, by its own list. */
    @Test
    void everyOperationRefusesWhoMayNotUseIt() throws Exception {
        List<String> wrong = wrongTokens();
        List<Object> before = state();
        for (Route route : routes()) {
            if (route.access() == Access.OPEN) {
                continue;
            }
            assertThat(status(route, "X-Nothing", ""))
                    .as(route + " without a token")
                    .isEqualTo(401);
            for (String token : wrong) {
                assertThat(status(route, "Authorization", token))
                        .as(route + " with " + token)
                        .isEqualTo(401);
            }
            weaker(route.access())
                    .forEach(secret -> assertThat(status(route, "Authorization", "Bearer " + secret))
                            .as(route + " with " + secret)
                            .isEqualTo(403));
            if (route.upgrade().isPresent()) {
                assertThat(upgraded(route.path(), "")).startsWith("HTTP/1.1 401 ");
                for (String token : wrong) {
                    assertThat(upgraded(route.path(), "Authorization: " + token + "\r\n"))
                            .startsWith("HTTP/1.1 401 ");
                }
                for (String secret : weaker(route.access())) {
                    assertThat(upgraded(route.path(), "Authorization: Bearer " + secret + "\r\n"))
                            .startsWith("HTTP/1.1 403 ");
                }
            }
        }
        assertThat(state()).isEqualTo(before);
        assertThat(server.server().controlPlane().kills().pending()).isEmpty();
    }

    /** Misspelt, of another scheme, revoked, rotated out. */
    private List<String> wrongTokens() {
        Answer revoked = api.post("/api/v1/tokens", "{'name':'gone','role':'admin','reason':'r'}");
        api.delete("/api/v1/tokens/" + revoked.text("token.id") + "?reason=r");
        Answer rotated = api.post("/api/v1/tokens", "{'name':'rotated','role':'admin','reason':'r'}");
        Answer fresh = api.post(
                "/api/v1/tokens/" + rotated.text("token.id") + "/rotations", "{'overlapSeconds':0,'reason':'r'}");
        assertThat(fresh.status()).as(fresh.body()).isEqualTo(201);
        Answer revokedKey =
                api.post("/api/v1/tokens", "{'name':'k','role':'sdk','environment':'production','reason':'r'}");
        api.delete("/api/v1/tokens/" + revokedKey.text("token.id") + "?reason=r");
        return List.of(
                "Bearer wrong",
                "Bearer " + secrets.get(Role.ADMIN) + "x",
                "Bearer " + secrets.get(Role.SDK) + "x",
                "Bearer",
                "Basic YWRtaW46YWRtaW4=",
                secrets.get(Role.ADMIN),
                "Bearer " + "x".repeat(5_000),
                "Bearer " + revoked.text("secret"),
                "Bearer " + revokedKey.text("secret"),
                "Bearer " + rotated.text("secret"));
    }

    private String upgraded(String path, String authorization) throws Exception {
        try (RawSocket raw = new RawSocket(server.server().port())) {
            return raw.upgrade(path, authorization);
        }
    }

    @Test
    void anSdkKeySeesAndTouchesItsOwnEnvironmentAlone() {
        server.createFlag("checkout");
        String staging = api.post("/api/v1/tokens", "{'name':'s','role':'sdk','environment':'staging','reason':'r'}")
                .text("secret");
        StreamClient there =
                server.keep(StreamClient.connect(server.uri(), staging, "shop", "shop-1", HeldState.EMPTY));
        StreamClient here = server.client("shop", "shop-1");
        await().until(() -> there.state().hasImage() && here.state().hasImage());
        assertThat(there.state().image().environments()).containsOnlyKeys("staging");
        assertThat(here.state().image().environments()).containsOnlyKeys("production");

        KillId kill = KillId.parse("id", server.kill("checkout").fields().text("id"));
        await().until(() -> here.obeys(kill));
        Answer receipt = api.get("/api/v1/kills/" + kill + "?wait=60000");
        assertThat(receipt.text("receipt.verdict")).isEqualTo("proven");
        assertThat(receipt.text("receipt.applied")).isEqualTo("1");
        assertThat(there.obeys(kill)).isFalse();
        assertThat(there.received()).noneMatch(Frame.Kills.class::isInstance);
        assertThat(there.closed())
                .as("of the same name, and another environment")
                .isFalse();
    }

    private int status(Route route, String header, String value) {
        String path = route.path().replace("{environment}", "production").replaceAll("\\{[a-z]+}", "1");
        String body = route.method().name().startsWith("P") ? "{}" : null;
        return api.callWithout(route.method().name(), path, body, header, value).status();
    }

    /** Secrets of roles that the access doesn't allow. */
    private List<String> weaker(Access access) {
        return secrets.entrySet().stream()
                .filter(token -> !access.allows(token.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
