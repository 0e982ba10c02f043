package dev.andon.core.stop;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Kill;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The ledger entry by which a kill settles. The same kill always makes the same bytes, so that repeating an append whose
 * outcome is unknown can't write it twice.
 */
public final class SettleEntry {
    public static final String TYPE = "kill";

    private SettleEntry() {}

    public static Entry of(StandingKill standing) {
        Kill kill = standing.signed().kill();
        List<Event> events = new ArrayList<>();
        events.add(new Event.KillStood(standing.signed(), standing.flags()));
        kill.request()
                .ifPresent(request -> events.add(
                        new Event.RequestDone(request, KillOrder.of(kill).requestDigest())));
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
