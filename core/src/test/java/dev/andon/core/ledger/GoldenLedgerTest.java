package dev.andon.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.Samples;
import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ledgers written by each format of entries that there ever was: they must verify, fold and give the same evaluations for ever.
 * These files are never written anew. Whoever raises {@link Entry#SCHEMA} adds one with
 * {@code mvn test -pl core -am -Dtest=GoldenLedgerTest -Dandon.golden.write=yes}.
 */
class GoldenLedgerTest {
    private static final Path FOLDER = Path.of("src/test/resources/dev/andon/core/ledger");
    private static final int ENTRIES = 40;
    private static final long SEED = 11;

    static Stream<Integer> formats() {
        return IntStream.rangeClosed(1, Entry.SCHEMA).boxed();
    }

    private static byte[] file(String name) {
        try (InputStream in = GoldenLedgerTest.class.getResourceAsStream(name)) {
            assertThat(in).as("%s, see this test's description", name).isNotNull();
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<byte[]> entries(int format) {
        List<byte[]> entries = new ArrayList<>();
        byte[] export = file("entries-" + format + ".ndjson");
        for (String line : new String(export, UTF_8).lines().toList()) {
            if (ExportLine.read(line.getBytes(UTF_8)) instanceof ExportLine.Recorded recorded) {
                entries.add(recorded.entry());
            }
        }
        return entries;
    }

    /** The images after each entry. */
    private static List<Image> fold(List<byte[]> entries) {
        List<Image> images = new ArrayList<>();
        Image image = Image.EMPTY;
        for (int i = 0; i < entries.size(); i++) {
            long version = i + 1L;
            ImageDelta delta = new ImageDelta(image);
            Entry.decode(entries.get(i)).events().forEach(event -> delta.apply(version, event));
            image = delta.build(new Provenance(Exports.LEDGER, 1, version));
            images.add(image);
        }
        return images;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void a_ledger_of_every_format_verifies_and_is_of_that_format(int format) {
        assertThat(Exports.verdict(file("entries-" + format + ".ndjson"))).isInstanceOf(ExportVerdict.Good.class);
        assertThat(entries(format))
                .allSatisfy(
                        entry -> assertThat(Fields.lenient(Json.parse(entry)).whole("schema", 1, Long.MAX_VALUE))
                                .isEqualTo(format));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void a_ledger_of_every_format_folds_to_what_it_did(int format) {
        List<Image> images = fold(entries(format));
        Json expected = Json.parse(file("entries-" + format + ".expected.json"));
        assertThat(expected(images).pretty()).isEqualTo(expected.pretty());
    }

    /** What a rollback does: it takes an old state and writes it as today's entries are written. */
    @ParameterizedTest
    @MethodSource("formats")
    void what_was_true_at_any_version_can_be_written_again(int format) {
        for (Image image : fold(entries(format))) {
            List<Event> events = image.events().stream()
                    .<Event>map(Versioned::value)
                    .filter(event -> !(event instanceof Event.Settled))
                    .toList();
            Entry again = new Entry(
                    "rollback",
                    "token:ann",
                    Instant.EPOCH,
                    "as it was",
                    Optional.of("version " + image.provenance().version()),
                    "c-1",
                    Map.of(),
                    events);
            assertThat(Entry.decode(again.encode())).isEqualTo(again);
            assertThat(ImageCodec.decode(ImageCodec.encode(image))).isEqualTo(image);
        }
    }

    /** Kinds of events that came later without a new format are in the files of later formats. */
    @Test
    void the_first_format_is_shown_with_all_its_events() {
        Set<String> types = new TreeSet<>();
        entries(1).forEach(entry -> Entry.decode(entry).events().forEach(event -> types.add(event.type())));
        assertThat(types)
                .contains(
                        "environment",
                        "flag",
                        "configuration",
                        "segment",
                        "segment-deleted",
                        "kill",
                        "restore",
                        "token",
                        "node",
                        "request",
                        "ledger-continued");
    }

    /** Digests of the end and the middle, and what every flag serves to some. */
    private static Json expected(List<Image> images) {
        Image end = images.get(images.size() - 1);
        return Json.object()
                .put("middle", digests(images.get(images.size() / 2)))
                .put("end", digests(end))
                .put("evaluations", Json.texts(evaluations(end)))
                .build();
    }

    private static Json.Builder digests(Image image) {
        Json.Builder json = Json.object();
        image.environments().keySet().stream()
                .sorted()
                .forEach(key ->
                        json.put(key, image.environments().get(key).digest().toString()));
        return json;
    }

    private static List<String> evaluations(Image image) {
        List<String> evaluations = new ArrayList<>();
        for (String environment : new TreeSet<>(image.environments().keySet())) {
            Ruleset ruleset = Ruleset.of(image, environment);
            List<CompiledFlag> flags = new ArrayList<>(ruleset.flags());
            flags.sort(Comparator.comparing(CompiledFlag::key));
            for (CompiledFlag flag : flags) {
                for (String user : List.of("user-1", "user-2", "user-3")) {
                    evaluations.add(environment + " " + flag.key() + " " + user + ": "
                            + ruleset.evaluate(flag, Context.of(user)));
                }
            }
        }
        return evaluations;
    }

    @Test
    @EnabledIfSystemProperty(named = "andon.golden.write", matches = "yes")
    void write_those_of_the_present_format() throws IOException {
        Path export = FOLDER.resolve("entries-" + Entry.SCHEMA + ".ndjson");
        assertThat(export).as("golden files are never written anew").doesNotExist();
        List<byte[]> entries = new ArrayList<>(Exports.entries(SEED, ENTRIES));
        StandingKill kill = Samples.standing("production", "9f86d081-99", "checkout");
        for (Event event : Arrays.asList(
                new Event.KillStood(kill.signed(), kill.flags()),
                new Event.LedgerContinued(7, "hash: a (expected: b)"))) {
            entries.add(new Entry(
                            "test.change",
                            "node:n1",
                            Instant.parse("2026-11-22T14:03:00.123456789Z"),
                            "because",
                            Optional.of("a cause"),
                            "c-9",
                            Map.of("production/flag/checkout", 3L),
                            List.of(event))
                    .encode());
        }
        Files.createDirectories(FOLDER);
        Files.write(export, Exports.bytes(Exports.whole(entries)));
        Files.writeString(
                FOLDER.resolve("entries-" + Entry.SCHEMA + ".expected.json"),
                expected(fold(entries)).pretty() + "\n");
    }
}
