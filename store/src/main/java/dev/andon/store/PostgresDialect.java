package dev.andon.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.andon.store.StoreDescription.Kind;
import dev.andon.store.StoreDescription.Replication;
import dev.andon.store.StoreException.Code;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * A ledger in a PostgreSQL database, in the schema {@code andon}. Thread-safe.
 *
 * <p>Whoever writes holds the lock on the head's only row. A node that stops in the middle of a transaction would keep
 * all others out, so the server ends transactions that stay idle.
 */
final class PostgresDialect implements Dialect {
    static final String CHANNEL = "andon_ledger";
    private static final String COMMIT_IN_DOUBT = "40003";
    private static final int MAX_CAUSES = 20;
    private static final Duration MIGRATION_TIMEOUT = Duration.ofSeconds(30);

    private final String url;
    private final Properties properties;
    private final Duration callTimeout;
    private final Duration retryDelay;
    private final String address;
    private final HikariDataSource pool;

    PostgresDialect(String url, StoreOptions options) {
        this.url = url;
        this.callTimeout = options.callTimeout();
        this.retryDelay = options.pollInterval();
        this.properties = properties(options);
        this.address = address(url, properties);
        this.pool = new HikariDataSource(pool(options));
    }

    private static Properties properties(StoreOptions options) {
        Properties properties = new Properties();
        String seconds = String.valueOf(Math.max(1, options.callTimeout().toSeconds()));
        options.login().ifPresent(login -> {
            PGProperty.USER.set(properties, login.user());
            PGProperty.PASSWORD.set(properties, login.password());
        });
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds);
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds);
        PGProperty.LOGIN_TIMEOUT.set(properties, seconds);
        PGProperty.CANCEL_SIGNAL_TIMEOUT.set(properties, seconds);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.TARGET_SERVER_TYPE.set(properties, "primary");
        PGProperty.HOST_RECHECK_SECONDS.set(properties, 1);
        PGProperty.APPLICATION_NAME.set(properties, "andon");
        return properties;
    }

    private static String address(String url, Properties properties) {
        Properties parsed = Driver.parseURL(url, properties);
        if (parsed == null) {
            throw new StoreException(
                    Code.LIMIT,
                    "store: not an address that PostgreSQL's driver knows"
                            + " (expected: jdbc:postgresql://host[:port][,host[:port]]/database)");
        }
        List<String> hosts = parts(PGProperty.PG_HOST.getOrDefault(parsed));
        List<String> ports = parts(PGProperty.PG_PORT.getOrDefault(parsed));
        List<String> places = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            places.add(hosts.get(i) + ":" + ports.get(Math.min(i, ports.size() - 1)));
        }
        return "postgresql://" + String.join(",", places) + "/" + PGProperty.PG_DBNAME.getOrDefault(parsed);
    }

    private static List<String> parts(@Nullable String list) {
        return List.of(String.valueOf(list).split(",", -1));
    }

    private HikariConfig pool(StoreOptions options) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("andon-store");
        config.setJdbcUrl(url);
        config.setDataSourceProperties(properties);
        config.setMaximumPoolSize(options.connections());
        config.setMinimumIdle(1);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(Math.max(250, callTimeout.toMillis() / 2));
        config.setValidationTimeout(Math.max(250, callTimeout.toMillis() / 4));
        config.setConnectionInitSql(sessionSettings());
        return config;
    }

    /** The time bounds on the server's side; and {@code synchronous_commit=off} would break DURABLE. */
    private String sessionSettings() {
        long millis = callTimeout.toMillis();
        return "SELECT set_config('statement_timeout', '" + millis + "', false),"
                + " set_config('lock_timeout', '" + millis / 2 + "', false),"
                + " set_config('idle_in_transaction_session_timeout', '" + millis + "', false),"
                + " set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
                + " WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";
    }

    @Override
    public Kind kind() {
        return Kind.POSTGRESQL;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public String schema() {
        return "andon.";
    }

    @Override
    public Connection connect() throws SQLException {
        return pool.getConnection();
    }

    @Override
    public void giveBack(Connection connection, boolean healthy) {
        if (!healthy) {
            pool.evictConnection(connection);
            return;
        }
        try {
            connection.close();
        } catch (SQLException e) {
            pool.evictConnection(connection);
        }
    }

    @Override
    public void migrate() {
        Properties patient = new Properties();
        patient.putAll(properties);
        PGProperty.SOCKET_TIMEOUT.set(patient, String.valueOf(MIGRATION_TIMEOUT.toSeconds()));
        Migrations.run(
                () -> DriverManager.getConnection(url, patient),
                "dev/andon/store/postgresql",
                flyway -> flyway.defaultSchema("andon").schemas("andon").createSchemas(true),
                e -> translate(e, "preparation", false));
    }

    @Override
    public String selectHead() {
        return "SELECT ledger_id, epoch, version, hash, current_setting('synchronous_commit') AS synchronous_commit,"
                + " current_setting('synchronous_standby_names') AS standbys, current_setting('fsync') AS fsync,"
                + " current_setting('full_page_writes') AS full_page_writes FROM andon.head";
    }

    @Override
    public String lockHead() {
        return selectHead() + " FOR UPDATE";
    }

    @Override
    public String andLocksRows() {
        return " FOR UPDATE";
    }

    @Override
    public String selectNow() {
        return "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint,"
                + " extract(epoch FROM pg_postmaster_start_time())::text";
    }

    @Override
    public PreparedStatement selectEntries(Connection connection, long afterVersion, int maxEntries, long maxBytes)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(
                "SELECT epoch, version, hash, bytes FROM (SELECT epoch, version, hash, bytes, sum(octet_length(bytes))"
                    + " OVER (ORDER BY version) - octet_length(bytes) AS before FROM (SELECT * FROM andon.entry WHERE"
                    + " version > ? ORDER BY version LIMIT ?) AS run) AS sized WHERE before < ? ORDER BY version");
        statement.setLong(1, afterVersion);
        statement.setInt(2, maxEntries);
        statement.setLong(3, maxBytes);
        return statement;
    }

    @Override
    public void begin(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
    }

    @Override
    public void rollBack(Connection connection) throws SQLException {
        connection.rollback();
    }

    @Override
    public void announce(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_notify('" + CHANNEL + "', '')");
        }
    }

    @Override
    public void beforeCommit() {}

    /** PostgreSQL reports success with a warning when it stopped waiting for its synchronous standby. */
    @Override
    public void commit(Connection connection) throws SQLException {
        connection.clearWarnings();
        connection.commit();
        SQLWarning warning = connection.getWarnings();
        if (warning != null) {
            throw new SQLException(warning.getMessage(), COMMIT_IN_DOUBT, warning);
        }
        connection.setAutoCommit(true);
    }

    @Override
    public StoreDescription describe(HeadRow row) throws SQLException {
        String commit = row.text("synchronous_commit");
        boolean waits = commit.equals("on") || commit.equals("remote_apply");
        boolean synchronous = waits && !row.text("standbys").isBlank();
        List<String> warnings = new ArrayList<>();
        if (!synchronous) {
            warnings.add("The store has no synchronous standby: a change may be lost with the primary's machine.");
        }
        if (row.text("fsync").equals("off")) {
            warnings.add(
                    "The store runs with fsync=off: a change may be lost, and the ledger damaged, with the machine.");
        }
        if (row.text("full_page_writes").equals("off")) {
            warnings.add("The store runs with full_page_writes=off: the ledger may be damaged with the machine.");
        }
        return new StoreDescription(
                Kind.POSTGRESQL,
                address,
                synchronous ? Replication.SYNCHRONOUS : Replication.NOT_SYNCHRONOUS,
                warnings);
    }

    @Override
    public StoreDescription describeUnseen() {
        return new StoreDescription(Kind.POSTGRESQL, address, Replication.UNKNOWN, List.of());
    }

    @Override
    public StoreException translate(SQLException e, String what, boolean outcomeUnknown) {
        Code code = code(e);
        String state = switch (code) {
            case UNAVAILABLE -> "is out of reach. Check that it runs and accepts connections";
            case TIMEOUT -> "didn't answer in time. Check its load and its standbys";
            case FULL -> "has no room left on its disk. Make room";
            case LOCKED -> "is held by another transaction. See pg_stat_activity";
            case DAMAGED -> "is damaged. Restore it from its standby or the newest backup";
            case DENIED -> "refuses this login. Check user, password, database and rights";
            case TOO_NEW, LIMIT, CLOSED, FAILED -> "failed";
        };
        return new StoreException(
                code, outcomeUnknown, "store: " + address + " " + state + " (" + what + ": " + e.getMessage() + ")", e);
    }

    private static Code code(SQLException e) {
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = e; cause != null && causes.size() < MAX_CAUSES; cause = cause.getCause()) {
            causes.add(cause);
        }
        if (causes.stream().anyMatch(SocketTimeoutException.class::isInstance)) {
            return Code.TIMEOUT;
        }
        for (Throwable cause : causes) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                return code(sql.getSQLState());
            }
        }
        return e instanceof SQLTransientException ? Code.UNAVAILABLE : Code.FAILED;
    }

    /** The classes are those of PostgreSQL's manual, appendix A. */
    private static Code code(String sqlState) {
        return switch (sqlState) {
            case "57014", "25P03", "25P04", COMMIT_IN_DOUBT -> Code.TIMEOUT;
            case "53100" -> Code.FULL;
            case "55P03", "40001", "40P01" -> Code.LOCKED;
            case "XX001", "XX002" -> Code.DAMAGED;
            case "42501", "3D000" -> Code.DENIED;
            case "25006" -> Code.UNAVAILABLE;
            default ->
                switch (sqlState.substring(0, 2)) {
                    case "08", "53", "57" -> Code.UNAVAILABLE;
                    case "28" -> Code.DENIED;
                    default -> Code.FAILED;
                };
        };
    }

    @Override
    public Tail listen(Runnable onNews) {
        return new PostgresListener(() -> DriverManager.getConnection(url, properties), retryDelay, onNews);
    }

    @Override
    public void close() {
        pool.close();
    }
}
