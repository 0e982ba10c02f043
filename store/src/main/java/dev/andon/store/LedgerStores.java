package dev.andon.store;

import dev.andon.store.StoreException.Code;
import java.nio.file.Path;
import java.util.random.RandomGenerator;

/** Opens ledger stores. */
public final class LedgerStores {
    private static final String SQLITE = "jdbc:sqlite:";
    private static final String POSTGRESQL = "jdbc:postgresql:";

    private LedgerStores() {}

    /**
     * Opens the store at {@code url}, which is {@code jdbc:sqlite:FILE} or {@code jdbc:postgresql://…} as its driver
     * knows it, several hosts included. Returns at once, whether or not the store can be reached; the first call that
     * reaches it brings its tables up to date.
     *
     * @param random for the ledger's id, should it be created; must be unguessable
     */
    public static LedgerStore open(String url, StoreOptions options, RandomGenerator random) {
        return new JdbcLedgerStore(dialect(url, options), options, random);
    }

    static Dialect dialect(String url, StoreOptions options) {
        if (url.startsWith(POSTGRESQL)) {
            return new PostgresDialect(url, options);
        }
        if (url.startsWith(SQLITE) && url.length() > SQLITE.length()) {
            return new SqliteDialect(Path.of(url.substring(SQLITE.length())), options.callTimeout());
        }
        throw new StoreException(
                Code.LIMIT,
                "store: the address starts with " + url.replaceFirst("[^a-z:].*", "")
                        + " (expected: jdbc:sqlite:FILE or jdbc:postgresql://host[:port][,host[:port]]/database)");
    }

    /** Opens the SQLite file {@code file}, which is created on first use, in a folder that must be there. */
    public static LedgerStore openFile(Path file, StoreOptions options, RandomGenerator random) {
        return new JdbcLedgerStore(new SqliteDialect(file, options.callTimeout()), options, random);
    }
}
