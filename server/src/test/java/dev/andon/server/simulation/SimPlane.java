package dev.andon.server.simulation;

import dev.andon.core.event.Entry;
import dev.andon.core.image.Image;
import dev.andon.core.model.KillId;
import dev.andon.core.stop.SettleEntry;
import dev.andon.server.node.Command;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.History;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Moment;
import dev.andon.server.node.NodeLogic;
import dev.andon.server.node.Outcome;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StoreHealth;
import dev.andon.server.node.StoreUnavailable;
import dev.andon.store.StoreException;
import dev.andon.store.StoredEntry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a node does for the commands, carried out at once and on the caller's thread. */
final class SimPlane implements ControlPlane, History {
    private static final int MAX_DECISIONS = 50;

    private final SimNode node;

    /** What whoever calls means. */
    Intent intent = new Intent.SetUp();

    SimPlane(SimNode node) {
        this.node = node;
    }

    @Override
    public Image image() {
        return node.image();
    }

    @Override
    public KnownKills kills() {
        return NodeLogic.known(node.image(), node.waitingOn, node.pending);
    }

    @Override
    public <R> Outcome<R> execute(Command<R> command, CommandContext context) {
        if (node.relay.isPresent()) {
            throw new Refused(
                    Refused.Code.UPSTREAM, "node", node.id, node.relay.get().address());
        }
        if (!node.store.reachable()) {
            throw new StoreUnavailable("cut off");
        }
        try {
            return carryOut(planted(command), context);
        } catch (StoreException e) {
            throw new StoreUnavailable(String.valueOf(e.getMessage()), e.outcomeUnknown(), e);
        }
    }

    private <R> Command<R> planted(Command<R> command) {
        boolean lifts = intent instanceof Intent.Rollback && node.world.has(Fault.ROLLBACK_LIFTS_KILLS);
        boolean releases = intent instanceof Intent.Restore && node.world.has(Fault.RESTORE_RELEASES_ALL);
        return lifts || releases ? Planted.andRestoringAll(command) : command;
    }

    private <R> Outcome<R> carryOut(Command<R> command, CommandContext context) {
        for (int i = 0; i < MAX_DECISIONS; i++) {
            KnownKills known = kills();
            Optional<Long> repeated = NodeLogic.repeated(known.image(), context);
            if (repeated.isPresent()) {
                return new Outcome.Repeated<>(repeated.get());
            }
            NodeLogic.Decided<R> decided = NodeLogic.decide(command, context, known, node.now());
            if (decided.unchanged().isPresent()) {
                return decided.unchanged().get();
            }
            byte[] entry = decided.entry();
            node.world.intend(entry, intent, node);
            if (node.append(List.of(entry))) {
                return decided.done(node.image());
            }
            node.world.races.count(Races.Race.DECIDED_AGAIN);
        }
        throw new StoreUnavailable("the others are faster");
    }

    /** Orders are given to the kill path itself: {@link SimNode#order}. */
    @Override
    public KillAnswer kill(KillRequest request, CommandContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean durable(KillId kill) {
        return node.journalled.contains(kill) || image().marks().covers(kill);
    }

    @Override
    public StoreHealth store() {
        return new StoreHealth(
                node.reachesStore() ? StoreHealth.State.CONNECTED : StoreHealth.State.CUT_OFF,
                Instant.EPOCH,
                "",
                node.store.describe());
    }

    @Override
    public History history() {
        return this;
    }

    @Override
    public String node() {
        return node.id;
    }

    private static <T> T call(Supplier<T> call) {
        try {
            return call.get();
        } catch (StoreException e) {
            throw new StoreUnavailable(String.valueOf(e.getMessage()), false, e);
        }
    }

    private List<StoredEntry> stored(long first, long last) {
        int most = (int) (last - first + 1);
        List<StoredEntry> found = call(() -> node.store.read(first - 1, most));
        if (found.size() < most) {
            throw new StoreUnavailable("the ledger ends before version " + last);
        }
        return found;
    }

    @Override
    public List<Recorded> entries(long first, long last) {
        return stored(first, last).stream()
                .map(entry -> new Recorded(entry.version(), Entry.decode(entry.bytes())))
                .toList();
    }

    @Override
    public List<Moment> moments(long first, long last) {
        return stored(first, last).stream()
                .map(entry -> {
                    Entry.Heading heading = Entry.heading(entry.bytes());
                    return new Moment(
                            entry.version(), heading.at(), heading.type().equals(SettleEntry.TYPE));
                })
                .toList();
    }

    @Override
    public Image imageAt(long version) {
        long head = call(node.store::head).version();
        if (version > head) {
            throw new StoreUnavailable("the ledger ends before version " + version);
        }
        return node.world.image(version);
    }
}
