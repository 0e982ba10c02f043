package dev.andon.server.receipt;

import dev.andon.core.json.Json;
import dev.andon.server.node.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The members of a receipt by service, region, and SDK version; of other protocols than Andon's, by the protocol. */
final class Groups {
    private final Map<Key, Group> groups = new LinkedHashMap<>();

    private record Key(String service, Optional<String> region, String sdk, Protocol protocol) {}

    private static final class Group {
        private final Map<Member.State, Integer> counts = new EnumMap<>(Member.State.class);
        private final List<Double> times = new ArrayList<>();

        int count(Member.State state) {
            return counts.getOrDefault(state, 0);
        }
    }

    private Groups() {}

    static Json of(Collection<Member> members) {
        Groups groups = new Groups();
        members.forEach(groups::add);
        return groups.toJson();
    }

    private void add(Member member) {
        Key key = new Key(
                member.instance.key().service(),
                member.instance.region(),
                member.instance.exercisedAs(),
                member.protocol());
        Group group = groups.computeIfAbsent(key, one -> new Group());
        group.counts.merge(member.state(), 1, Integer::sum);
        if (member.state() == Member.State.APPLIED || member.state() == Member.State.CONFIRMED) {
            group.times.add(member.heldMs());
        }
    }

    /** Nearest rank. */
    static Json percentile(double[] sorted, int percent) {
        if (sorted.length == 0) {
            return Json.Null.NULL;
        }
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return Json.of(sorted[Math.max(0, rank - 1)]);
    }

    private Json toJson() {
        List<Json> items = new ArrayList<>();
        groups.forEach((key, group) -> {
            double[] times = group.times.stream()
                    .mapToDouble(Double::doubleValue)
                    .sorted()
                    .toArray();
            items.add(Json.object()
                    .put("service", key.service)
                    .put("region", key.region.<Json>map(Json::of).orElse(Json.Null.NULL))
                    .put("sdk", key.sdk)
                    .put("protocol", key.protocol.word())
                    .put("applied", group.count(Member.State.APPLIED) + group.count(Member.State.RETURNED))
                    .put("returned", group.count(Member.State.RETURNED))
                    .put("confirmed", group.count(Member.State.CONFIRMED))
                    .put("sent", group.count(Member.State.SENT))
                    .put("silent", group.count(Member.State.SILENT))
                    .put("unreachable", group.count(Member.State.UNREACHABLE))
                    .put("gone", group.count(Member.State.GONE))
                    .put("p50Ms", percentile(times, 50))
                    .put("maxMs", percentile(times, 100))
                    .build());
        });
        return Json.array(items);
    }
}
