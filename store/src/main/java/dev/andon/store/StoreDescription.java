package dev.andon.store;

import java.util.List;
import java.util.Locale;

/**
 * What people should know about a store, for health and labels.
 *
 * @param address without credentials
 * @param warnings whole sentences, empty if all is well, such as a server that runs with {@code fsync=off}
 */
public record StoreDescription(Kind kind, String address, Replication replication, List<String> warnings) {
    public enum Kind {
        SQLITE,
        POSTGRESQL,
        /** Another node's, which a relay reads and can't write. */
        UPSTREAM
    }

    public enum Replication {
        /** One copy: what is acknowledged dies with this disk. */
        NONE,
        /** An acknowledged append survives the death of the primary's machine. */
        SYNCHRONOUS,
        /** Whether there are standbys or not, an acknowledged append may die with the primary. */
        NOT_SYNCHRONOUS,
        /** The store has not answered yet. */
        UNKNOWN;

        /** Such as {@code not-synchronous}, for APIs. */
        public String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public StoreDescription {
        warnings = List.copyOf(warnings);
    }
}
