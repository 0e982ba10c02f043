package dev.andon.server.node;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Who has applied a kill. Thread-safe; blocks for a moment. */
public interface KillReceipts {

    /**
     * @param settledIn the version in which the kill entered the ledger; empty while it is on its way
     * @param restoredIn the version in which it was released; empty while it stands
     * @param receipt as the API shows it
     * @param held what it held when it was restored; none while it stands, and of kills of which that isn't known
     */
    record Shown(
            StandingKill kill,
            Optional<Long> settledIn,
            Optional<Long> restoredIn,
            boolean proven,
            Json receipt,
            Optional<Held> held) {
        public Shown(
                StandingKill kill, Optional<Long> settledIn, Optional<Long> restoredIn, boolean proven, Json receipt) {
            this(kill, settledIn, restoredIn, proven, receipt, Optional.empty());
        }
    }

    /**
     * Flags that a kill holds.
     *
     * @param first the first of their keys
     * @param count how many there are
     */
    record Held(List<String> first, int count) {
        /** So many keys are told; who wants all asks for the flags. */
        public static final int SHOWN = 1_000;

        public Held {
            first = List.copyOf(first);
        }

        public static Held of(Collection<String> keys) {
            return new Held(keys.stream().limit(SHOWN).toList(), keys.size());
        }
    }

    /** Empty for kills that nobody knows of, or whose receipt was dropped for newer ones. */
    Optional<Shown> show(KillId kill);

    /**
     * A whole receipt in the bytes that the digest of its last word is of; as of now while it has none. Empty for kills that
     * {@link #show} is empty for, and for a number that there isn't.
     *
     * @param number of which of its last words; 0 for the newest
     */
    Optional<byte[]> document(KillId kill, int number);

    /** As {@link #show}, but not before the receipt is final, or nobody is left who could say more, or the time is up. */
    Optional<Shown> await(KillId kill, long waitMs);
}
