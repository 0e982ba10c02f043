package dev.andon.server.receipt;

import dev.andon.core.json.Json;
import dev.andon.server.node.MissingNode;
import java.util.Comparator;
import java.util.List;

/** A receipt for who reads it. Only for the bookkeeper's thread, as receipts are. */
final class ReceiptJson {
    private ReceiptJson() {}

    /** As the API shows it. */
    static Json of(Receipt receipt) {
        Tally tally = receipt.tally;
        double[] times = receipt.members.values().stream()
                .filter(member -> member.state() == Member.State.APPLIED)
                .mapToDouble(member -> member.appliedMs)
                .sorted()
                .toArray();
        Json.Builder json = Json.object()
                .put("verdict", receipt.verdict().word())
                .put("applied", tally.applied())
                .put("returned", tally.of(Member.State.RETURNED))
                .put("confirmed", tally.of(Member.State.CONFIRMED))
                .put("sent", tally.of(Member.State.SENT))
                .put("unconfirmable", tally.sayNoMore())
                .put("silent", tally.of(Member.State.SILENT))
                .put("unreachable", tally.of(Member.State.UNREACHABLE))
                .put("gone", tally.of(Member.State.GONE))
                .put("unlisted", tally.unlisted)
                .put(
                        "missingNodes",
                        Json.texts(tally.missingNodes.stream()
                                .map(MissingNode::id)
                                .sorted()
                                .toList()))
                .put("widened", tally.widened())
                .put("p50Ms", Groups.percentile(times, 50))
                .put("p99Ms", Groups.percentile(times, 99))
                .put("maxMs", Groups.percentile(times, 100))
                .put("groups", Groups.of(receipt.members.values()))
                .put("inFlight", receipt.observable() ? receipt.behaviour().flightsJson() : Json.Null.NULL)
                .put("relapses", receipt.observable() ? receipt.behaviour().relapsesJson() : Json.Null.NULL)
                .put("final", receipt.lastWord().map(LastWord::toJson).orElse(Json.Null.NULL))
                .put(
                        "instances",
                        Json.array(receipt.members.values().stream()
                                .map(Member::toJson)
                                .toList()));
        List<Json> relays = missingRelays(tally);
        return (relays.isEmpty() ? json : json.put("missingRelays", Json.array(relays))).build();
    }

    private static List<Json> missingRelays(Tally tally) {
        return tally.missingNodes.stream()
                .filter(node -> node.region().isPresent())
                .sorted(Comparator.comparing(MissingNode::id))
                .map(node -> Json.object()
                        .put("node", node.id())
                        .put("region", node.region())
                        .build())
                .toList();
    }
}
