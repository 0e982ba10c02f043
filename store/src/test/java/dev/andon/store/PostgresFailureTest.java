package dev.andon.store;

import static dev.andon.store.LedgerStoreContract.appended;
import static dev.andon.store.LedgerStoreContract.entries;
import static dev.andon.store.LedgerStoreContract.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.store.StoreDescription.Replication;
import dev.andon.store.StoreException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/** PostgreSQL that is away, hangs, lies or is in the way. */
@ResourceLock(TestPostgres.LOCK)
final class PostgresFailureTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    /** A call's time-out, and much for a machine with other things to do: what hangs here hangs for longer. */
    private static final Duration BOUND = PATIENCE.plusSeconds(30);

    private static final StoreOptions OPTIONS =
            StoreOptions.DEFAULTS.withPollInterval(Duration.ofMillis(100)).withCallTimeout(PATIENCE);

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String database = "";

    @BeforeEach
    void createDatabase() throws Exception {
        database = TestPostgres.createDatabase();
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened.reversed()) {
            each.close();
        }
    }

    private LedgerStore open(int port) {
        LedgerStore store = LedgerStores.open(TestPostgres.url(port, database), OPTIONS, new Random(1));
        opened.add(store);
        return store;
    }

    /** A store past its first contact, which may take longer than a call should. */
    private LedgerStore ready(int port) {
        LedgerStore store = open(port);
        eventually(store::head);
        return store;
    }

    private TcpProxy proxy(TcpProxy.Mode mode) throws Exception {
        TcpProxy proxy = TcpProxy.start(TestPostgres.port(), mode);
        opened.add(proxy);
        return proxy;
    }

    private StoreException failure(Callable<?> call) {
        long start = System.nanoTime();
        StoreException[] failure = new StoreException[1];
        assertThatThrownBy(call::call).isInstanceOfSatisfying(StoreException.class, e -> failure[0] = e);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
        return failure[0];
    }

    private static <T> T eventually(Callable<T> call) {
        return await().ignoreExceptionsInstanceOf(StoreException.class).until(call, result -> true);
    }

    @Test
    void opensAtOnceAndWorksWhenPostgresqlAppears() throws Exception {
        TcpProxy proxy = proxy(TcpProxy.Mode.REFUSING);
        long start = System.nanoTime();
        LedgerStore store = open(proxy.port());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(BOUND);
        assertThat(store.describe().replication()).isEqualTo(Replication.UNKNOWN);
        AtomicInteger woken = new AtomicInteger();
        store.tail(woken::incrementAndGet);

        StoreException failure = failure(store::head);
        assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("127.0.0.1:" + proxy.port()).hasMessageNotContaining("secret");
        await().until(() -> woken.get() > 0);
        int wokenBefore = woken.get();

        proxy.become(TcpProxy.Mode.PASSING);
        assertThat(eventually(store::head).version()).isZero();
        await().until(() -> woken.get() > wokenBefore);
        assertThat(store.describe().replication()).isEqualTo(Replication.NOT_SYNCHRONOUS);
    }

    @Test
    void aFirstContactThatHangsIsBounded() throws Exception {
        TcpProxy proxy = proxy(TcpProxy.Mode.STALLING);
        LedgerStore store = open(proxy.port());
        for (int i = 0; i < 3; i++) {
            assertThat(failure(store::head).code()).isIn(Code.TIMEOUT, Code.UNAVAILABLE);
        }
        proxy.become(TcpProxy.Mode.PASSING);
        assertThat(eventually(store::head).version()).isZero();
    }

    @Test
    void aBrokenConnectionIsReplaced() throws Exception {
        TcpProxy proxy = proxy(TcpProxy.Mode.PASSING);
        LedgerStore store = ready(proxy.port());
        LedgerStore direct = ready(TestPostgres.port());
        AtomicInteger woken = new AtomicInteger();
        store.tail(woken::incrementAndGet);
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));

        proxy.become(TcpProxy.Mode.REFUSING);
        assertThat(failure(() -> store.append(one, entries("b"))).code()).isEqualTo(Code.UNAVAILABLE);
        LedgerPosition two = appended(eventually(() -> direct.append(one, entries("c"))));
        int wokenBefore = woken.get();

        proxy.become(TcpProxy.Mode.PASSING);
        await().until(() -> woken.get() > wokenBefore);
        assertThat(eventually(store::head).position()).isEqualTo(two);
        assertThat(texts(direct.read(0, 10))).containsExactly("a", "c");
    }

    @Test
    void aStalledConnectionCostsABoundedTimeAndAnAppendGoesThroughOnce() throws Exception {
        TcpProxy proxy = proxy(TcpProxy.Mode.PASSING);
        LedgerStore store = ready(proxy.port());
        LedgerStore direct = ready(TestPostgres.port());
        LedgerPosition position = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));

        proxy.become(TcpProxy.Mode.STALLING);
        StoreException failure = failure(() -> store.append(position, entries("b")));
        assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.TIMEOUT);
        failure(store::head);
        failure(() -> store.read(0, 1));

        proxy.become(TcpProxy.Mode.PASSING);
        LedgerPosition two = appended(eventually(() -> store.append(position, entries("b"))));
        assertThat(direct.head().position()).isEqualTo(two);
        assertThat(texts(direct.read(0, 10))).containsExactly("a", "b");
    }

    @Test
    void aFrozenServerCostsABoundedTime() throws Exception {
        LedgerStore store = ready(TestPostgres.port());
        LedgerPosition position = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        List<ProcessHandle> processes = processes();
        signal("-STOP", processes);
        try {
            for (int i = 0; i < 3; i++) {
                StoreException failure = failure(() -> store.append(position, entries("b")));
                assertThat(failure.code()).as(failure.toString()).isIn(Code.TIMEOUT, Code.UNAVAILABLE);
            }
        } finally {
            signal("-CONT", processes);
        }
        appended(eventually(() -> store.append(position, entries("b"))));
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b");
    }

    private static List<ProcessHandle> processes() throws Exception {
        Path pidFile = Path.of(query("SHOW data_directory")).resolve("postmaster.pid");
        ProcessHandle server = ProcessHandle.of(
                        Long.parseLong(Files.readAllLines(pidFile).getFirst().strip()))
                .orElseThrow();
        return Stream.concat(Stream.of(server), server.descendants()).toList();
    }

    private static void signal(String signal, List<ProcessHandle> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", signal));
        processes.stream().filter(ProcessHandle::isAlive).forEach(process -> command.add("" + process.pid()));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor(60, TimeUnit.SECONDS))
                .isTrue();
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(TestPostgres.url(TestPostgres.port(), "postgres"));
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getString(1) : "";
        }
    }

    @Test
    void aHeadLockedByAnotherTransactionIsSaidInTime() throws Exception {
        LedgerStore store = ready(TestPostgres.port());
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        try (Connection other = DriverManager.getConnection(TestPostgres.url(TestPostgres.port(), database));
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.executeQuery("SELECT * FROM andon.head FOR UPDATE");
            StoreException failure = failure(() -> store.append(one, entries("b")));
            assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.LOCKED);
            assertThat(failure.outcomeUnknown()).isFalse();
            assertThat(texts(store.read(0, 10))).containsExactly("a");
            other.rollback();
        }
        appended(eventually(() -> store.append(one, entries("b"))));
    }

    /** A node frozen in the middle of an append holds the lock on the head; the server takes it away. */
    @Test
    void aNodeThatFreezesInATransactionDoesNotKeepTheOthersOut() throws Exception {
        LedgerStore store = ready(TestPostgres.port());
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        Dialect frozen = LedgerStores.dialect(TestPostgres.url(TestPostgres.port(), database), OPTIONS);
        opened.add(frozen);
        Connection connection = frozen.connect();
        frozen.begin(connection);
        connection.createStatement().executeQuery(frozen.lockHead());

        appended(eventually(() -> store.append(one, entries("b"))));
        assertThatThrownBy(() -> frozen.commit(connection)).isInstanceOf(SQLException.class);
        frozen.giveBack(connection, false);
    }

    @Test
    void aServerThatEndsItsSessionsIsFoundAgain() throws Exception {
        LedgerStore store = ready(TestPostgres.port());
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        TestPostgres.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '" + database + "'");
        appended(eventually(() -> store.append(one, entries("b"))));
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b");
    }

    @Test
    void anAppendThatWaitsForAStandbyInVainIsInDoubtAndThenThereOnce() throws Exception {
        LedgerStore store = ready(TestPostgres.port());
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        withoutItsStandby(() -> {
            StoreException failure = failure(() -> store.append(one, entries("b")));
            assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.TIMEOUT);
            assertThat(failure.outcomeUnknown()).isTrue();
            assertThat(texts(store.read(0, 10))).containsExactly("a");
            assertThat(store.describe().replication()).isEqualTo(Replication.SYNCHRONOUS);
            assertThat(store.describe().warnings()).noneMatch(warning -> warning.contains("standby"));
            StoreException again = failure(() -> store.append(one, entries("b")));
            assertThat(again.code()).as(again.toString()).isIn(Code.LOCKED, Code.TIMEOUT, Code.UNAVAILABLE);
        });
        appended(eventually(() -> store.append(one, entries("b"))));
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b");
    }

    /** PostgreSQL then says that the transaction was committed, with a warning that it may not last. */
    @Test
    void aCommitThatGaveUpItsStandbyIsNotAcknowledged() throws Exception {
        LedgerStore store = LedgerStores.open(
                TestPostgres.url(TestPostgres.port(), database),
                OPTIONS.withCallTimeout(Duration.ofSeconds(30)),
                new Random(1));
        opened.add(store);
        LedgerPosition one = appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
        withoutItsStandby(() -> {
            CompletableFuture<AppendResult> append =
                    CompletableFuture.supplyAsync(() -> store.append(one, entries("b")));
            await().until(() -> !query("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = '"
                            + database + "'")
                    .isEmpty());
            query("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND datname = '"
                    + database + "'");
            assertThatThrownBy(() -> append.get(60, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(StoreException.class, e -> {
                        assertThat(e.code()).as(e.toString()).isEqualTo(Code.TIMEOUT);
                        assertThat(e.outcomeUnknown()).isTrue();
                    });
        });
        appended(eventually(() -> store.append(one, entries("b"))));
        assertThat(texts(store.read(0, 10))).containsExactly("a", "b");
    }

    private interface Scene {
        void play() throws Exception;
    }

    private void withoutItsStandby(Scene scene) throws Exception {
        setStandby("nobody");
        try {
            scene.play();
        } finally {
            setStandby("");
        }
    }

    private static void setStandby(String name) throws SQLException {
        TestPostgres.admin("ALTER SYSTEM SET synchronous_standby_names = '" + name + "'");
        TestPostgres.admin("SELECT pg_reload_conf()");
        await().until(() -> query("SHOW synchronous_standby_names").equals(name));
    }

    @Test
    void aSessionThatWouldNotSyncIsMadeTo() throws Exception {
        TestPostgres.admin("ALTER DATABASE " + database + " SET synchronous_commit = off");
        Dialect dialect = LedgerStores.dialect(TestPostgres.url(TestPostgres.port(), database), OPTIONS);
        opened.add(dialect);
        Connection connection = dialect.connect();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SHOW synchronous_commit")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("on");
        }
        dialect.giveBack(connection, true);
    }

    @Test
    void aDatabaseThatIsNotThereAndAWrongLoginAreDenied() {
        for (String wrong : List.of("nowhere?user=postgres", "postgres?user=nobody&password=secret")) {
            LedgerStore store = LedgerStores.open(
                    "jdbc:postgresql://127.0.0.1:" + TestPostgres.port() + "/" + wrong, OPTIONS, new Random(1));
            opened.add(store);
            StoreException failure = failure(store::head);
            assertThat(failure.code()).as(failure.toString()).isEqualTo(Code.DENIED);
            assertThat(failure).hasMessageNotContaining("secret");
        }
    }

    @Test
    void theAddressNamesEveryHostAndNoCredentials() {
        LedgerStore store = LedgerStores.open(
                "jdbc:postgresql://one.invalid:5433,two.invalid/andon?user=me&password=secret&sslmode=disable",
                OPTIONS.withLogin("other", "hidden"),
                new Random(1));
        opened.add(store);
        assertThat(store.describe().address()).isEqualTo("postgresql://one.invalid:5433,two.invalid:5432/andon");
        assertThat(OPTIONS.withLogin("other", "hidden").toString()).doesNotContain("hidden");
    }

    @Test
    void ofSeveralHostsTheOneThatAnswersIsUsed() throws Exception {
        TcpProxy dead = proxy(TcpProxy.Mode.REFUSING);
        LedgerStore store = LedgerStores.open(
                "jdbc:postgresql://127.0.0.1:" + dead.port() + ",127.0.0.1:" + TestPostgres.port() + "/" + database
                        + "?user=postgres",
                OPTIONS,
                new Random(1));
        opened.add(store);
        appended(eventually(() -> store.append(LedgerPosition.START, entries("a"))));
    }
}
