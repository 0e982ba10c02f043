package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the leases of every ledger store do. Its subclasses say which. */
abstract class LeaseContract {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String NAME = "duties";
    private static final int HOLDERS = 3;
    private static final int TURNS = 4;
    private static final int FIRSTS = 100;

    private final List<LedgerStore> opened = new ArrayList<>();
    private LedgerStore store;

    /** The address of a new, empty database; the same one during a test. */
    abstract String url();

    /** Runs a statement behind the store's back; {@code %s} stands for the schema. */
    abstract void sql(String statement) throws Exception;

    @BeforeEach
    final void openStore() {
        store = open();
        store.head();
    }

    @AfterEach
    final void closeStores() {
        opened.forEach(LedgerStore::close);
    }

    private LedgerStore open() {
        LedgerStore one = LedgerStores.open(url(), StoreOptions.DEFAULTS, new Random(7));
        opened.add(one);
        return one;
    }

    private Lease awaitTaken(String holder, Duration time) {
        return await().atMost(PATIENCE)
                .until(() -> store.takeLease(NAME, holder, time), lease -> lease.isHeldBy(holder));
    }

    @Test
    void oneHasItAndTheOthersAreToldWho() {
        Lease mine = store.takeLease(NAME, "a", LONG);
        assertThat(mine.isHeldBy("a")).isTrue();
        assertThat(mine.left()).isEqualTo(LONG);

        Lease theirs = open().takeLease(NAME, "b", LONG);
        assertThat(theirs.isHeldBy("b")).isFalse();
        assertThat(theirs.holder()).isEqualTo("a");
        assertThat(theirs.token()).isEqualTo(mine.token());
        assertThat(theirs.left()).isPositive().isLessThanOrEqualTo(LONG);
    }

    @Test
    void namesAreIndependent() {
        assertThat(store.takeLease(NAME, "a", LONG).isHeldBy("a")).isTrue();
        assertThat(store.takeLease("others", "b", LONG).isHeldBy("b")).isTrue();
    }

    @Test
    void whoHasItProlongsItUnderTheSameToken() throws Exception {
        Lease first = store.takeLease(NAME, "a", LONG);
        sql("UPDATE %slease SET until_ms = until_ms - 30000");
        assertThat(store.takeLease(NAME, "b", LONG).left()).isLessThanOrEqualTo(Duration.ofSeconds(30));
        Lease again = store.takeLease(NAME, "a", LONG);
        assertThat(again.token()).isEqualTo(first.token());
        assertThat(again.left()).isEqualTo(LONG);
    }

    @Test
    void itMovesWhenItsTimeIsOver() {
        Lease first = store.takeLease(NAME, "a", SHORT);
        Lease second = awaitTaken("b", SHORT);
        assertThat(second.token()).isGreaterThan(first.token());
        Lease third = awaitTaken("a", SHORT);
        assertThat(third.token()).isGreaterThan(second.token());
    }

    @Test
    void whoComesTooLateToProlongItHasItAnew() throws Exception {
        Lease first = store.takeLease(NAME, "a", LONG);
        sql("UPDATE %slease SET until_ms = until_ms - 3600000");
        Lease again = store.takeLease(NAME, "a", LONG);
        assertThat(again.token()).isGreaterThan(first.token());
    }

    @Test
    void itMovesAtOnceWhenItIsGivenUp() {
        Lease first = store.takeLease(NAME, "a", LONG);
        assertThat(store.giveUpLease(NAME, "b")).isFalse();
        assertThat(store.takeLease(NAME, "b", LONG).isHeldBy("a")).isTrue();
        assertThat(store.giveUpLease(NAME, "a")).isTrue();
        Lease second = store.takeLease(NAME, "b", LONG);
        assertThat(second.isHeldBy("b")).isTrue();
        assertThat(second.token()).isGreaterThan(first.token());
        assertThat(store.giveUpLease(NAME, "a")).isFalse();
    }

