package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.Json;
import dev.andon.core.model.Target;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecorderTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final NodeLimits LIMITS = new NodeLimits(30_000, 30_000, 20, 60_000, 100, 10);

    @TempDir
    Path folder;

    private final List<AutoCloseable> open = new ArrayList<>();
    private FaultyStore store;

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @Test
    void whatIsObservedIsAnEntryOfTheNodesOwnAndNoState() throws Exception {
        AndonNode node = start("a");
        Image before = node.image();
        Recorder recorder = recorder(node, 10);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        recorder.note(observation("one", written));
        await().atMost(PATIENCE).until(() -> written.size() == 1);
        Image after = node.image();
        long version = written.getFirst();
        assertThat(after.provenance().version()).isEqualTo(version);
        assertThat(after.environments()).isEqualTo(before.environments());
        assertThat(after.flags()).isEqualTo(before.flags());
        assertThat(after.marks()).isEqualTo(before.marks());
        History.Recorded entry = node.history().entries(version, version).getFirst();
        assertThat(entry.entry().actor()).isEqualTo("node:" + node.node());
        assertThat(entry.entry().type()).isEqualTo("test.observed");
        assertThat(entry.entry().reason()).isEqualTo("seen one");
        assertThat(entry.entry().events()).contains(event("one"));
        assertThat(entry.entry().previous()).isEmpty();
    }

    @Test
    void whatComesWhileTheStoreIsGoneIsWrittenInOrderWhenItIsBack() throws Exception {
        AndonNode node = start("a");
        Recorder recorder = recorder(node, 100);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        store.mode(FaultyStore.Mode.REFUSING);
        List<String> names = IntStream.range(0, 30).mapToObj(i -> "n" + i).toList();
        names.forEach(name -> recorder.note(observation(name, written)));
        await().atMost(PATIENCE).until(() -> !node.store().writable());
        assertThat(written).isEmpty();
        store.mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE).until(() -> written.size() == names.size());
        assertThat(written).isSorted();
        assertThat(observed(node)).isEqualTo(names);
        assertThat(recorder.lost()).isZero();
    }

    @Test
    void whatTheStoreTookWithoutSayingSoIsThereOnce() throws Exception {
        AndonNode node = start("a");
        Recorder recorder = recorder(node, 10);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        store.mode(FaultyStore.Mode.SILENT_APPENDS);
        recorder.note(observation("one", written));
        int calls = store.calls();
        await().atMost(PATIENCE).until(() -> store.calls() > calls + 3);
        store.mode(FaultyStore.Mode.WORKING);
        await().atMost(PATIENCE).until(() -> written.size() == 1);
        assertThat(observed(node)).containsExactly("one");
    }

    @Test
    void aNameIsTakenOnceAlsoAfterARestartAndByAnotherNode() throws Exception {
        AndonNode one = start("a");
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        recorder(one, 10).note(observation("one", written));
        await().atMost(PATIENCE).until(() -> written.size() == 1);
        AndonNode two = start("b");
        recorder(two, 10).note(observation("one", written));
        await().atMost(PATIENCE).until(() -> written.size() == 2);
        assertThat(written.get(1)).isEqualTo(written.get(0));
        assertThat(observed(two)).containsExactly("one");
    }

    @Test
    void whatDoesNotFitIsCountedAndALaterOneOfTheSameNameTakesThePlace() throws Exception {
        AndonNode node = start("a");
        Recorder recorder = new Recorder(3, 20, System::nanoTime);
        open.add(recorder);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        for (String name : List.of("n0", "n1", "n2", "n3", "n4", "n1")) {
            recorder.note(observation(name, written));
        }
        assertThat(recorder.lost()).isEqualTo(2);
        assertThat(recorder.waiting()).isEqualTo(3);
        recorder.start(node);
        await().atMost(PATIENCE).until(() -> written.size() == 3);
        assertThat(observed(node)).containsExactly("n0", "n1", "n2");
    }

    @Test
    void whatTheLedgerRefusesHoldsNothingUp() throws Exception {
        AndonNode node = start("a");
        Recorder recorder = recorder(node, 10);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        recorder.note(new Observation(
                "bad", "test.observed", "x".repeat(5_000), event("bad"), version -> written.add(-version)));
        recorder.note(observation("good", written));
        await().atMost(PATIENCE).until(() -> written.size() == 1);
        assertThat(observed(node)).containsExactly("good");
        assertThat(recorder.lost()).isEqualTo(1);
    }

    @Test
    void otherChangesGoOnBesideMany() throws Exception {
        AndonNode node = start("a");
        Recorder recorder = recorder(node, 1_000);
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        IntStream.range(0, 200).forEach(i -> recorder.note(observation("n" + i, written)));
        for (int i = 0; i < 20; i++) {
            Outcome<Boolean> outcome = node.execute(
                    (image, kills, now) -> Decision.of("test.other", List.of(event("other")), committed -> true),
                    new CommandContext("token:me", "because", "c", Optional.empty(), false));
            assertThat(outcome).isInstanceOf(Outcome.Done.class);
        }
        await().atMost(PATIENCE).until(() -> written.size() == 200);
        assertThat(observed(node)).filteredOn(name -> name.startsWith("n")).hasSize(200);
    }

    private static Observation observation(String name, List<Long> written) {
        return new Observation(name, "test.observed", "seen " + name, event(name), written::add);
    }

    private static Event.Observed event(String name) {
        return new Event.Observed(
                "test",
                "thing/" + name,
                Optional.of("production"),
                Optional.of(new Target.Tagged("t")),
                new TreeSet<>(List.of("f")),
                new Json.Members(Map.of("count", Json.of(3))));
    }

    /** The names of what was observed, in the ledger's order. */
    private static List<String> observed(AndonNode node) {
        long last = node.image().provenance().version();
        return node.history().entries(1, last).stream()
                .flatMap(recorded -> recorded.entry().events().stream())
                .filter(event -> event instanceof Event.Observed)
                .map(event -> ((Event.Observed) event).about().substring("thing/".length()))
                .toList();
    }

    @Test
    void whatARelayHasSeenWaitsUntilTheLedgerKnowsItAsItIs() throws Exception {
        AndonNode node = start("a");
        AtomicBoolean joined = new AtomicBoolean();
        AtomicInteger asked = new AtomicInteger();
        Recorder recorder = new Recorder(10, 20, System::nanoTime);
        open.add(recorder);
        recorder.start(node, Optional.empty(), () -> {
            asked.incrementAndGet();
            return joined.get();
        });
        List<Long> written = Collections.synchronizedList(new ArrayList<>());
        recorder.note(observation("one", written));
        recorder.note(observation("two", written));
        await().atMost(PATIENCE).until(() -> asked.get() > 2);
        assertThat(observed(node)).isEmpty();
        joined.set(true);
        await().atMost(PATIENCE).until(() -> written.size() == 2);
        assertThat(observed(node)).containsExactly("one", "two");
    }

    private Recorder recorder(AndonNode node, int maxWaiting) {
        Recorder recorder = new Recorder(maxWaiting, 20, System::nanoTime);
        open.add(recorder);
        recorder.start(node);
        return recorder;
    }

    private AndonNode start(String name) throws Exception {
        Path directory = Files.createDirectories(folder.resolve(name));
        LedgerStore sqlite = LedgerStores.openFile(
                folder.resolve("ledger.db"),
                StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(20)),
                new SecureRandom());
        store = new FaultyStore(sqlite);
        open.add(store);
        AndonNode node = AndonNode.start(new AndonNode.Parts(
                directory,
                store,
                LIMITS,
                InstantSource.system(),
                System::nanoTime,
                new SecureRandom(),
                List.of(),
                List.of()));
        open.add(node);
        return node;
    }
}
