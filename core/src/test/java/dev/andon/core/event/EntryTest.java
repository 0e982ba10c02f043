package dev.andon.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Histories;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Target;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntryTest {
    private static final Instant AT = Instant.parse("2026-11-22T14:03:00.123456789Z");

    @Test
    void entries_of_every_event_read_back_as_they_were_written() {
        for (long seed = 0; seed < 20; seed++) {
            for (Histories.Written written : Histories.sound(seed, 30)) {
                Entry entry = entry("because \"π\" 🌵", written.events());
                byte[] bytes = entry.encode();
                assertThat(Entry.decode(bytes))
                        .as("seed %d, version %d", seed, written.version())
                        .isEqualTo(entry);
                assertThat(Entry.decode(bytes).encode()).isEqualTo(bytes);
                assertThat(Entry.heading(bytes)).isEqualTo(new Entry.Heading("rollback", AT));
            }
        }
    }

    @Test
    void what_was_observed_reads_back_and_changes_no_image() {
        Event.Observed observed = new Event.Observed(
                "relapse",
                "kill/9f3a-1",
                Optional.of("production"),
                Optional.of(new Target.Tagged("vendor:stripe")),
                new TreeSet<>(List.of("a", "b")),
                new Json.Members(Map.of("count", Json.of(3), "who", Json.of("π"))));
        Entry entry = entry("seen", List.of(observed));
        assertThat(Entry.decode(entry.encode())).isEqualTo(entry);
        List<Image> images = Histories.images(Histories.sound(7, 30));
        Image last = images.get(images.size() - 1);
        Provenance next = last.provenance().at(last.provenance().version() + 1);
        Image after = new ImageDelta(last).apply(next.version(), observed).build(next);
        assertThat(after.environments()).isEqualTo(last.environments());
        assertThat(after.events()).isEqualTo(last.events());
        assertThat(after.versionOf(observed.subject())).isZero();
        assertThat(after.versionOf("production/service/checkout/local-stop")).isZero();
    }

    @Test
    void what_was_observed_is_bounded() {
        Json.Members large = new Json.Members(Map.of("x", Json.of("x".repeat(Event.Observed.MAX_DETAIL_BYTES))));
        assertThatThrownBy(() -> new Event.Observed(
                        "relapse", "kill/9f3a-1", Optional.empty(), Optional.empty(), new TreeSet<>(), large))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("details: 65544 bytes (expected: at most 65536)");
        assertThatThrownBy(() -> new Event.Observed(
                        "relapse",
                        "kill",
                        Optional.empty(),
                        Optional.empty(),
                        new TreeSet<>(),
                        new Json.Members(Map.of())))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("about: \"kill\"");
    }

    private static Entry entry(String reason, List<Event> events) {
        return new Entry(
                "rollback",
                "token:ci",
                AT,
                reason,
                Optional.of("version 7"),
                "c-1",
                Map.of("production/flag/checkout", 7L),
                events);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"schema\":1 | \"schema\":2 | schema: 2 (expected: an integer from 1 to 1)",
                "\"type\":\"environment\" | \"type\":\"hologram\" | events[0].type: \"hologram\" (expected: an event"
                        + " type that this version knows; update Andon)",
                "\"at\":\"2026 | \"at\":\"26 | at: \"26-11-22T14:03:00.123456789Z\" (expected: a time in UTC such as"
                        + " 2026-11-22T14:03:00Z)",
                "\"actor\":\"token:ci\" | \"actor\":\"\" | actor: \"\" (expected: 1 to 128 characters without control"
                        + " characters, not blank)",
                "checkout\":7 | checkout\":true | previous.production/flag/checkout: true (expected: a version)",
                "\"correlation\" | \"correlated\" | correlation: nothing (expected: a string)"
            })
    void what_cannot_be_read_is_refused_by_name(String written, String changed, String message) {
        String text = new String(
                entry("x", List.of(new Event.EnvironmentSaved(new Environment("production", ""))))
                        .encode(),
                StandardCharsets.UTF_8);
        assertThat(text).contains(written);

        assertThatThrownBy(() -> Entry.decode(text.replace(written, changed).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(InvalidInput.class)
                .hasMessage(message);
    }

    @Test
    void a_heading_is_read_without_what_follows_it() {
        byte[] bytes = "{\"schema\":1,\"actor\":{\"x\":[1]},\"type\":\"kill\",\"at\":\"2026-11-22T14:03:00Z\",oops"
                .getBytes(StandardCharsets.UTF_8);

        assertThat(Entry.heading(bytes)).isEqualTo(new Entry.Heading("kill", Instant.parse("2026-11-22T14:03:00Z")));
        assertThatThrownBy(() -> Entry.heading("{\"schema\":1}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("type: nothing (expected: a string)");
        assertThatThrownBy(() ->
                        Entry.heading("{\"schema\":9,\"type\":\"x\",\"at\":\"y\"}".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("schema: 9 (expected: an integer from 1 to 1)");
    }

    @Test
    void an_entry_says_something_and_not_too_much() {
        assertThatThrownBy(() -> entry("x", List.of())).hasMessage("events: [] (expected: at least one event)");
        List<Event> many = new ArrayList<>();
        for (int i = 0; i < 1_100; i++) {
            many.add(new Event.EnvironmentSaved(new Environment("e" + i, "x".repeat(4_000))));
        }
        Entry tooMuch = entry("x", many);

        assertThatThrownBy(tooMuch::encode)
                .isInstanceOf(InvalidInput.class)
                .hasMessageEndingWith("(expected: at most 4194304; change less at once)");
    }
}
