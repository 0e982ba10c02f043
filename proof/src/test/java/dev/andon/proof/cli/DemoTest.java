package dev.andon.proof.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.Andon;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Child;
import dev.andon.proof.harness.Logs;
import dev.andon.proof.harness.Until;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code andon demo}: it ends by itself, with proof, and whatever ends it leaves nothing behind. */
class DemoTest {
    private static final int SERVICES = 3;
    private static final int REFUSED = 3;
    private static final Duration STORY = Duration.ofMinutes(3);
    private static final Duration OPENING = Duration.ofMinutes(2);
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private Child demo(String name, String... options) {
        return demo(name, temporary, options);
    }

    private static Child demo(String name, Path temporary, String... options) {
        List<String> arguments = new ArrayList<>(List.of("demo"));
        arguments.addAll(List.of(options));
        return Child.start(name, Logs.directory(), List.of("-Djava.io.tmpdir=" + temporary), Andon.class, arguments);
    }

    private static List<ProcessHandle> services(Child demo) {
        return ProcessHandle.of(demo.pid()).orElseThrow().descendants().toList();
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> files = Files.list(temporary)) {
            return files.filter(file -> file.getFileName().toString().startsWith("andon-demo"))
                    .toList();
        }
    }

    private static void awaitEnd(List<ProcessHandle> processes) {
        Until.holds("the services end", SOON, () -> processes.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void theStoryEndsWithProofAndLeavesNothingBehind() throws IOException {
        try (Child demo = demo("demo")) {
            assertThat(demo.awaitEnd(STORY)).as(demo.log()).isZero();
            assertThat(demo.lines())
                    .anyMatch(line -> line.startsWith("PROVEN  one-page-checkout"))
                    .anyMatch(line -> line.contains("12 of 12 instances applied it"))
                    .anyMatch(line -> line.contains("No request fails any more."))
                    .anyMatch(line -> line.startsWith("RESTORED"))
                    .noneMatch(line -> line.contains("\u001b"));
            assertThat(folders()).isEmpty();
        }
    }

    @Test
    @Tag("nightly")
    void whatIsKeptEndsWhenItIsTold() throws IOException {
        try (Child demo = demo("demo-kept", "--keep", "--json")) {
            String document = demo.awaitLine("what it measured", 0, STORY, line -> line.startsWith("{"));
            Fields measured = Fields.lenient(Json.parse(document.getBytes(StandardCharsets.UTF_8)));
            assertThat(measured.whole("applied", 0, 100)).isEqualTo(12);
            assertThat(measured.whole("instances", 0, 100)).isEqualTo(12);
            assertThat(measured.number("provenMs")).isPositive();
            assertThat(measured.text("server")).startsWith("http://127.0.0.1:");
            assertThat(measured.text("token")).startsWith("andon_admin_");
            List<ProcessHandle> services = services(demo);
            assertThat(services).hasSize(SERVICES);
            demo.terminate(SOON);
            awaitEnd(services);
            assertThat(folders()).isEmpty();
            assertThat(demo.lines()).as("one document, and nothing else").hasSize(1);
        }
    }

    /** As early as its first word, and in the middle of everything that it sets up. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "A server and a small shop",
                "Server at http",
                "Three services start",
                "andon import flagd",
                "customers come",
                "andon flag set"
            })
    void endingItAtAnyMomentEndsItsServicesAndClearsEverythingAway(String moment) throws IOException {
        try (Child demo = demo("demo-ended")) {
            demo.awaitLine(moment, 0, OPENING, line -> line.contains(moment));
            List<ProcessHandle> services = services(demo);
            demo.terminate(SOON);
            awaitEnd(services);
            assertThat(folders()).isEmpty();
            assertThat(demo.log())
                    .contains("everything is cleared away")
                    .doesNotContain("andon: ")
                    .doesNotContain("Exception");
        }
    }

    @Test
    void whatItCantSetUpIsRefusedInOneLine() throws IOException {
        Path none = Files.writeString(temporary.resolve("file"), "no folder");
        try (Child demo = demo("demo-refused", none)) {
            assertThat(demo.awaitEnd(SOON)).isEqualTo(REFUSED);
            assertThat(demo.log())
                    .contains("andon: temporary files: " + none + " can't be written")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    @Tag("nightly")
    void itsServicesEndWithItEvenWhenItIsKilled() {
        try (Child demo = demo("demo-killed")) {
            demo.awaitLine("that the shop is open", 0, OPENING, line -> line.contains("customers come"));
            List<ProcessHandle> services = services(demo);
            assertThat(services).hasSize(SERVICES);
            demo.kill();
            awaitEnd(services);
        }
    }
}
