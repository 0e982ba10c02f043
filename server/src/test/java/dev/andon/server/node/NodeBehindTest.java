package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Segment;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node answers that hasn't heard yet what another one wrote. */
final class NodeBehindTest {
    /** So long that no node hears of another's entries by itself. */
    private static final StoreOptions DEAF = StoreOptions.DEFAULTS.withPollInterval(Duration.ofMinutes(1));

    private static final NodeLimits LIMITS = new NodeLimits(30_000, 30_000, 20, 60_000, 100, 10);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private AndonNode ahead;
    private AndonNode behind;
    private FaultyStore storeOfBehind;

    @BeforeEach
    void startTwo() throws Exception {
        ahead = start("ahead");
        behind = start("behind");
        // One that is about to be caught up with could be at any time.
        save(behind, "begun", "everybody");
        save(ahead, "begun-too", "everybody");
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    @Test
    void aChangeThatOnceWouldHaveChangedNothingIsMade() {
        assertThat(save(behind, "audience", "old")).isInstanceOf(Outcome.Done.class);
        assertThat(save(ahead, "audience", "new")).isInstanceOf(Outcome.Done.class);
        Image before = behind.image();
        Outcome<Long> outcome = save(behind, "audience", "old");
        assertThat(outcome).as("decided on %s", before.provenance()).isInstanceOf(Outcome.Done.class);
        assertThat(description(behind, "audience")).isEqualTo("old");
    }

    @Test
    void whatIsThereNowIsNotRefusedAsUnknown() {
        long version = version(save(ahead, "audience", "new"));
        assertThat(replaceIf(behind, "audience", version)).isInstanceOf(Outcome.Done.class);
    }

    @Test
    void aRefusalNamesWhatIsThere() {
        long old = version(save(behind, "audience", "old"));
        long now = version(save(ahead, "audience", "new"));
        assertThatThrownBy(() -> replaceIf(behind, "audience", old + 100))
                .isInstanceOf(Refused.class)
                .hasMessageContaining("expected: " + now);
    }

    @Test
    void withoutTheStoreNothingIsSaidOfWhatIsThere() {
        save(behind, "audience", "old");
        storeOfBehind.mode(FaultyStore.Mode.REFUSING);
        assertThatThrownBy(() -> save(behind, "audience", "old")).isInstanceOf(StoreUnavailable.class);
    }

    private AndonNode start(String name) throws Exception {
        storeOfBehind = new FaultyStore(LedgerStores.openFile(folder.resolve("ledger.db"), DEAF, new SecureRandom()));
        open.add(storeOfBehind);
        AndonNode node = AndonNode.start(new AndonNode.Parts(
                Files.createDirectories(folder.resolve(name)),
                storeOfBehind,
                LIMITS,
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(),
                List.of()));
        open.add(node);
        return node;
    }

    private static CommandContext context() {
        return new CommandContext("tester", "because", "c", Optional.empty(), false);
    }

    /** Saves it unless it is like this already. */
    private static Outcome<Long> save(AndonNode node, String key, String description) {
        return node.execute(
                (image, kills, now) -> description.equals(description(image, key))
                        ? Decision.of("segment.save", List.of(), committed -> versionOf(committed.after(), key))
                        : saved(key, description),
                context());
    }

    private static Outcome<Long> replaceIf(AndonNode node, String key, long version) {
        return node.execute(
                (image, kills, now) -> {
                    long there = versionOf(image, key);
                    if (there != version) {
                        throw new Refused(Refused.Code.PRECONDITION_FAILED, "version", "" + version, "" + there);
                    }
                    return saved(key, "replaced");
                },
                context());
    }

    private static Decision<Long> saved(String key, String description) {
        Segment segment = Segment.read(Fields.strict(Json.object()
                .put("key", key)
                .put("description", description)
                .put("when", Json.object().put("attribute", "country").put("exists", true))
                .build()));
        return Decision.of(
                "segment.save",
                List.of(new Event.SegmentSaved("production", segment)),
                committed -> versionOf(committed.after(), key));
    }

    private static long version(Outcome<Long> outcome) {
        return ((Outcome.Done<Long>) outcome).reply();
    }

    private static long versionOf(Image image, String key) {
        return image.versionOf("production/segment/" + key);
    }

    private static String description(AndonNode node, String key) {
        return description(node.image(), key);
    }

    private static String description(Image image, String key) {
        return image.environment("production")
                .map(environment -> environment.segments().get(key))
                .map(segment -> segment.value().description())
                .orElse("");
    }
}
