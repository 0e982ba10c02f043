package dev.andon.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.json.Json;
import dev.andon.server.http.Access;
import dev.andon.server.http.Method;
import dev.andon.server.http.Route;
import dev.andon.server.node.ControlPlane;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is sent to a whole server is refused as a problem that says why, or carried out; it never fails on it. */
final class HostileInputTest {
    private static final int ROUNDS = 500;
    private static final int NIGHTLY_ROUNDS = 20_000;
    private static final Set<Integer> ABOUT_A_VALUE = Set.of(400, 404, 405, 409, 412, 415, 422);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    private static Path folder;

    private static ServerFixture server;
    private static String admin;
    private static String sdk;
    private static String relay;

    @BeforeAll
    static void start() throws Exception {
        server = new ServerFixture(folder).start();
        server.createFlag("f");
        admin = Files.readString(server.server().adminTokenFile()).strip();
        sdk = server.key();
        relay = server.post(
                        "/tokens",
                        Json.object().put("name", "r").put("role", "relay").put("reason", "test"))
                .fields()
                .text("secret");
    }

    @AfterAll
    static void close() {
        CLIENT.shutdownNow();
        server.close();
    }

    @Test
    void bytesThatAreNoTextAreRefused() throws Exception {
        byte[][] bodies = {
            {'{', '"', (byte) 0xff, '"', ':', '1', '}'},
            "{\"reason\":\"r\",\"key\":\"\u00e9\"}".getBytes(StandardCharsets.UTF_16),
            "{\"reason\":\"r\",\"key\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1),
            {'{', '"', 'k', 'e', 'y', '"', ':', '"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"', '}'},
            {'{', '"', 'k', 'e', 'y', '"', ':', '"', (byte) 0xc0, (byte) 0xaf, '"', '}'},
            {0},
            {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}
        };
        for (byte[] body : bodies) {
            HttpResponse<String> answer = post("/api/v1/environments", body);
            assertThat(answer.statusCode())
                    .as(new String(body, StandardCharsets.UTF_8))
                    .isEqualTo(400);
        }
    }

