package dev.andon.server.ledger;

import dev.andon.core.event.Event;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import dev.andon.store.LedgerPosition;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Says in the ledger that entries of it were lost, as by a fail-over of a store that isn't replicated synchronously, or because a
 * backup was restored: each node up to where it had folded what isn't there any more. It is the new epoch's first entry, too, by which
 * nodes that lost nothing hear of it. Only for the ledger's thread.
 */
public final class Forks implements Publisher {
    private final Consumer<Observation> ledger;

    /** @param ledger takes what the ledger is to keep; must not block */
    public Forks(Consumer<Observation> ledger) {
        this.ledger = ledger;
    }

    @Override
    public String name() {
        return "forks";
    }

    @Override
    public void publish(Publication publication) {
        publication.lost().ifPresent(lost -> tell(publication, lost));
    }

    private void tell(Publication publication, LedgerPosition lost) {
        Provenance now = publication.after().provenance();
        long version = publication.position().version();
        ledger.accept(new Observation(
                "fork/" + now.epoch(),
                true,
                "ledger.fork",
                "ALARM: the store has another history than this node had folded up to version " + lost.version()
                        + ": a backup was restored, or a fail-over lost entries; epoch " + now.epoch()
                        + " begins after version " + version,
                new Event.Observed(
                        "fork",
                        "ledger/" + now.epoch(),
                        Optional.empty(),
                        Optional.empty(),
                        new TreeSet<>(),
                        (Json.Members) Json.object()
                                .put("lostVersion", lost.version())
                                .put("lostHash", lost.hash().toString())
                                .put(
                                        "lostEpoch",
                                        publication.before().provenance().epoch())
                                .put("epoch", now.epoch())
                                .put("version", version)
                                .build()),
                written -> {}));
    }
}
