package dev.andon.server.receipt;

import dev.andon.core.json.Json;
import java.time.Instant;

/** A receipt for who reads it. Only for the bookkeeper's thread, as receipts are. */
final class ReceiptJson {
    private ReceiptJson() {}

    /** As the API shows it. */
    static Json of(Receipt receipt) {
        double[] times = receipt.members.values().stream()
                .filter(member -> member.state() == Member.State.APPLIED)
                .mapToDouble(member -> member.appliedMs)
                .sorted()
                .toArray();
        return Json.object()
                .put("verdict", receipt.verdict().word())
                .put("applied", receipt.applied())
                .put("returned", receipt.count(Member.State.RETURNED))
                .put("confirmed", receipt.count(Member.State.CONFIRMED))
                .put("sent", receipt.count(Member.State.SENT))
                .put("unconfirmable", receipt.sayNoMore)
                .put("silent", receipt.count(Member.State.SILENT))
                .put("unreachable", receipt.count(Member.State.UNREACHABLE))
                .put("gone", receipt.count(Member.State.GONE))
                .put("unlisted", receipt.unlisted)
                .put("missingNodes", Json.texts(receipt.missing.stream().sorted().toList()))
                .put("widened", receipt.widened)
                .put("p50Ms", percentile(times, 50))
                .put("p99Ms", percentile(times, 99))
                .put("maxMs", percentile(times, 100))
                .put("groups", Groups.of(receipt.members.values()))
                .put("inFlight", receipt.observable() ? receipt.behaviour().flightsJson() : Json.Null.NULL)
                .put("relapses", receipt.observable() ? receipt.behaviour().relapsesJson() : Json.Null.NULL)
                .put("final", receipt.lastWord().map(LastWord::toJson).orElse(Json.Null.NULL))
                .put(
                        "instances",
                        Json.array(receipt.members.values().stream()
                                .map(Member::toJson)
                                .toList()))
                .build();
    }

    /** The whole of it as it is kept, in exactly these bytes. */
    static byte[] document(Receipt receipt, Instant at) {
        return Json.object()
                .put("kill", receipt.kill().signed().toJson())
                .put("sentAt", receipt.sentAt().toString())
                .put("writtenAt", at.toString())
                .put("settledIn", receipt.settledAt == null ? Json.Null.NULL : Json.of(receipt.settledAt.version()))
                .put("restoredIn", receipt.restoredIn == 0 ? Json.Null.NULL : Json.of(receipt.restoredIn))
                .put("receipt", of(receipt))
                .build()
                .utf8();
    }

    /** Nearest rank. */
    static Json percentile(double[] sorted, int percent) {
        if (sorted.length == 0) {
            return Json.Null.NULL;
        }
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return Json.of(sorted[Math.max(0, rank - 1)]);
    }
}