    @Test
    void halvesOfCharactersAreRefused() throws Exception {
        for (String half : List.of("\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800")) {
            HttpResponse<String> answer = post(
                    "/api/v1/flags",
                    ("{\"flag\":{\"key\":\"a\",\"type\":\"boolean\",\"owner\":\"x" + half + "\"},\"reason\":\"r\"}")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(answer.statusCode()).as(half + answer.body()).isEqualTo(400);
        }
    }

    /** Bodies, paths and queries put together from what each route knows and what none should. */
    @Test
    void nothingThatIsSentMakesTheServerFailOrChangesWhatWasRefused() throws Exception {
        tryWhateverMayCome(0, ROUNDS);
    }

    @Test
    @Tag("nightly")
    void nothingThatIsSentMakesTheServerFailForALongTime() throws Exception {
        tryWhateverMayCome(ROUNDS, NIGHTLY_ROUNDS);
    }

    private static void tryWhateverMayCome(int firstSeed, int rounds) throws Exception {
        List<Route> routes = server.server().routes().stream()
                .filter(route ->
                        !route.path().contains("stream") && !route.path().startsWith("/ofrep/"))
                .toList();
        int carriedOut = 0;
        for (int seed = firstSeed; seed < firstSeed + rounds; seed++) {
            Random random = new Random(seed);
            Route route = routes.get(random.nextInt(routes.size()));
            String path = path(random, route);
            String body = route.method() == Method.POST || route.method() == Method.PUT ? body(random, route) : "";
            long before = settledVersion();
            HttpResponse<String> answer =
                    CLIENT.send(request(random, seed, route, path, body), HttpResponse.BodyHandlers.ofString());
            String label = "seed " + seed + ": " + route.method() + " " + path + " " + body + ": " + answer.statusCode()
                    + " " + answer.body();
            assertThat(answer.statusCode()).as(label).isLessThan(500);
            if (answer.statusCode() >= 400) {
                assertThat(answer.body()).as(label).contains("\"code\":", "\"detail\":");
                assertThat(ABOUT_A_VALUE).as(label).contains(answer.statusCode());
                assertThat(answer.body()).as(label).contains("\"field\":", "\"value\":", "\"expected\":");
            }
            if (answer.statusCode() >= 400 || path.contains("dryRun=true")) {
                assertThat(settledVersion()).as(label).isEqualTo(before);
            } else {
                carriedOut++;
            }
        }
        assertThat(carriedOut).as("so much at least is understood").isGreaterThan(rounds / 20);
    }

    /** The ledger's version once no kill is on its way to it. */
    private static long settledVersion() {
        ControlPlane plane = server.server().controlPlane();
        await().pollInterval(Duration.ofMillis(2))
                .until(() -> plane.kills().pending().isEmpty());
        return plane.image().provenance().version();
    }

    private static String secret(Access access) {
        return switch (access) {
            case SDK -> sdk;
            case RELAY -> relay;
            default -> admin;
        };
    }

    private static HttpRequest request(Random random, int seed, Route route, String path, String body) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.uri() + path))
                .header("Authorization", "Bearer " + secret(route.access()));
        if (random.nextInt(4) == 0) {
            request.header("If-Match", pick(random, "*", "\"1\"", "\"0\"", "W/\"1\"", "x", "\"99999999999999999999\""));
        }
        if (random.nextInt(4) == 0) {
            request.header("Idempotency-Key", pick(random, "k", "k" + seed, "a b", "x".repeat(200)));
        }
        return switch (route.method()) {
            case GET -> request.GET().build();
            case DELETE -> request.DELETE().build();
            case POST, PUT ->
                request.header("Content-Type", "application/json")
                        .method(route.method().name(), HttpRequest.BodyPublishers.ofString(body))
                        .build();
        };
    }

    private static HttpResponse<String> post(String path, byte[] body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(server.uri() + path))
                        .header("Authorization", "Bearer " + admin)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static String path(Random random, Route route) {
        String path = route.path()
                .replace("{environment}", pick(random, "production", "production", "none", "%00", "a%2Fb"))
                .replace("{flag}", pick(random, "f", "g", "none", "%F0%9F%98%80"))
                .replaceAll("\\{[a-z]+}", pick(random, "1", "0", "-1", "x", "99999999999999999999", "0123456789ab-1"));
        List<String> query = new ArrayList<>();
        for (String parameter :
                List.of("reason", "limit", "after", "flag", "environment", "dryRun", "wait", "nonsense")) {
            boolean usual = route.write() && !route.method().name().startsWith("P") && parameter.equals("reason");
            if (random.nextInt(usual ? 1 : 6) == 0) {
                query.add(parameter + "=" + pick(random, "1", "true", "x", "", "%20", "f", "production", "-1"));
            }
        }
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private static String body(Random random, Route route) {
        if (random.nextInt(10) == 0) {
            return pick(random, "", "null", "[]", "{", "\"x\"", "1e400");
        }
        Json.Builder body = Json.object();
        for (String member : List.of(
                "reason",
                "flag",
                "flags",
                "configuration",
                "segment",
                "environments",
                "key",
                "description",
                "target",
                "kill",
                "to",
                "format",
                "document",
                "name",
                "role",
                "environment",
                "overlapSeconds",
                "context",
                "withDependencies",
                "audience")) {
            boolean known = route.body().isPresent() && (member.equals("reason") || random.nextInt(3) == 0);
            if (known) {
                body.put(member, value(random, member, 3));
            }
        }
        return body.build().text();
    }

    private static Json value(Random random, String member, int depth) {
        if (random.nextInt(3) > 0) {
            switch (member) {
                case "reason", "name", "description" -> {
                    return Json.of("some text");
                }
                case "flag" -> {
                    return random.nextBoolean()
                            ? Json.of("f")
                            : Json.object()
                                    .put("key", pick(random, "f", "g", "h"))
                                    .put("type", "boolean")
                                    .put("owner", "o")
                                    .build();
                }
                case "flags" -> {
                    return Json.texts(List.of("f"));
                }
                case "to" -> {
                    return Json.of(random.nextInt(10));
                }
                case "target" -> {
                    return Json.object().put("flag", pick(random, "f", "none")).build();
                }
                case "configuration" -> {
                    return Json.object()
                            .put("variants", Json.object().put("on", true).put("off", value(random, "", 1)))
                            .put("safeVariant", pick(random, "off", "none"))
                            .put("on", random.nextBoolean())
                            .put("rules", value(random, "rules", depth - 1))
                            .put("fallThrough", Json.object().put("variant", "on"))
                            .build();
                }
                case "rules" -> {
                    return Json.array(List.of(Json.object()
                            .put("when", value(random, "when", depth))
                            .put("serve", Json.object().put("variant", "on"))
                            .build()));
                }
                case "when", "audience" -> {
                    return Json.object()
                            .put("attribute", "x")
                            .put(pick(random, "in", "semver", "before", "lessThan"), value(random, "", depth - 1))
                            .build();
                }
                default -> {}
            }
        }
        return switch (random.nextInt(depth > 0 ? 9 : 6)) {
            case 0 -> Json.Null.NULL;
            case 1 -> Json.of(random.nextBoolean());
            case 2 -> Json.of(random.nextLong());
            case 3 -> Json.of(random.nextDouble() * 1e300);
            case 4 -> Json.of(pick(random, "", "x", "production", "\u0000", "\u202e", "admin", "sdk", "flagd"));
            case 5 -> Json.of("y".repeat(5_000));
            case 6 -> Json.array(List.of(value(random, member, depth - 1), value(random, "", depth - 1)));
            default ->
                Json.object()
                        .put(pick(random, "flag", "key", "all", "not", "flags", "$ref"), value(random, "", depth - 1))
                        .put("z", value(random, "", depth - 1))
                        .build();
        };
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
