package dev.andon.server.receipt;

import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.Observation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/** What receipts have to say to the ledger. */
final class Words {
    /** So many are named, of names as long as they may be, within what an observation holds. */
    private static final int NAMED = 20;

    /** What an observation is that is a receipt's last word. */
    static final String RECEIPT = "receipt";

    private static final List<String> COUNTS = List.of(
            "applied",
            "returned",
            "confirmed",
            "sent",
            "silent",
            "unreachable",
            "gone",
            "unlisted",
            "widened",
            "p50Ms",
            "p99Ms",
            "maxMs");

    private Words() {}

    /** The whole receipt as it is kept, in exactly these bytes. */
    static byte[] document(Receipt receipt, Instant at) {
        return Json.object()
                .put("kill", receipt.kill().signed().toJson())
                .put("sentAt", receipt.sentAt().toString())
                .put("writtenAt", at.toString())
                .put(
                        "settledIn",
                        receipt.settledAt()
                                .<Json>map(settled -> Json.of(settled.version()))
                                .orElse(Json.Null.NULL))
                .put("restoredIn", receipt.restoredIn() == 0 ? Json.Null.NULL : Json.of(receipt.restoredIn()))
                .put("receipt", receipt.toJson())
                .build()
                .utf8();
    }

    /** A receipt's last word. */
    static Observation last(Receipt receipt, LastWord word, KillReceipts.Held held, LongConsumer written) {
        Json.Members counts = (Json.Members) receipt.toJson();
        Json.Builder details = Json.object()
                .put("outcome", word.outcome())
                .put("number", word.number())
                .put("digest", word.digest())
                .put("sentAt", receipt.sentAt().toString());
        for (String name : COUNTS) {
            Json value = counts.members().get(name);
            details.put(name, value == null ? Json.Null.NULL : value);
        }
        details.put("inFlight", receipt.behaviour().inFlight())
                .put("relapses", receipt.behaviour().relapsed())
                .put(
                        "exceptions",
                        Json.array(receipt.exceptions(NAMED).stream()
                                .map(member -> Json.object()
                                        .put("service", member.instance.key().service())
                                        .put("instance", member.instance.key().instance())
                                        .put("state", member.state().word())
                                        .build())
                                .toList()));
        return new Observation(
                "receipt/" + receipt.id() + "/" + word.number(),
                true,
                "kill.receipt",
                sentence(word, counts),
                observed(receipt, RECEIPT, held, details),
                written);
    }

    private static String sentence(LastWord word, Json.Members counts) {
        return "receipt: " + word.outcome() + ", applied " + text(counts, "applied")
                + ofOthers(counts, "confirmed") + ofOthers(counts, "sent") + ", silent " + text(counts, "silent")
                + ", unreachable " + text(counts, "unreachable");
    }

    /** What only clients of other protocols do. */
    private static String ofOthers(Json.Members counts, String name) {
        String count = text(counts, name);
        return count.equals("0") ? "" : ", " + name + " " + count;
    }

    private static String text(Json.Members counts, String name) {
        Json value = counts.members().get(name);
        return value == null ? "0" : value.text();
    }

    /** @param threshold so many relapses were reached; names the alarm among those of the kill */
    static Observation alarm(Receipt receipt, KillReceipts.Held held, long threshold, LongConsumer written) {
        return new Observation(
                "relapse/" + receipt.id() + "/" + threshold,
                true,
                "kill.relapse",
                "ALARM: " + receipt.behaviour().relapsed()
                        + (receipt.behaviour().relapsed() == 1 ? " evaluation" : " evaluations")
                        + " served an unsafe variant under the kill",
                observed(
                        receipt,
                        "relapse",
                        held,
                        Json.object().put("relapses", receipt.behaviour().relapsesJson(NAMED))),
                written);
    }

    private static Event.Observed observed(Receipt receipt, String what, KillReceipts.Held held, Json.Builder details) {
        Kill kill = receipt.kill().signed().kill();
        return new Event.Observed(
                what,
                Event.killOf(kill.id()),
                Optional.of(kill.environment()),
                Optional.of(kill.target()),
                new TreeSet<>(held.first()),
                (Json.Members) details.build());
    }
}
