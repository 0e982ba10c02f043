package dev.andon.server.flagd;

import dev.andon.flagd.evaluation.v2.EventStreamResponse;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.node.ServedState;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/** What changed between two states, found once for all streams that are to tell of it. Used by one thread. */
final class ChangeFeed {
    private static final int MOST_KEPT = 128;

    private final Map<Between, Change> known = new LinkedHashMap<>();

    private record Between(View view, String before, String after) {}

    /**
     * @param any whether a flag of the view may evaluate otherwise
     * @param kill whether something is stopped that wasn't
     * @param message what tells of it
     */
    record Change(boolean any, boolean kill, GrpcMessage message) {}

    Change between(View view, ServedState before, ServedState after) {
        Between asked = new Between(view, before.id(), after.id());
        Change change = known.get(asked);
        if (change == null) {
            if (known.size() >= MOST_KEPT) {
                known.remove(known.keySet().iterator().next());
            }
            change = find(view, before, after);
            known.put(asked, change);
        }
        return change;
    }

    private static Change find(View view, ServedState before, ServedState after) {
        SortedMap<String, String> flags = FlagChanges.between(view, before, after);
        return new Change(
                !flags.isEmpty(),
                Stops.of(after).exceed(Stops.of(before)),
                GrpcMessage.of(EventStreamResponse.newBuilder()
                        .setType("configuration_change")
                        .setData(Structs.value(FlagChanges.data(flags)).getStructValue())
                        .build()
                        .toByteArray()));
    }
}
