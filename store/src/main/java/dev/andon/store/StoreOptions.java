package dev.andon.store;

import java.time.Duration;
import java.util.Optional;

/**
 * How a ledger store is used.
 *
 * @param callTimeout after which any call gives up; 1 s to 5 min
 * @param pollInterval how often a tail looks for news that nobody told it of; 10 ms to 1 min
 * @param connections how many calls run at once; 2 to 100
 * @param login for PostgreSQL, where the address doesn't have it
 */
public record StoreOptions(Duration callTimeout, Duration pollInterval, int connections, Optional<Login> login) {
    public static final StoreOptions DEFAULTS =
            new StoreOptions(Duration.ofSeconds(5), Duration.ofSeconds(1), 4, Optional.empty());

    public record Login(String user, String password) {
        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    public StoreOptions {
        expect("callTimeout", callTimeout, Duration.ofSeconds(1), Duration.ofMinutes(5));
        expect("pollInterval", pollInterval, Duration.ofMillis(10), Duration.ofMinutes(1));
        if (connections < 2 || connections > 100) {
            throw new IllegalArgumentException("connections: " + connections + " (expected: 2 to 100)");
        }
    }

    public StoreOptions withCallTimeout(Duration timeout) {
        return new StoreOptions(timeout, pollInterval, connections, login);
    }

    public StoreOptions withPollInterval(Duration interval) {
        return new StoreOptions(callTimeout, interval, connections, login);
    }

    public StoreOptions withLogin(String user, String password) {
        return new StoreOptions(callTimeout, pollInterval, connections, Optional.of(new Login(user, password)));
    }

    private static void expect(String name, Duration value, Duration least, Duration most) {
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + " to " + most + ")");
        }
    }
}
