package dev.andon.server.kill;

import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Protocol;
import dev.andon.store.StoreDescription.Replication;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A kill as the API shows it. */
final class KillJson {
    private static final Schema TEXTS = Schema.array(Schema.text("A name"), "Names");
    private static final Schema COUNT = Schema.whole(0, Integer.MAX_VALUE, "How many");
    static final Schema FLAGS = Schema.array(
            Schema.text("A flag's key"),
            "The first " + KillReceipts.Held.SHOWN + " of the flags that it holds, or held when it was restored");
    private static final Schema MILLIS =
            Schema.anything("Milliseconds from the broadcast; null if nobody applied it yet");

    private static final Schema PROTOCOL = Schema.words(
            Arrays.stream(Protocol.values()).map(Protocol::word).toList(), "What it hears from this server by");

    private static final Schema MEMBER = Schema.object()
            .required("service", Schema.text("The service"))
            .required("instance", Schema.text("The instance's name"))
            .required("region", Schema.anything("Where it runs; null if it doesn't say"))
            .required("sdk", Schema.text("Name and version; of other clients than Andon's, what they say to be"))
            .required("protocol", PROTOCOL)
            .required(
                    "state",
                    Schema.words(
                            List.of("applied", "returned", "confirmed", "sent", "silent", "unreachable", "gone"),
                            "Returned: was away, and applied it before its first evaluation; confirmed: of another"
                                + " protocol, showed after the kill that it has it, or keeps nothing and was answered"
                                + " with it in force; sent: of another protocol, the kill was handed to the network on"
                                + " its stream, and no more is known; silent: there, without an acknowledgement, and"
                                + " of another protocol without having asked or been sent it; unreachable: vanished"
                                + " without goodbye; gone: said goodbye, or keeps nothing and doesn't ask"))
            .required("appliedMs", MILLIS)
            .optional("sentMs", Schema.anything("Milliseconds from the broadcast, of one that is sent"))
            .optional("confirmedMs", Schema.anything("Milliseconds from the broadcast, of one that is confirmed"))
            .optional(
                    "missing",
                    Schema.whole(
                            1,
                            Integer.MAX_VALUE,
                            "How many of the processes that can't be told apart and have this name vanished without"
                                    + " goodbye; others may have been sent it"))
            .optional(
                    "widened",
                    Schema.bool("The kill holds whole flags there: the client's language can't say its audience"))
            .optional("divergence", Schema.text("In which case this client is known to evaluate differently"))
            .named("ReceiptInstance");

    private static final Schema GROUP = Schema.object()
            .required("service", Schema.text("The service"))
            .required("region", Schema.anything("Where; null if they don't say"))
            .required("sdk", Schema.text("Name and version; of other clients than Andon's, their protocol"))
            .required("protocol", PROTOCOL)
            .required("applied", COUNT)
            .required("returned", COUNT)
            .required("confirmed", COUNT)
            .required("sent", COUNT)
            .required("silent", COUNT)
            .required("unreachable", COUNT)
            .required("gone", COUNT)
            .required("p50Ms", MILLIS)
            .required("maxMs", MILLIS)
            .named("ReceiptGroup");

    static final Schema RECEIPT = Schema.object()
            .required(
                    "verdict",
                    Schema.words(
                            List.of("requested", "partial", "sent", "proven", "nobody-live"),
                            "Proven: at least one has applied or confirmed it, and nobody is silent, unreachable,"
                                + " unlisted, or was sent it and no more. Sent: nobody is silent or unreachable, but"
                                + " some were sent it and no more is known of them"))
            .required("applied", COUNT)
            .required("returned", COUNT)
            .required("confirmed", COUNT)
            .required("sent", COUNT)
            .required(
                    "unconfirmable",
                    Schema.whole(0, Integer.MAX_VALUE, "How many of those sent have no way to confirm it"))
            .required("silent", COUNT)
            .required("unreachable", COUNT)
            .required("gone", COUNT)
            .required(
                    "unlisted",
                    Schema.whole(
                            0,
                            Integer.MAX_VALUE,
                            "How many clients are or were there that aren't listed, as there were too many; nothing is"
                                    + " proven without them"))
            .required(
                    "missingNodes",
                    Schema.array(
                            Schema.text("A node's id"),
                            "Nodes that don't say now who their clients are, so that others may be there; nothing is"
                                    + " proven without them"))
            .optional(
                    "missingRelays",
                    Schema.array(
                            Schema.object()
                                    .required("node", Schema.text("Its id"))
                                    .required("region", Schema.text("Where it and its clients are"))
                                    .build(),
                            "Those of the missing nodes that are relays; left out if there are none"))
            .required(
                    "widened",
                    Schema.whole(
                            0,
                            Integer.MAX_VALUE,
                            "For how many it holds whole flags, as their language can't say its audience"))
            .required("p50Ms", MILLIS)
            .required("p99Ms", MILLIS)
            .required("maxMs", MILLIS)
            .required("groups", Schema.array(GROUP, "The same by service, region and SDK version"))
            .required(
                    "inFlight",
                    Schema.anything(
                            "Unsafe evaluations that were reported of before the kill was in force there: count, from,"
                                + " to (the server's times of the reports), flags; null for a kill of some, of which"
                                + " that can't be told"))
            .required(
                    "relapses",
                    Schema.anything("Unsafe evaluations under the kill: count, instances; null for a kill of some"))
            .required(
                    "final",
                    Schema.anything(
                            "Its last word in the ledger: number, outcome, at, digest, version (null while it is"
                                    + " on its way); null until it is said"))
            .required("instances", Schema.array(MEMBER, "Everyone whom it concerns"))
            .named("Receipt");

