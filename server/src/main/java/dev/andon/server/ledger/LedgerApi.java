package dev.andon.server.ledger;

import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.server.http.Access;
import dev.andon.server.http.Call;
import dev.andon.server.http.Problem;
import dev.andon.server.http.ProblemException;
import dev.andon.server.http.Reply;
import dev.andon.server.http.Route;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.http.Writes;
import dev.andon.server.node.Audit;
import dev.andon.server.node.Committed;
import dev.andon.server.node.ControlPlane;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Semaphore;

/** The ledger's part of the API. Thread-safe. */
public final class LedgerApi {
    private static final String PATH = Route.API + "/ledger";
    private static final String NDJSON = "application/x-ndjson";

    /** How many exports may run at once: each holds a page of entries and reads the store. */
    private static final int EXPORTS = 2;

    private static final Schema SOUNDNESS = Schema.object()
            .required("ledger", Schema.text("The ledger's id"))
            .required("epoch", Schema.whole(0, Long.MAX_VALUE, "Counts breaks in history"))
            .required("version", Schema.whole(0, Long.MAX_VALUE, "The last entry that this node has folded"))
            .required("hash", Schema.text("Its chain hash"))
            .required("node", Schema.text("This node's id"))
            .required(
                    "checked",
                    Schema.object()
                            .required("version", Schema.whole(0, Long.MAX_VALUE, "Up to where the walk came"))
                            .optional("at", Shapes.TIME)
                            .build())
            .optional(
                    "signed",
                    Schema.object()
                            .required("version", Schema.whole(0, Long.MAX_VALUE, "What this node signed last"))
                            .required("at", Shapes.TIME)
                            .build())
            .optional(
                    "broken",
                    Schema.object()
                            .required("entry", Schema.whole(1, Long.MAX_VALUE, "The first entry that is wrong"))
                            .required("reason", Schema.text("What is wrong with it"))
                            .required("since", Shapes.TIME)
                            .build())
            .named("LedgerSoundness");

    private static final Schema KEY = Schema.object()
            .required("node", Schema.text("The node's id"))
            .required("publicKey", Schema.text("Base64 of the X.509 form of its Ed25519 key"))
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The entry in which it joined"))
            .required("answering", Schema.bool("Whether it is the node that answers"))
            .named("LedgerKey");

    private static final Schema EPOCH = Schema.object()
            .required("epoch", Schema.whole(1, Long.MAX_VALUE, "The epoch that began"))
            .required("version", Schema.whole(1, Long.MAX_VALUE, "The entry that says so"))
            .required("entry", Schema.whole(1, Long.MAX_VALUE, "The broken entry that the ledger goes on after"))
            .named("Epoch");

    private final ControlPlane plane;
    private final Audit audit;
    private final Semaphore exports = new Semaphore(EXPORTS);

    public LedgerApi(ControlPlane plane, Audit audit) {
        this.plane = plane;
        this.audit = audit;
    }

    public List<Route> routes() {
        return List.of(
                Route.get(PATH)
                        .operation("ledger", "readLedger", "How sound the ledger is, as far as this node knows")
                        .needs(Access.VIEWER)
                        .answers(200, "What is known", SOUNDNESS)
                        .does(call -> Reply.ok(json(audit.soundness()))),
                Route.get(PATH + "/keys")
                        .operation("ledger", "listLedgerKeys", "The public keys of the nodes, which sign the ledger")
                        .needs(Access.VIEWER)
                        .pages()
                        .answers(200, "A page of keys", Schema.page(KEY))
                        .does(this::keys),
                Route.get(PATH + "/export")
                        .operation("ledger", "exportLedger", "All entries as they are stored, for who verifies them")
                        .needs(Access.AUDITOR)
                        .query(
                                "after",
                                Schema.whole(0, Long.MAX_VALUE, "A version"),
                                "Begin after this version; 0 for the whole ledger")
                        .answers(
                                200,
                                "Strict NDJSON, as api/ledger-export.md describes it; complete if its last line is a"
                                        + " checkpoint",
                                NDJSON,
                                Schema.text("The export"))
                        .refuses(404)
                        .does(this::export),
                Route.post(PATH + "/epochs")
                        .operation("ledger", "continueLedger", "Goes on after a broken entry, in a new epoch")
                        .needs(Access.ADMIN)
                        .write()
                        .takes(Schema.object()
                                .required("entry", Schema.whole(1, Long.MAX_VALUE, "The broken entry, as it is known")))
                        .answers(201, "The epoch that began", EPOCH)
                        .does(this::goOn));
    }

    private Json json(Audit.Soundness soundness) {
        Json.Builder checked = Json.object().put("version", soundness.checkedTo());
        soundness.checkedAt().ifPresent(at -> checked.put("at", at.toString()));
        Json.Builder json = Json.object()
                .put("ledger", soundness.ledger())
                .put("epoch", soundness.epoch())
                .put("version", soundness.version())
                .put("hash", soundness.hash())
                .put("node", plane.node())
                .put("checked", checked);
        soundness
                .signed()
                .ifPresent(signed -> json.put(
                        "signed",
                        Json.object()
                                .put("version", signed.version())
                                .put("at", signed.at().toString())));
        soundness
                .broken()
                .ifPresent(broken -> json.put(
                        "broken",
                        Json.object()
                                .put("entry", broken.version())
                                .put("reason", broken.reason())
                                .put("since", broken.since().toString())));
        return json.build();
    }

    private Reply keys(Call call) {
        return Reply.ok(call.page()
                .of(plane.image().nodes().values(), node -> node.value().id(), this::key));
    }

    private Json key(Versioned<Node> node) {
        return Json.object()
                .put("node", node.value().id())
                .put("publicKey", node.value().publicKey())
                .put("version", node.version())
                .put("answering", node.value().id().equals(plane.node()))
                .build();
    }

    private Reply export(Call call) {
        Iterator<byte[]> pieces = audit.export(call.query("after", 0, Long.MAX_VALUE, 0));
        if (!exports.tryAcquire()) {
            throw new ProblemException(
                    Problem.of(503, "busy", "Andon is busy", "exports under way: " + EXPORTS + " (expected: less)")
                            .next("Try again when one of them has ended."));
        }
        return Reply.pieces(NDJSON, pieces, exports::release);
    }

    private Reply goOn(Call call) {
        long entry = call.read(fields -> fields.whole("entry", 1, Long.MAX_VALUE));
        return new Writes(plane).answer(201, audit.goOn(entry, committed -> epoch(entry, committed), call.context()));
    }

    private static Json epoch(long entry, Committed committed) {
        return Json.object()
                .put("epoch", committed.after().provenance().epoch())
                .put("version", committed.version())
                .put("entry", entry)
                .build();
    }
}
