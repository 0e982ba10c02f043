package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.proof.harness.Api;
import dev.andon.server.delivery.StreamLimits;
import dev.andon.server.http.HttpLimits;
import dev.andon.server.ofrep.OfrepLimits;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of the server's page are those of a server. */
class ServerFactsTest {
    private static final Pattern METRIC = Pattern.compile("(?m)^\\| `(andon_[a-z_]+)`");
    private static final Pattern LIMIT = Pattern.compile("(?m)^\\| ([^|`]+) \\| ([^|]+) \\|$");
    private static final Pattern DATA_FILE = Pattern.compile("(?m)^\\| (`[^|]+) \\|");

    @TempDir
    Path directory;

    private static String section(String heading) {
        String page = Page.of("docs/guide/server.md").text();
        int from = page.indexOf("\n## " + heading + "\n");
        assertThat(from).as(heading).isNotNegative();
        int to = page.indexOf("\n## ", from + 1);
        return page.substring(from, to < 0 ? page.length() : to);
    }

    private static String metrics(Place place) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(place.server().uri().resolve("/metrics"))
                .header("Authorization", "Bearer " + place.adminToken())
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, BodyHandlers.ofString()).body();
        }
    }

    @Test
    void theMetricsAreThoseOfThePage() throws Exception {
        Set<String> shown = METRIC.matcher(section("Metrics"))
                .results()
                .map(metric -> metric.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        try (Place place = new Place(directory)) {
            // The first scrape is a request that the second counts.
            assertThat(metrics(place)).isNotEmpty();
            Set<String> scraped = metrics(place)
                    .lines()
                    .filter(line -> line.startsWith("# TYPE andon_"))
                    .map(line -> line.split(" ", -1)[2])
                    .filter(name -> !name.endsWith("_max"))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(shown).isEqualTo(scraped);
        }
    }

    @Test
    void theLimitsAreThoseOfThePage() {
        HttpLimits limits = HttpLimits.DEFAULT;
        List<String> values = new ArrayList<>();
        Matcher rows = LIMIT.matcher(section("Limits"));
        while (rows.find()) {
            values.add(rows.group(2).strip());
        }
        assertThat(values.subList(1, values.size()))
                .containsExactly(
                        (limits.bodyBytes() >> 20) + " MiB",
                        (limits.bufferedBytes() >> 20) + " MiB",
                        String.format(Locale.ROOT, "%,d", limits.underWay()),
                        String.format(Locale.ROOT, "%,d", limits.connections()),
                        String.format(Locale.ROOT, "%,d", StreamLimits.DEFAULT.streams()),
                        Integer.toString(StreamLimits.DEFAULT.joining()),
                        (limits.headerBytes() >> 10) + " KiB",
                        (limits.targetBytes() >> 10) + " KiB",
                        limits.firstRequestMs() / 1_000 + " s",
                        limits.betweenRequestsMs() / 1_000 + " s",
                        limits.bodyMs() / 1_000 + " s",
                        limits.answerMs() / 1_000 + " s");
    }

    @Test
    void theRateOfOfrepIsThatOfItsPage() {
        String rate = String.format(Locale.ROOT, "%,d", OfrepLimits.DEFAULT.ratePerSecond());
        assertThat(Page.of("docs/guide/ofrep.md").text())
                .contains("more than " + rate + " times a second (`--ofrep-rate`)");
    }

    /** Both ways: nothing is there that the page doesn't name, and nothing is named that isn't there. */
    @Test
    void theDataFoldersFilesAreThoseOfThePage() throws Exception {
        Set<String> shown = DATA_FILE
                .matcher(section("The data folder"))
                .results()
                .flatMap(row -> Stream.of(row.group(1).split(", ", -1)))
                .map(name -> name.replace("`", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> seen = new TreeSet<>();
        try (Place place = new Place(directory);
                Api client = new Api(place.server().port(), place.sdkKey())) {
            client.post("/ofrep/v1/evaluate/flags", Json.object()).expect(200);
            seen.addAll(files());
        }
        seen.addAll(files());
        assertThat(shown).isEqualTo(seen);
    }

    private Set<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("data"))) {
            return files.map(file -> file.getFileName().toString())
                    // About to take its name's place.
                    .filter(name -> !name.endsWith(".new"))
                    .collect(Collectors.toSet());
        }
    }
}