    static final Schema DOCUMENT = Schema.object()
            .required("kill", Schema.anything("The kill as its node signed it"))
            .required("sentAt", Shapes.TIME)
            .required("writtenAt", Shapes.TIME)
            .required("settledIn", Schema.anything("The version in which it settled; null if it hadn't"))
            .required("restoredIn", Schema.anything("The version in which it was restored; null if it wasn't"))
            .required("receipt", RECEIPT)
            .named("ReceiptDocument");

    static final Schema KILL = Schema.object()
            .required("id", Schema.text("The kill's id, for ever"))
            .required(
                    "target",
                    Schema.text("What it is aimed at: a flag's key, `tag:…`, `owner:…`, `kind:…` or `everything`;"
                            + " `flag:` stands before a key that reads as another target"))
            .required("flags", FLAGS)
            .required("flagCount", COUNT)
            .required("environment", Schema.text("The environment"))
            .required("ledger", Schema.words(List.of("settled", "pending"), "Pending: on its way to the ledger"))
            .required("version", Schema.anything("The version in which it settled; null while it is pending"))
            .required(
                    "replication",
                    Schema.words(
                            Arrays.stream(Replication.values())
                                    .map(Replication::word)
                                    .toList(),
                            "What its entry in the ledger survives. None: there is one copy; not-synchronous: it may"
                                + " be lost with the store's primary, and the kill would be told to the ledger anew"))
            .required("durable", Schema.bool("It survives the death of the server's process"))
            .required("standing", Schema.bool("Nobody has restored it"))
            .required("restoredIn", Schema.anything("The version in which it was restored; null while it stands"))
            .required("reason", Schema.text("Why"))
            .required("actor", Schema.text("Who"))
            .required("origin", Schema.text("What pulled the cord"))
            .optional(
                    "tokenRevokedAt",
                    Schema.format(
                            "date-time", "When the token with which it was thrown was revoked; it holds all the same"))
            .required("at", Shapes.TIME)
            .optional("audience", Shapes.CONDITION)
            .optional("services", TEXTS)
            .optional("regions", TEXTS)
            .optional("repeated", Schema.bool("It stood before: no second kill was made"))
            .required("receipt", RECEIPT)
            .named("Kill");

    private KillJson() {}

    /** What can be said of a kill that was sent, when nobody can say more. */
    static KillReceipts.Shown requested(StandingKill kill) {
        Json receipt = Json.object()
                .put("verdict", "requested")
                .put("applied", 0)
                .put("returned", 0)
                .put("confirmed", 0)
                .put("sent", 0)
                .put("unconfirmable", 0)
                .put("silent", 0)
                .put("unreachable", 0)
                .put("gone", 0)
                .put("unlisted", 0)
                .put("missingNodes", Json.texts(List.of()))
                .put("widened", 0)
                .put("p50Ms", Json.Null.NULL)
                .put("p99Ms", Json.Null.NULL)
                .put("maxMs", Json.Null.NULL)
                .put("groups", Json.array(List.of()))
                .put("inFlight", Json.Null.NULL)
                .put("relapses", Json.Null.NULL)
                .put("final", Json.Null.NULL)
                .put("instances", Json.array(List.of()))
                .build();
        return new KillReceipts.Shown(kill, Optional.empty(), Optional.empty(), false, receipt);
    }

    static Json of(ControlPlane plane, KillReceipts.Shown shown) {
        return json(plane, shown, plane.durable(shown.kill().id())).build();
    }

    /** @param durable as whoever took the kill knows it */
    static Json answered(ControlPlane plane, KillReceipts.Shown shown, boolean durable, boolean repeated) {
        return json(plane, shown, durable || plane.durable(shown.kill().id()))
                .put("repeated", repeated)
                .build();
    }

    private static Json.Builder json(ControlPlane plane, KillReceipts.Shown shown, boolean durable) {
        Kill kill = shown.kill().signed().kill();
        Optional<Long> settled = shown.settledIn();
        KnownKills known = plane.kills();
        Optional<StandingKill> standing = known.standing(kill.id());
        KillReceipts.Held held = standing.isPresent()
                ? KillReceipts.Held.of(standing.get().held(known.image()))
                : shown.held().orElseGet(() -> KillReceipts.Held.of(kill.flags()));
        Json.Builder json = Json.object()
                .put("id", kill.id().toString())
                .put("target", kill.target().label())
                .put("flags", Json.texts(held.first()))
                .put("environment", kill.environment())
                .put("flagCount", held.count())
                .put("ledger", settled.isPresent() ? "settled" : "pending")
                .put("version", number(settled))
                .put("replication", plane.store().description().replication().word())
                .put("durable", durable)
                .put("standing", standing.isPresent())
                .put("restoredIn", number(shown.restoredIn()))
                .put("reason", kill.reason())
                .put("actor", kill.actor())
                .put("origin", kill.origin().word())
                .put("at", kill.at().toString());
        json.put("tokenRevokedAt", RevokedKills.revokedAt(known.image(), kill).map(Object::toString));
        kill.audience().ifPresent(audience -> json.put("audience", audience.toJson()));
        if (!kill.services().isEmpty()) {
            json.put("services", Json.texts(kill.services()));
        }
        if (!kill.regions().isEmpty()) {
            json.put("regions", Json.texts(kill.regions()));
        }
        return json.put("receipt", shown.receipt());
    }

    private static Json number(Optional<Long> value) {
        return value.<Json>map(Json::of).orElse(Json.Null.NULL);
    }
}
