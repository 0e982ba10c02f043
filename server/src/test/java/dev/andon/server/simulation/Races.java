package dev.andon.server.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/** How often things met. */
final class Races {
    enum Race {
        RESTORE_WHILE_PENDING_ELSEWHERE(true),
        TAG_DROPPED_UNDER_STANDING_KILL(true),
        TAG_DROPPED_UNDER_PENDING_KILL(true),
        ROLLBACK_OVER_KILL(true),
        RESTART_BETWEEN_JOURNAL_AND_BROADCAST(true),
        RESTART_BETWEEN_BROADCAST_AND_SETTLING(true),
        /** A flag came to match a pending kill, and ceased to before it settled. */
        MATCHED_FOR_A_WHILE_WHILE_PENDING(true),
        /** A kill got from one node to another by a third, while the two couldn't reach each other. */
        KILL_GOES_ROUND_A_CUT(true),
        HEALED_WITH_KILLS_ON_BOTH_SIDES(true),
        /** A node went over to another epoch while kills stood, in its image or on their way. */
        EPOCH_CHANGED_UNDER_KILL(true),
        /** A client came from another node to one that had nothing newer, nothing older. */
        CLIENT_MOVED_AT_EQUAL_VERSIONS(true),
        /** A client came to a node that was behind it. */
        NODE_BEHIND(true),
        /** A relay and its upstream reach each other again, and each has a kill that the other doesn't know. */
        RELAY_CUT_WITH_KILLS_ON_BOTH_SIDES(true),
        /** A relay started from its disk while its upstream was gone. */
        RELAY_STARTED_WITHOUT_UPSTREAM(true),
        /** The ledger lost entries while no connection to it broke. */
        LOSS_UNNOTICED(true),
        KILLED_AT_RELAY(false),
        RELAY_JOINED(false),
        PEERS_LINKED(false),
        ADOPTED_FROM_PEER(false),
        FRAME_LOST_DOUBLED_OR_OVERTAKEN(false),
        CLIENT_RESTARTED(false),
        CLIENT_MOVED(false),
        KILL_HANDED_UP(false),
        JOURNAL_FAILED(false),
        STORE_LOST(false),
        APPEND_REPEATED(false),
        LATE_APPEND_ARRIVED(false),
        DECIDED_AGAIN(false),
        OLD_IMAGE_ON_DISK(false),
        /** A machine lost its power, and what wasn't synced with it; or there was nothing to lose. */
        UNSYNCED_LOST(true),
        POWER_LOST(false),
        IMAGE_WAITS_FOR_JOURNAL(false),
        REFUSED(false),
        EDITED(false),
        KILLED(false),
        RESTORED(false),
        ROLLED_BACK(false),
        EVALUATED(false);

        /** Whether each nightly run has to see it often. */
        final boolean named;

        Race(boolean named) {
            this.named = named;
        }
    }

    private final Map<Race, Long> counts = new EnumMap<>(Race.class);

    void count(Race race) {
        count(race, 1);
    }

    void count(Race race, long times) {
        counts.merge(race, times, Long::sum);
    }

    void add(Races other) {
        other.counts.forEach(this::count);
    }

    long of(Race race) {
        return counts.getOrDefault(race, 0L);
    }

    @Override
    public String toString() {
        StringJoiner text = new StringJoiner(System.lineSeparator());
        for (Race race : Race.values()) {
            text.add(String.format(
                    "  %,12d  %s",
                    of(race), race.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ')));
        }
        return text.toString();
    }
}
