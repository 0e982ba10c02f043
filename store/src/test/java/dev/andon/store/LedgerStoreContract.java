package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.ledger.ChainHash;
import dev.andon.core.ledger.Checkpoint;
import dev.andon.store.AppendResult.Appended;
import dev.andon.store.AppendResult.Conflict;
import dev.andon.store.StoreException.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every ledger store does. Its subclasses say which. */
abstract class LedgerStoreContract {
    static final StoreOptions OPTIONS = StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(50));

    private static final Signer SIGNER = Signer.create();

    private final List<LedgerStore> opened = new ArrayList<>();
    LedgerStore store;

    /** The address of a new, empty database; the same one during a test. */
    abstract String url();

    @BeforeEach
    final void openStore() {
        store = open();
    }

    @AfterEach
    final void closeStores() {
        opened.forEach(LedgerStore::close);
    }

    final LedgerStore open() {
        return open(OPTIONS);
    }

    final LedgerStore open(StoreOptions options) {
        return keep(LedgerStores.open(url(), options, new Random(7)));
    }

    final LedgerStore keep(LedgerStore other) {
        opened.add(other);
        return other;
    }

    static byte[] entry(String text) {
        return text.getBytes(UTF_8);
    }

    static List<byte[]> entries(String... texts) {
        return Arrays.stream(texts).map(LedgerStoreContract::entry).toList();
    }

    static List<String> texts(List<StoredEntry> entries) {
        return entries.stream().map(e -> new String(e.bytes(), UTF_8)).toList();
    }

    static LedgerPosition appended(AppendResult result) {
        assertThat(result).isInstanceOf(Appended.class);
        return result.head().position();
    }

    @Test
    void aNewLedgerIsEmptyAndHasARandomName() {
        LedgerHead head = store.head();

        assertThat(head.ledgerId()).matches("[0-9a-f]{32}");
        assertThat(head.epoch()).isEqualTo(1);
        assertThat(head.position()).isEqualTo(LedgerPosition.START);
        assertThat(store.read(0, 10)).isEmpty();
        assertThat(store.snapshotAtOrBefore(Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void appendsAtTheExpectedPosition() {
        LedgerPosition two = appended(store.append(LedgerPosition.START, entries("a", "b")));
        LedgerPosition three = appended(store.append(two, entries("c")));

        assertThat(two.version()).isEqualTo(2);
        assertThat(three.version()).isEqualTo(3);
        assertThat(store.head().position()).isEqualTo(three);
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b", "c");
    }

    @Test
    void hashesAreThoseOfTheDefinition() throws Exception {
        store.append(LedgerPosition.START, entries("a", "b"));

        byte[] previous = new byte[32];
        for (StoredEntry entry : store.read(0, 10)) {
            var sha256 = java.security.MessageDigest.getInstance("SHA-256");
            byte[] content = sha256.digest(entry.bytes());
            sha256.update(previous);
            sha256.update(new byte[] {0, 0, 0, 0, 0, 0, 0, (byte) entry.version()});
            previous = sha256.digest(content);
            assertThat(entry.hash().toBytes()).isEqualTo(previous);
        }
    }

    @Test
    void refusesAPositionThatIsBehindAheadOrOfAnotherHistory() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        LedgerPosition two = appended(store.append(one, entries("b")));
        LedgerPosition ahead = new LedgerPosition(7, two.hash());
        LedgerPosition fork = one.next(entry("not b"));

        for (LedgerPosition wrong : List.of(LedgerPosition.START, one, ahead, fork)) {
            AppendResult result = store.append(wrong, entries("c"));
            assertThat(result).isInstanceOf(Conflict.class);
            assertThat(result.head().position()).isEqualTo(two);
        }
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b");
    }

    @Test
    void theSameAppendTriedAgainIsThereOnce() {
        LedgerPosition two = appended(store.append(LedgerPosition.START, entries("a", "b")));
        LedgerPosition three = appended(store.append(two, entries("c")));

        assertThat(appended(store.append(LedgerPosition.START, entries("a", "b"))))
                .isEqualTo(two);
        assertThat(appended(store.append(two, entries("c")))).isEqualTo(three);
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b", "c");
    }

    @Test
    void bytesComeBackAsTheyWere() {
        byte[] every = new byte[256 * 3];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        byte[] json = entry("{ \"b\" : 1.0,\r\n\"a\":\"\\u0000\u00e9\", \"a\":2 }");
        store.append(LedgerPosition.START, List.of(every, json));

        List<StoredEntry> read = store.read(0, 10);
        assertThat(read.get(0).bytes()).isEqualTo(every);
        assertThat(read.get(1).bytes()).isEqualTo(json);
    }

    @Test
    void readsInOrderFromAnywhereInAnyPortion() {
        LedgerPosition position = LedgerPosition.START;
        for (int i = 1; i <= 25; i += 5) {
            position = appended(
                    store.append(position, entries("" + i, "" + (i + 1), "" + (i + 2), "" + (i + 3), "" + (i + 4))));
        }
        for (int portion : List.of(1, 2, 7, 24, 25, 26)) {
            List<StoredEntry> all = new ArrayList<>();
            List<StoredEntry> next = store.read(0, portion);
            while (!next.isEmpty()) {
                assertThat(next).hasSizeLessThanOrEqualTo(portion);
                all.addAll(next);
                next = store.read(all.size(), portion);
            }
            assertThat(all).hasSize(25);
            assertThat(ChainVerifier.verify(LedgerPosition.START, all))
                    .isEqualTo(new ChainVerifier.Verdict.Intact(position));
        }
        assertThat(store.read(25, 10)).isEmpty();
        assertThat(store.read(1_000, 10)).isEmpty();
    }

    @Test
    void aReadIsBoundedInBytesButAlwaysGoesOn() {
        byte[] large = new byte[LedgerStore.MAX_ENTRY_BYTES];
        LedgerPosition position = LedgerPosition.START;
        for (int i = 0; i < 6; i++) {
            large[0] = (byte) i;
            position = appended(store.append(position, List.of(large.clone())));
        }
        assertThat(store.read(0, 10)).hasSize(4);
        assertThat(store.read(4, 10)).hasSize(2);
        assertThat(store.read(5, 1).getFirst().bytes()).hasSize(LedgerStore.MAX_ENTRY_BYTES);
    }

    @Test
    void exactlyOneOfManyWritersWinsEachVersion() throws Exception {
        LedgerStore other = open();
        int writers = 8;
        int each = 15;
        Set<String> acknowledged = ConcurrentHashMap.newKeySet();
        assertThat(other.head()).isEqualTo(store.head());
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
            List<Future<?>> all = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                String writer = "w" + w + "-";
                LedgerStore mine = w % 2 == 0 ? store : other;
                all.add(threads.submit(() -> {
                    start.await();
                    for (int i = 0; i < each; i++) {
                        List<byte[]> pair = entries(writer + i + "a", writer + i + "b");
                        LedgerPosition position = mine.head().position();
                        while (mine.append(position, pair) instanceof Conflict conflict) {
                            position = conflict.head().position();
                        }
                        acknowledged.add(writer + i + "a");
                        acknowledged.add(writer + i + "b");
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> one : all) {
                one.get(2, TimeUnit.MINUTES);
            }
        }
        List<StoredEntry> stored = store.read(0, LedgerStore.MAX_READ_ENTRIES);
        assertThat(texts(stored)).hasSize(writers * each * 2).doesNotHaveDuplicates();
        assertThat(new HashSet<>(texts(stored))).isEqualTo(acknowledged);
        for (int i = 0; i < stored.size(); i += 2) {
            String first = texts(stored).get(i);
            assertThat(texts(stored).get(i + 1)).isEqualTo(first.substring(0, first.length() - 1) + "b");
        }
        assertThat(ChainVerifier.verify(LedgerPosition.START, stored))
                .isEqualTo(new ChainVerifier.Verdict.Intact(store.head().position()));
    }

    @Test
    void refusesWhatIsOutsideItsLimitsAndWritesNothing() {
        byte[] tooLarge = new byte[LedgerStore.MAX_ENTRY_BYTES + 1];
        byte[] full = new byte[LedgerStore.MAX_ENTRY_BYTES];
        List<byte[]> tooMany = new ArrayList<>();
        for (int i = 0; i <= LedgerStore.MAX_APPEND_ENTRIES; i++) {
            tooMany.add(entry("" + i));
        }
        for (List<byte[]> wrong : List.of(
                List.<byte[]>of(),
                List.of(new byte[0]),
                List.of(entry("a"), new byte[0]),
                List.of(entry("a"), tooLarge),
                List.of(full, full, full, full, entry("a")),
                tooMany)) {
            refused(() -> store.append(LedgerPosition.START, wrong));
        }
        refused(() -> store.read(-1, 1));
        refused(() -> store.read(0, 0));
        refused(() -> store.read(0, LedgerStore.MAX_READ_ENTRIES + 1));
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        refused(() -> store.saveSnapshot(one, new byte[0]));
        refused(() -> store.saveSnapshot(one, new byte[LedgerStore.MAX_SNAPSHOT_BYTES + 1]));
        refused(() -> store.saveSnapshot(LedgerPosition.START, entry("image")));
        refused(() -> store.saveSnapshot(one.next(entry("b")), entry("image")));
        refused(() -> store.saveSnapshot(new LedgerPosition(1, ChainHash.ZERO), entry("image")));
        refused(() -> store.startEpoch(1, 1));
        assertThat(texts(store.read(0, 10))).containsExactly("a");
        assertThat(store.snapshotAtOrBefore(10)).isEmpty();
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.code()).as(e.toString()).isEqualTo(Code.LIMIT);
            assertThat(e.outcomeUnknown()).isFalse();
            assertThat(e).hasMessageContaining("(expected: ");
        });
    }

    @Test
    void takesTheLargestAppendItPromises() {
        List<byte[]> many = new ArrayList<>();
        for (int i = 0; i < LedgerStore.MAX_APPEND_ENTRIES; i++) {
            many.add(entry("entry " + i));
        }
        LedgerPosition end = appended(store.append(LedgerPosition.START, many));
        assertThat(end.version()).isEqualTo(LedgerStore.MAX_APPEND_ENTRIES);
        assertThat(store.read(0, LedgerStore.MAX_READ_ENTRIES)).hasSize(LedgerStore.MAX_APPEND_ENTRIES);
    }

    @Test
    void findsTheNewestSnapshotThatIsNotTooNew() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        LedgerPosition two = appended(store.append(one, entries("b")));
        LedgerPosition three = appended(store.append(two, entries("c")));
        store.saveSnapshot(one, entry("image 1"));
        store.saveSnapshot(three, entry("image 3, first"));
        store.saveSnapshot(three, entry("image 3"));

        assertThat(store.snapshotAtOrBefore(0)).isEmpty();
        for (long version : List.of(1L, 2L)) {
            StoredSnapshot found = store.snapshotAtOrBefore(version).orElseThrow();
            assertThat(found.position()).isEqualTo(one);
            assertThat(found.bytes()).isEqualTo(entry("image 1"));
        }
        StoredSnapshot newest = store.snapshotAtOrBefore(Long.MAX_VALUE).orElseThrow();
        assertThat(newest.position()).isEqualTo(three);
        assertThat(newest.epoch()).isEqualTo(1);
        assertThat(newest.bytes()).isEqualTo(entry("image 3"));
    }

    @Test
    void keepsTheNewestSnapshots() {
        LedgerPosition position = LedgerPosition.START;
        int saved = LedgerStore.SNAPSHOTS_KEPT + 3;
        for (int i = 1; i <= saved; i++) {
            position = appended(store.append(position, entries("entry " + i)));
            store.saveSnapshot(position, entry("image " + i));
        }
        assertThat(store.snapshotAtOrBefore(3)).isEmpty();
        assertThat(store.snapshotAtOrBefore(4).orElseThrow().version()).isEqualTo(4);
        assertThat(store.snapshotAtOrBefore(saved).orElseThrow().version()).isEqualTo(saved);
    }

    private Checkpoint checkpoint(LedgerPosition position, String node) {
        return SIGNER.checkpoint(store.head().ledgerId(), position, node);
    }

    @Test
    void checkpointsAreKeptByVersionAndNode() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        LedgerPosition two = appended(store.append(one, entries("b")));
        LedgerPosition three = appended(store.append(two, entries("c")));
        assertThat(store.newestCheckpoint()).isEmpty();
        assertThat(store.checkpoints(1, 3)).isEmpty();
        store.saveCheckpoint(checkpoint(three, "n2"));
        store.saveCheckpoint(checkpoint(one, "n2"));
        store.saveCheckpoint(checkpoint(one, "n1"));
        store.saveCheckpoint(checkpoint(one, "n1"));

        List<Checkpoint> all =
                store.checkpoints(1, 3).stream().map(StoredCheckpoint::read).toList();
        assertThat(all).containsExactly(checkpoint(one, "n1"), checkpoint(one, "n2"), checkpoint(three, "n2"));
        assertThat(all).allMatch(Checkpoint::holds);
        assertThat(store.checkpoints(2, 2)).isEmpty();
        assertThat(store.checkpoints(3, 9)).hasSize(1);
        assertThat(store.newestCheckpoint().orElseThrow().read()).isEqualTo(checkpoint(three, "n2"));
    }

    @Test
    void aCheckpointOfAnotherHistoryIsRefused() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        refused(() -> store.saveCheckpoint(checkpoint(one.next(entry("b")), "n1")));
        refused(() -> store.saveCheckpoint(checkpoint(new LedgerPosition(1, ChainHash.ZERO), "n1")));
        refused(() -> store.checkpoints(0, 1));
        refused(() -> store.checkpoints(2, 1));
        refused(() -> store.checkpoints(1, 1L + LedgerStore.MAX_READ_ENTRIES));
        assertThat(store.newestCheckpoint()).isEmpty();
    }

    @Test
    void aStoreFromBeforeCheckpointsIsBroughtUpToDate() throws Exception {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        sql("DROP TABLE %scheckpoint");
        sql("DROP TABLE %slease");
        sql("DELETE FROM %sflyway_schema_history WHERE version IN ('2', '3')");

        LedgerStore later = open();
        assertThat(texts(later.read(0, 10))).containsExactly("a");
        later.saveCheckpoint(checkpoint(one, "n1"));
        assertThat(later.newestCheckpoint()).isPresent();
    }

    @Test
    void aDamagedSnapshotIsPassedOver() throws Exception {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        LedgerPosition two = appended(store.append(one, entries("b")));
        store.saveSnapshot(one, entry("image 1"));
        store.saveSnapshot(two, entry("image 2"));
        sql("UPDATE %ssnapshot SET bytes = digest WHERE version = 2");

        assertThat(store.snapshotAtOrBefore(2).orElseThrow().version()).isEqualTo(1);
    }

    @Test
    void aNewEpochKeepsTheHistoryAndMarksWhatFollows() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));

        LedgerHead moved = store.startEpoch(1, 1_700_000_000);
        assertThat(moved.epoch()).isEqualTo(1_700_000_000);
        assertThat(moved.position()).isEqualTo(one);
        assertThat(store.startEpoch(1, 1_800_000_000)).isEqualTo(moved);
        LedgerPosition two = appended(store.append(one, entries("b")));

        assertThat(store.read(0, 10)).extracting(StoredEntry::epoch).containsExactly(1L, 1_700_000_000L);
        assertThat(ChainVerifier.verify(LedgerPosition.START, store.read(0, 10)))
                .isEqualTo(new ChainVerifier.Verdict.Intact(two));
        assertThat(appended(store.append(LedgerPosition.START, entries("a")))).isEqualTo(one);
    }

    @Test
    void anotherOpeningFindsEverything() {
        LedgerPosition one = appended(store.append(LedgerPosition.START, entries("a")));
        store.saveSnapshot(one, entry("image"));
        LedgerHead head = store.head();
        store.close();

        LedgerStore again = open();
        assertThat(again.head()).isEqualTo(head);
        assertThat(texts(again.read(0, 10))).containsExactly("a");
        assertThat(again.snapshotAtOrBefore(1).orElseThrow().bytes()).isEqualTo(entry("image"));
        assertThat(again.append(one, entries("b"))).isInstanceOf(Appended.class);
    }

    @Test
    void severalMayOpenANewDatabaseAtOnce() throws Exception {
        int nodes = 4;
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newFixedThreadPool(nodes)) {
            List<Future<LedgerHead>> heads = new ArrayList<>();
            for (int i = 0; i < nodes; i++) {
                LedgerStore node = keep(LedgerStores.open(url(), OPTIONS, new Random(i)));
                heads.add(threads.submit(() -> {
                    start.await();
                    return await().ignoreExceptionsInstanceOf(StoreException.class)
                            .until(node::head, h -> true);
                }));
            }
            start.countDown();
            Set<LedgerHead> found = new HashSet<>();
            for (Future<LedgerHead> head : heads) {
                found.add(head.get(1, TimeUnit.MINUTES));
            }
            assertThat(found).hasSize(1);
        }
    }

    @Test
    void aTailHearsOfEveryonesEntriesUntilItIsClosed() {
        LedgerStore other = open();
        // Of two that create the tables of one SQLite file at once, the later one's call is refused as LOCKED.
        assertThat(other.head()).isEqualTo(store.head());
        AtomicInteger mine = new AtomicInteger();
        AtomicInteger theirs = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Tail tail = store.tail(closed::incrementAndGet);
        store.tail(mine::incrementAndGet);
        other.tail(theirs::incrementAndGet);
        await().until(() -> mine.get() > 0 && theirs.get() > 0 && closed.get() > 0);
        tail.close();
        tail.close();
        int heardBefore = closed.get();

        LedgerPosition position = LedgerPosition.START;
        for (int i = 0; i < 3; i++) {
            int mineBefore = mine.get();
            int theirsBefore = theirs.get();
            position = appended((i % 2 == 0 ? store : other).append(position, entries("" + i)));
            await().until(() -> mine.get() > mineBefore && theirs.get() > theirsBefore);
        }
        assertThat(closed.get()).isLessThanOrEqualTo(heardBefore + 1);
    }

    @Test
    void aTailThatFailsDisturbsNobody() {
        AtomicInteger heard = new AtomicInteger();
        store.tail(() -> {
            throw new IllegalStateException("on purpose");
        });
        store.tail(heard::incrementAndGet);
        await().until(() -> heard.get() > 0);
        int before = heard.get();
        store.append(LedgerPosition.START, entries("a"));
        await().until(() -> heard.get() > before);
    }

    @Test
    void aClosedStoreSaysSo() {
        store.append(LedgerPosition.START, entries("a"));
        store.close();
        store.close();
        for (org.assertj.core.api.ThrowableAssert.ThrowingCallable call :
                List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                        store::head,
                        () -> store.append(LedgerPosition.START, entries("b")),
                        () -> store.read(0, 1),
                        () -> store.tail(() -> {}))) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.CLOSED));
        }
        assertThat(store.describe().address()).isNotBlank();
    }

    @Test
    void entriesCannotBeChangedOrRemovedByAccident() {
        store.append(LedgerPosition.START, entries("a"));
        for (String change : List.of("UPDATE %sentry SET version = 2", "DELETE FROM %sentry")) {
            assertThatThrownBy(() -> sql(change)).hasMessageContaining("a ledger only grows");
        }
    }

    @Test
    void aHeadThatDisagreesWithTheEntriesIsDamage() throws Exception {
        store.append(LedgerPosition.START, entries("a", "b"));
        sql("UPDATE %shead SET version = 1");

        assertThatThrownBy(open()::head).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.code()).as(e.toString()).isEqualTo(Code.DAMAGED);
            assertThat(e).hasMessageContaining("restore the newest backup");
        });
    }

    @Test
    void tablesOfANewerAndonAreRefused() throws Exception {
        store.head();
        sql("UPDATE %sflyway_schema_history SET version = '999' WHERE version = '1'");

        assertThatThrownBy(open()::head)
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.TOO_NEW));
    }

    /**
     * Every JDBC call of an append fails once, before it does its work and after it: what was acknowledged is there,
     * what wasn't is there at most once, what was said not to be written never is, and trying again makes it exactly one.
     */
    @Test
    void whicheverDatabaseCallFailsNothingIsLostOrDoubled() {
        LedgerPosition position = appended(store.append(LedgerPosition.START, entries("first")));
        List<String> expected = new ArrayList<>(List.of("first"));
        Faults faults = new Faults();
        LedgerStore faulty =
                keep(new JdbcLedgerStore(faults.around(LedgerStores.dialect(url(), OPTIONS)), OPTIONS, new Random(1)));
        assertThat(faulty.head().position()).isEqualTo(position);
        for (boolean afterwards : List.of(false, true)) {
            int failing = 0;
            boolean reached = true;
            while (reached) {
                failing++;
                String text = "call " + failing + (afterwards ? " after" : " before");
                faults.failCall(failing, afterwards);
                Optional<StoreException> failure = Optional.empty();
                try {
                    faulty.append(position, entries(text, text + " too"));
                } catch (StoreException e) {
                    failure = Optional.of(e);
                }
                reached = faults.reached();
                faults.off();
                List<String> stored = texts(store.read(position.version(), 10));
                String description = text + " (" + faults.failedCall() + "): " + failure + ", stored " + stored;
                if (failure.isEmpty() || !stored.isEmpty()) {
                    assertThat(stored).as(description).containsExactly(text, text + " too");
                }
                if (failure.isPresent() && !failure.get().outcomeUnknown()) {
                    assertThat(stored).as(description).isEmpty();
                }
                position = appended(faulty.append(position, entries(text, text + " too")));
                expected.addAll(List.of(text, text + " too"));
            }
            assertThat(failing).as("calls that an append makes").isGreaterThan(10);
        }
        assertThat(texts(store.read(0, 1_000))).isEqualTo(expected);
        assertThat(ChainVerifier.verify(LedgerPosition.START, store.read(0, 1_000)))
                .isEqualTo(new ChainVerifier.Verdict.Intact(position));
    }

    /** The same for the calls of a first contact: the next call makes good what the failed one left. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 9, 13, 21, 34})
    void whicheverDatabaseCallOfAFirstContactFailsTheNextOneSucceeds(int failing) {
        Faults faults = new Faults();
        LedgerStore faulty =
                keep(new JdbcLedgerStore(faults.around(LedgerStores.dialect(url(), OPTIONS)), OPTIONS, new Random(1)));
        faults.failCall(failing, false);
        try {
            faulty.head();
        } catch (StoreException e) {
            assertThat(e.code()).isNotEqualTo(Code.DAMAGED);
        }
        faults.off();
        assertThat(faulty.head().position()).isEqualTo(LedgerPosition.START);
    }

    /** Runs a statement behind the store's back; {@code %s} stands for the schema. */
    abstract void sql(String statement) throws Exception;
}
