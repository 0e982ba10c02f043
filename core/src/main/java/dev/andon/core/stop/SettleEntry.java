package dev.andon.core.stop;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Kill;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;

/**
 * The ledger entry by which a kill settles. The same kill always makes the same bytes, so that repeating an append whose
 * outcome is unknown can't write it twice.
 */
public final class SettleEntry {
    public static final String TYPE = "kill";

    private static final int MAX_KEY_CHARS = Keys.KEY_CHARS + 3;

    /** So many keys of flags fit into an entry whatever they are; a kill that names more holds every flag instead. */
    private static final int MAX_NAMED = Entry.MAX_BYTES / 2 / MAX_KEY_CHARS;

    private SettleEntry() {}

    /** How long the entry is about, at most. */
    static long chars(StandingKill standing) {
        long named = Math.min(standing.flags().size(), MAX_NAMED);
        return standing.signed().body().length() + named * MAX_KEY_CHARS;
    }

    public static Entry of(StandingKill standing) {
        Kill kill = standing.signed().kill();
        List<Event> events = new ArrayList<>();
        SortedSet<String> flags = standing.flags().size() <= MAX_NAMED ? standing.flags() : StandingKill.everyFlag();
        events.add(new Event.KillStood(standing.signed(), flags));
        kill.request().ifPresent(request -> events.add(new Event.RequestDone(request, KillOrder.requestDigest(kill))));
        return new Entry(
                TYPE,
                kill.actor(),
                kill.at(),
                kill.reason(),
                Optional.empty(),
                kill.id().toString(),
                Map.of(),
                events);
    }
}
