package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Optional;

/**
 * A request that a page shows, and its answer: a request line, headers, a body if there is one, and an arrow before the
 * status and the beginning or a part of the answer.
 */
record Exchange(Page.Block block) {
    private static final String ARROW = "→ ";

    void check(URI server, String token, Sample sample) throws Exception {
        List<String> lines = block.lines();
        String[] first = lines.getFirst().split(" ", 2);
        HttpRequest.Builder request = HttpRequest.newBuilder(server.resolve(first[1]));
        request.header("Authorization", "Bearer " + token);
        Optional<String> body = Optional.empty();
        for (String line : lines.subList(1, lines.size() - 1)) {
            if (line.startsWith("{")) {
                body = Optional.of(line);
            } else {
                String[] header = line.split(": ", 2);
                request.header(header[0], header[1]);
            }
        }
        if (body.isPresent()) {
            request.header("Content-Type", "application/json");
        }
        request.method(first[0], body.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            String[] expected = lines.getLast().substring(ARROW.length()).split(" ", 2);
            String what = block.where() + ": " + lines.getFirst() + "\n" + answer.body();
            assertThat(answer.statusCode()).as(what).isEqualTo(Integer.parseInt(expected[0]));
            if (expected.length > 1) {
                assertThat(sample.difference(List.of("…" + expected[1] + "…"), List.of(answer.body())))
                        .as(what)
                        .isEmpty();
            }
        }
    }
}
