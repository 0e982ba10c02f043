package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreException;
import dev.andon.store.StoredEntry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SettlingKillsTest {
    private static final String PRODUCTION = "production";
    private static final Configuration CONFIGURATION = new Configuration(
            Map.of("off", Json.of(false)),
            "off",
            true,
            List.of(),
            List.of(),
            new Serve.Fixed("off"),
            new WhenBlind.Keep());

    private final List<StoredEntry> ledger = new ArrayList<>();
    private final List<Long> reads = new ArrayList<>();
    private Image image = Image.EMPTY;
    private boolean failing;
    private final SettlingKills settling = new SettlingKills(this::read);

    private List<StoredEntry> read(long after, int most) {
        if (failing) {
            throw new StoreException(StoreException.Code.UNAVAILABLE, "on purpose");
        }
        reads.add(after);
        return ledger.stream()
                .filter(entry -> entry.version() > after)
                .limit(most)
                .toList();
    }

    @Test
    void names_flags_that_matched_for_a_while_before_it_settled() {
        append(environment(), tagged("a", "x"), configured("a"), tagged("b"), configured("b"), tagged("elsewhere"));
        StandingKill kill = kill("a", "x");
        append(tagged("b", "x"));
        append(tagged("elsewhere", "x"));
        append(tagged("b"), tagged("elsewhere"));

        assertThat(heldBy(settling.entries(List.of(kill), image))).containsExactly(new TreeSet<>(Set.of("a", "b")));
    }

    @Test
    void names_flags_that_came_back_into_the_environment_and_were_changed_then() {
        append(environment(), tagged("a", "x"), configured("a"), tagged("b", "x"));
        StandingKill kill = kill("a", "x");
        append(configured("b"));
        append(tagged("b"));

        assertThat(heldBy(settling.entries(List.of(kill), image))).containsExactly(new TreeSet<>(Set.of("a", "b")));
    }

    @Test
    void names_flags_that_matched_and_have_left_the_environment() {
        append(environment(), tagged("a", "x"), configured("a"), tagged("b", "x"), tagged("c"), configured("c"));
        StandingKill kill = kill("a", "x");
        append(configured("b"), tagged("c", "x"));
        append(new Event.ConfigurationDeleted(PRODUCTION, "b"), new Event.ConfigurationDeleted(PRODUCTION, "c"));

        assertThat(heldBy(settling.entries(List.of(kill), image)))
                .containsExactly(new TreeSet<>(Set.of("a", "b", "c")));
    }

    @Test
    void a_kill_that_lists_nothing_names_flags_that_left_and_were_changed_then() {
        append(environment(), tagged("a", "x"), configured("a"), tagged("b", "x"), configured("b"));
        StandingKill kill = kill("a", "x", 1, false);
        append(new Event.ConfigurationDeleted(PRODUCTION, "b"));
        append(tagged("b"));
        append(configured("b"));

        assertThat(heldBy(settling.entries(List.of(kill), image)))
                .singleElement()
                .satisfies(flags -> assertThat(flags).contains("b"));
    }

    @Test
    void reads_nothing_when_nothing_came_in_between() {
        append(environment(), tagged("a", "x"), configured("a"));
        settling.entries(List.of(kill("a", "x")), image);
        assertThat(reads).isEmpty();
    }

    @Test
    void an_append_that_is_tried_again_goes_on_where_the_last_one_ended() {
        append(environment(), tagged("a", "x"), configured("a"), tagged("b", "x"), configured("b"));
        StandingKill kill = kill("a", "x");
        append(tagged("b"));
        failing = true;
        assertThatThrownBy(() -> settling.entries(List.of(kill), image)).isInstanceOf(StoreException.class);
        failing = false;
        append(tagged("c", "x"), configured("c"));
        settling.entries(List.of(kill), image);
        append(tagged("c"));
        assertThat(heldBy(settling.entries(List.of(kill), image))).containsExactly(new TreeSet<>(Set.of("a", "c")));
        assertThat(reads).containsExactly(1L, 3L);
    }

    @Test
    void holds_every_flag_if_an_entry_in_between_can_not_be_read() {
        append(environment(), tagged("a", "x"), configured("a"));
        StandingKill kill = kill("a", "x");
        store("no entry".getBytes(StandardCharsets.UTF_8));
        image = new ImageDelta(image).build(new Provenance("ledger", 1, 2));
        assertThat(heldBy(settling.entries(List.of(kill), image)))
                .singleElement()
                .satisfies(flags -> assertThat(flags).contains(StandingKill.EVERY));
    }

    @Test
    void takes_only_as_many_kills_as_fit_into_one_append() {
        append(environment(), tagged("a", "x"), configured("a"));
        TreeSet<String> many = new TreeSet<>();
        for (int i = 0; i < 15_000; i++) {
            many.add("flag-%05d".formatted(i) + "x".repeat(100));
        }
        List<StandingKill> kills = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            kills.add(kill("a", "x", i + 1).naming(many));
        }
        List<byte[]> entries = settling.entries(kills, image);
        assertThat(entries).hasSizeBetween(2, 19);
        assertThat(entries.stream().mapToLong(entry -> entry.length).sum())
                .isLessThanOrEqualTo(LedgerStore.MAX_APPEND_BYTES);
    }

    private static List<SortedSet<String>> heldBy(List<byte[]> entries) {
        return entries.stream()
                .flatMap(entry -> Entry.decode(entry).events().stream())
                .map(event -> ((Event.KillStood) event).flags())
                .toList();
    }

    private void append(Event... events) {
        Entry entry = new Entry(
                "test",
                "someone",
                Instant.EPOCH,
                "because",
                Optional.empty(),
                "c" + ledger.size(),
                Map.of(),
                List.of(events));
        store(entry.encode());
        ImageDelta delta = new ImageDelta(image);
        for (Event event : events) {
            delta.apply(ledger.size(), event);
        }
        image = delta.build(new Provenance("ledger", 1, ledger.size()));
    }

    private void store(byte[] bytes) {
        LedgerPosition before =
                ledger.isEmpty() ? LedgerPosition.START : ledger.getLast().position();
        LedgerPosition position = before.next(bytes);
        ledger.add(new StoredEntry(1, position.version(), bytes, position.hash()));
    }

    private StandingKill kill(String flag, String tag) {
        return kill(flag, tag, 1);
    }

    private StandingKill kill(String flag, String tag, int number) {
        return kill(flag, tag, number, true);
    }

    private StandingKill kill(String flag, String tag, int number, boolean listed) {
        Kill kill = new Kill(
                new KillId("9f86d081", number),
                PRODUCTION,
                new Target.Tagged(tag),
                new TreeSet<>(Set.of(flag)),
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, image.provenance().version(), listed));
        return new StandingKill(new SignedKill(kill.toJson().text(), "signed", kill), kill.flags());
    }

    private static Event environment() {
        return new Event.EnvironmentSaved(new Environment(PRODUCTION, ""));
    }

    private static Event tagged(String key, String... tags) {
        return new Event.FlagSaved(new Flag(
                key,
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(Set.of(tags)),
                OptionalInt.empty(),
                false));
    }

    private static Event configured(String key) {
        return new Event.ConfigurationSaved(PRODUCTION, key, CONFIGURATION);
    }
}
