package dev.andon.server;

import static dev.andon.server.OfrepFixture.ANN;
import static dev.andon.server.OfrepFixture.FLAGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.server.node.StartProblem;
import dev.andon.server.ofrep.OfrepLimits;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OFREP on a port of its own. */
class OfrepPortTest {
    @TempDir
    private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    private HttpResponse<String> send(String method, URI where, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(where)
                .method(
                        method,
                        HttpRequest.BodyPublishers.ofString(method.equals("POST") ? ANN.replace('\'', '"') : ""));
        for (int i = 0; i < headers.length; i += 2) {
            request.setHeader(headers[i], headers[i + 1]);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void itServesOfrepThereAndOnTheMainPortAndNothingElseThere() throws Exception {
        try (OfrepFixture ofrep = new OfrepFixture(
                folder,
                limits -> limits.withOwnPort(0)
                        .withOrigins(List.of("https://shop.example"))
                        .withStreams(1))) {
            URI own = ofrep.server.server().ofrepUri().orElseThrow();
            assertThat(own.getPort()).isNotEqualTo(ofrep.server.uri().getPort());
            HttpResponse<String> all = send(
                    "POST",
                    own.resolve(FLAGS),
                    "Authorization",
                    "Bearer " + ofrep.key,
                    "Origin",
                    "https://shop.example");
            assertThat(all.statusCode()).isEqualTo(200);
            assertThat(flags(all.body())).isEqualTo(flags(ofrep.all(ANN).body()));
            assertThat(all.headers().firstValue("Access-Control-Allow-Origin")).contains("https://shop.example");
            for (String elsewhere :
                    List.of("/", "/api/v1/flags", "/api/v1/openapi.json", "/health/ready", "/metrics")) {
                HttpResponse<String> none = send("GET", own.resolve(elsewhere), "Origin", "https://shop.example");
                assertThat(none.statusCode()).as(elsewhere).isEqualTo(404);
                assertThat(none.body()).contains("/ofrep/v1/evaluate/flags/{key}");
                assertThat(none.headers().firstValue("Access-Control-Allow-Origin"))
                        .isEmpty();
            }
            URI stream = own.resolve(ofrep.stream());
            var listening =
                    http.send(HttpRequest.newBuilder(stream).build(), HttpResponse.BodyHandlers.ofInputStream());
            try (OfrepFixture.Events events = new OfrepFixture.Events(listening)) {
                String before = events.state();
                ofrep.kill("{'flag':'bool'}");
                assertThat(events.state()).isNotEqualTo(before);
                assertThat(send("GET", ofrep.server.uri().resolve(ofrep.stream()))
                                .statusCode())
                        .as("a stream more than both ports may have together")
                        .isEqualTo(503);
            }
        }
    }

    @Test
    void withoutOneThereIsNone() throws Exception {
        try (OfrepFixture ofrep = new OfrepFixture(folder)) {
            assertThat(ofrep.server.server().ofrepUri()).isEmpty();
        }
    }

    @Test
    void aPortThatIsTakenOrNoneIsRefused() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            ServerConfig config = ServerConfig.in(folder)
                    .withAddress("127.0.0.1", 0)
                    .withOfrep(OfrepLimits.DEFAULT.withOwnPort(port));
            assertThatThrownBy(() -> AndonServer.start(config))
                    .isInstanceOf(StartProblem.class)
                    .hasMessageContaining("127.0.0.1:" + port)
                    .hasMessageContaining("a port that nobody uses");
        }
        assertThatThrownBy(() -> OfrepLimits.DEFAULT.withOwnPort(65_536))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("0 to 65535");
    }

    private static Json flags(String body) {
        return Fields.lenient(Json.parse(body.getBytes(StandardCharsets.UTF_8))).json("flags");
    }
}