    /** The clock may be another one, and the row one of before the last. */
    @Test
    void onAServerThatTookOverNobodyHasItForAWholeLease() throws Exception {
        Lease first = store.takeLease(NAME, "a", Duration.ofSeconds(2));
        sql("UPDATE %slease SET server = 'the one before', until_ms = 1");
        for (String holder : List.of("b", "a")) {
            Lease asked = store.takeLease(NAME, holder, Duration.ofSeconds(2));
            assertThat(asked.holder()).isEmpty();
            assertThat(asked.isHeldBy(holder)).isFalse();
            assertThat(asked.left()).isPositive();
        }
        Lease next = awaitTaken("b", LONG);
        assertThat(next.token()).isGreaterThan(first.token());
    }

    @Test
    void ofManyThatWantItOneAtATimeHasIt() throws Exception {
        AtomicReference<String> holding = new AtomicReference<>("");
        Set<Long> tokens = ConcurrentHashMap.newKeySet();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < HOLDERS; i++) {
                String holder = "holder-" + i;
                LedgerStore own = open();
                running.add(threads.submit(() -> takeTurns(own, holder, holding, tokens)));
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
        assertThat(tokens).hasSize(HOLDERS * TURNS);
    }

    @Test
    void ofManyThatTakeItForTheFirstTimeOneHasIt() throws Exception {
        List<LedgerStore> own =
                IntStream.range(0, HOLDERS).mapToObj(i -> open()).toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < FIRSTS; round++) {
                String name = "first-" + round;
                CyclicBarrier together = new CyclicBarrier(HOLDERS);
                List<Future<Boolean>> taken = new ArrayList<>();
                for (int i = 0; i < HOLDERS; i++) {
                    String holder = "holder-" + i;
                    LedgerStore one = own.get(i);
                    taken.add(threads.submit(() -> {
                        together.await();
                        return one.takeLease(name, holder, LONG).isHeldBy(holder);
                    }));
                }
                int holders = 0;
                for (Future<Boolean> one : taken) {
                    holders += one.get() ? 1 : 0;
                }
                assertThat(holders).as(name).isEqualTo(1);
            }
        }
    }

    private static void takeTurns(LedgerStore own, String holder, AtomicReference<String> holding, Set<Long> tokens) {
        for (int turn = 0; turn < TURNS; turn++) {
            Lease lease = await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(StoreException.class)
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> own.takeLease(NAME, holder, LONG), taken -> taken.isHeldBy(holder));
            assertThat(holding.compareAndSet("", holder)).as("nobody else").isTrue();
            assertThat(tokens.add(lease.token())).as("its own token").isTrue();
            holding.set("");
            AtomicBoolean unsure = new AtomicBoolean();
            await().atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(StoreException.class)
                    .until(() -> givenUp(own, holder, unsure));
        }
    }

    /** @param unsure whether a call before came to nothing, of which nobody can say what it did */
    private static boolean givenUp(LedgerStore own, String holder, AtomicBoolean unsure) {
        boolean before = unsure.getAndSet(true);
        boolean given = own.giveUpLease(NAME, holder);
        unsure.set(before);
        assertThat(given || before).as("it was the holder's").isTrue();
        return true;
    }

    @Test
    void refusesWhatIsOutsideItsLimits() {
        for (Duration wrong : List.of(Duration.ZERO, Duration.ofMillis(99), Duration.ofHours(2))) {
            assertThatThrownBy(() -> store.takeLease(NAME, "a", wrong)).isInstanceOf(StoreException.class);
        }
        assertThatThrownBy(() -> store.takeLease("", "a", LONG)).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.takeLease(NAME, "", LONG)).isInstanceOf(StoreException.class);
    }

    @Test
    void aLedgerIsNoConcernOfItsLeases() {
        store.takeLease(NAME, "a", LONG);
        assertThat(store.head().position()).isEqualTo(LedgerPosition.START);
    }
}
