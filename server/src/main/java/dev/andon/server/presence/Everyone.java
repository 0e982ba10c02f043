package dev.andon.server.presence;

import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Node;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.InstanceListener;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.Presence;
import dev.andon.server.node.SharedPresence;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All clients of the ledger's nodes: those of this one, as it hears of them, and those of the others, as they tell. A client is
 * the word of the node that it came to last; of what another one says of it, nothing counts, unless that node loses it and
 * the other still has it.
 *
 * <p>Clients of relays are told of by whoever feeds them: those of a relay go to the nodes beside this one and to its upstream,
 * and everybody's to the relays that it feeds, each under the node that has the stream. When things go wrong:
 *
 * <ol>
 *   <li>The clients of a node to which no link stands have vanished, as far as anyone can say here, and the node itself is
 *       missing: others may have come to it. Nothing is proven meanwhile.
 *   <li>Where a node tells what can't be read, or more than is kept, the rest counts, and the node is missing: nobody can say here
 *       that its clients have applied anything.
 * </ol>
 *
 * <p>Listens and answers on the bookkeeper's thread; {@link SharedPresence} on any.
 */
public final class Everyone implements Presence, SharedPresence {
    private static final Logger log = LoggerFactory.getLogger(Everyone.class);

    /** Stands for this node among those that clients are the word of. */
    private static final String HERE = "";

    private static final int COMPARE_TICKS = 5;
    private static final int ASK_TICKS = 60;
    private static final int MAX_NODES = 2_000;

    private final Bookkeeper books;
    private final Presence local;
    private final Supplier<Image> image;
    private final Optional<String> region;
    private final Duration remember;
    private final LongSupplier nanoTime;
    private final String run;
    private final Teller teller;
    private final Links links = new Links();
    private final List<InstanceListener> listeners = new ArrayList<>();
    private final Map<InstanceKey, String> owners = new HashMap<>();
    private final Map<String, Table> tables = new HashMap<>();
    private final Missing missing = new Missing(tables, this::region);
    private final Room room;
    private final Supplier<String> self;
    private long ticks;
    private boolean othersNow;
    private long tellers;
    private volatile Map<String, String> ways = Map.of();

    /**
     * @param local this node's own clients
     * @param self this node's id; asked for once it has links
     * @param region where this node's clients are, as far as they don't say; that of a relay
     * @param run of this process alone
     * @param remember how long clients of a node that is gone count as unreachable
     */
    public Everyone(
            Bookkeeper books,
            Presence local,
            Supplier<String> self,
            Supplier<Image> image,
            Optional<String> region,
            String run,
            Duration remember,
            LongSupplier nanoTime) {
        this.books = books;
        this.local = local;
        this.self = self;
        this.image = image;
        this.room = new Room(image, tables);
        this.region = region;
        this.remember = remember;
        this.nanoTime = nanoTime;
        this.run = run;
        this.teller = new Teller(Optional.empty(), run);
    }

    /** Has someone told of everyone, on the bookkeeper's thread. Before anything happens. */
    public void add(InstanceListener listener) {
        listeners.add(listener);
    }

    /** Is told of this node's own clients. */
    public InstanceListener here() {
        return new Here();
    }

    /** To be called now and then. */
    public void tick() {
        books.note(() -> {
            ticks++;
            if (ticks % COMPARE_TICKS == 0) {
                compare();
                tables.values().forEach(table -> table.onward.ifPresent(Teller::prune));
                forget();
            }
            if (ticks % ASK_TICKS == 0 || othersNow) {
                othersNow = false;
                missing.untold(room).forEach(links::ask);
            }
        });
    }

    @Override
    public void nodesChanged() {
        books.note(() -> othersNow = true);
    }

    @Override
    public SharedPresence.Telling tell(String peer, Side side) {
        Teller.OnLink telling = teller.begin();
        Onward onward = new Onward(peer, side, telling, () -> books.note(links::removeEnded));
        books.note(() -> {
            compare();
            teller.ready(telling);
            if (!onward.ended()) {
                links.add(onward);
                links.passOn(tables);
            }
        });
        return onward;
    }

    @Override
    public void heard(String peer, Frame.Presence told, Runnable taken) {
        long nanos = nanoTime.getAsLong();
        book(() -> hear(peer, told, nanos), taken);
    }

    private void book(Runnable task, Runnable taken) {
        books.note(() -> {
            try {
                task.run();
            } finally {
                taken.run();
            }
        });
    }

    @Override
    public void lost(String peer, List<String> nodes, Runnable taken) {
        long nanos = nanoTime.getAsLong();
        book(() -> lose(peer, nodes, nanos), taken);
    }

    private void lose(String peer, List<String> nodes, long nanos) {
        boolean unlinked = false;
        for (String node : nodes) {
            Table table = tables.get(node);
            if (table != null && table.linked && table.via.equals(peer)) {
                unlink(node, table, nanos);
                unlinked = true;
            }
            links.lostThere(peer, node, node.equals(self.get()));
        }
        if (unlinked) {
            links.passOn(tables);
            checkMissing();
        }
    }

    /** By which link each other node tells of its clients, if it does: its own, or one of a node on the way. From any thread. */
    public Map<String, String> ways() {
        return ways;
    }

    @Override
    public void nodes(Set<String> nowKnown, Set<String> linked) {
        long nanos = nanoTime.getAsLong();
        books.note(() -> follow(nowKnown, linked, nanos));
    }

    private void compare() {
        List<Present> present = new ArrayList<>();
        Map<String, Long> unlisted = new HashMap<>();
        for (String environment : image.get().environments().keySet()) {
            present.addAll(here(environment));
            long count = local.unlisted(environment);
            if (count > 0) {
                unlisted.put(environment, count);
            }
        }
        teller.compare(present, unlisted);
        owners.entrySet().removeIf(owner -> owner.getValue().equals(HERE) && teller.get(owner.getKey()) == null);
    }

    private List<Present> here(String environment) {
        return local.present(environment).stream().map(one -> one.in(region)).toList();
    }

    private void forget() {
        tables.forEach((node, table) -> {
            boolean old = !table.linked && nanoTime.getAsLong() - table.lostNanos > remember.toNanos();
            if (old && !table.isEmpty()) {
                table.keys().forEach(key -> owners.remove(key, node));
                table.clear();
            }
        });
        tables.entrySet()
                .removeIf(one -> !one.getValue().linked && one.getValue().isEmpty());
    }

    private String owner(InstanceKey key) {
        return owners.getOrDefault(key, HERE);
    }

    private boolean isHere(InstanceKey key) {
        return owner(key).equals(HERE);
    }

    /** What happens to this node's own clients. */
    private final class Here implements InstanceListener {
        @Override
        public void connected(Instance one, Frame.Hello hello) {
            Instance instance = one.in(region);
            teller.put(Told.came(instance, teller.nextComing(), 0, hello.has()));
            owners.put(instance.key(), HERE);
            listeners.forEach(listener -> listener.connected(instance, hello));
        }

        @Override
        public void acked(InstanceKey instance, Frame.Ack ack, long nanos) {
            teller.change(instance, told -> told.acked(ack));
            if (isHere(instance) && alone(instance)) {
                listeners.forEach(listener -> listener.acked(instance, ack, nanos));
            }
        }

        @Override
        public void found(Instance one, Optional<Served> holds, int nowMissing) {
            Instance instance = one.in(region);
            Told before = teller.get(instance.key());
            Told came = Told.came(instance, teller.nextComing(), nowMissing, Optional.empty());
            Optional<Served> confirmed =
                    holds.or(() -> Optional.ofNullable(before).flatMap(Told::confirmed));
            teller.put(confirmed
                    .map(served -> came.confirmed(served).becoming(came.state(), nowMissing))
                    .orElse(came));
            if (nowMissing == 0) {
                owners.put(instance.key(), HERE);
            }
            if (isHere(instance.key())) {
                listeners.forEach(listener -> listener.found(instance, holds, nowMissing));
            }
        }

        @Override
        public void unlisted(String environment) {
            listeners.forEach(listener -> listener.unlisted(environment));
        }

        @Override
        public void sent(InstanceKey instance, Served served, long nanos) {
            teller.change(instance, told -> told.sent(served));
            if (isHere(instance)) {
                listeners.forEach(listener -> listener.sent(instance, served, nanos));
            }
        }

        @Override
        public void confirmed(InstanceKey instance, Served served, long nanos) {
            teller.change(instance, told -> told.confirmed(served));
            owners.put(instance, HERE);
            listeners.forEach(listener -> listener.confirmed(instance, served, nanos));
        }

        @Override
        public void vanished(InstanceKey instance, int nowMissing) {
            teller.change(instance, told -> told.becoming(Told.State.VANISHED, nowMissing));
            if (!isHere(instance)) {
                release(instance, nanoTime.getAsLong());
            } else if (!handedOver(instance, nanoTime.getAsLong())) {
                listeners.forEach(listener -> listener.vanished(instance, nowMissing));
            }
        }

        @Override
        public void left(InstanceKey instance) {
            teller.remove(instance, Told.State.LEFT);
            if (!isHere(instance)) {
                release(instance, nanoTime.getAsLong());
            } else if (!handedOver(instance, nanoTime.getAsLong())) {
                owners.remove(instance);
                listeners.forEach(listener -> listener.left(instance));
            }
        }

        @Override
        public void reported(InstanceKey instance, Frame.Report report, long nanos) {
            listeners.forEach(listener -> listener.reported(instance, report, nanos));
        }
    }

    private void hear(String peer, Frame.Presence told, long nanos) {
        String node = told.of().orElse(peer);
        if (!tables.containsKey(node) && tables.size() >= MAX_NODES) {
            log.warn("peer {}: tells of node {}, one more than {}; left out", peer, node, MAX_NODES);
            return;
        }
        Table table = tables.computeIfAbsent(node, key -> new Table());
        if (told.of().isPresent() && table.linked && table.via.equals(node)) {
            // it tells of them itself
            return;
        }
        boolean sameRun = told.run().equals(table.run);
        if (sameRun && told.telling() < table.telling) {
            return;
        }
        if (told.begins()) {
            if (!sameRun) {
                // its numbers may have begun anew
                table.keys().forEach(key -> loseOne(node, table, key, nanos));
            }
            table.via = peer;
            table.linked = true;
            tellers++;
            table.onward = Optional.of(new Teller(Optional.of(node), run + "-" + tellers));
            table.run = told.run();
            table.telling = told.telling();
            table.untold = new HashSet<>(table.keys());
            table.complete = false;
            table.lacking = Optional.empty();
            links.passOn(tables);
        } else if (!sameRun || told.telling() != table.telling || !peer.equals(table.via)) {
            return;
        }
        Optional<String> there = region(node);
        boolean lacked = table.lacking.isPresent();
        boolean more = room.has(node, told.clients().size());
        for (Json one : told.clients()) {
            take(node, table, one, there, more, nanos);
        }
        if (table.lacking.isPresent() && !lacked) {
            log.warn("peer {}: {}; it counts as missing until it tells of all anew", node, table.lacking.get());
            links.passOn(tables);
            checkMissing();
        }
        learnUnlisted(table, told.unlisted());
        table.onward.ifPresent(onward -> onward.setUnlisted(told.unlisted()));
        if (told.complete()) {
            for (InstanceKey key : table.untold) {
                loseOne(node, table, key, nanos);
                table.remove(key);
                owners.remove(key, node);
            }
            table.untold = new HashSet<>();
            table.complete = true;
            links.passOn(tables);
            checkMissing();
        }
    }

    private void take(String node, Table table, Json one, Optional<String> there, boolean more, long nanos) {
        try {
            Told client = Told.read(one).in(there);
            table.untold.remove(client.key());
            boolean stays = client.state() == Told.State.CONNECTED || client.state() == Told.State.VANISHED;
            if (stays && !table.takes(client, more)) {
                table.lacking = Optional.of(Room.FULL);
            } else {
                learn(node, table, client, nanos);
            }
        } catch (InvalidInput e) {
            table.lacking = Optional.of("a client that can't be read: " + e.getMessage());
        }
    }

    private Optional<String> region(String node) {
        return image.get().relay(node).map(Node.Relay::region);
    }

    private void learnUnlisted(Table table, Map<String, Long> unlisted) {
        unlisted.forEach((environment, count) -> {
            if (count > table.unlisted.getOrDefault(environment, 0L)) {
                listeners.forEach(listener -> listener.unlisted(environment));
            }
        });
        table.unlisted = unlisted;
    }

    private void learn(String node, Table table, Told told, long nanos) {
        InstanceKey key = told.key();
        table.onward.ifPresent(onward -> {
            switch (told.state()) {
                case CONNECTED, VANISHED -> onward.put(told);
                case LEFT, FORGOTTEN -> onward.remove(key, told.state());
            }
        });
        @Nullable Told before = table.get(key);
        switch (told.state()) {
            case CONNECTED -> {
                table.put(told);
                boolean came = before == null || !before.connected() || before.coming() != told.coming();
                boolean asked = before != null && !told.confirmed().equals(before.confirmed());
                if (came || asked) {
                    owners.put(key, node);
                }
                if (owner(key).equals(node)) {
                    say(came ? null : before, told, nanos);
                }
            }
            case VANISHED -> {
                table.put(told);
                boolean unclaimed = !owners.containsKey(key) && teller.get(key) == null;
                if (unclaimed) {
                    owners.put(key, node);
                }
                if (!owner(key).equals(node)) {
                    release(key, nanos);
                } else if (!handedOver(key, nanos)) {
                    listeners.forEach(listener -> listener.vanished(key, Math.max(1, told.missing())));
                }
            }
            case LEFT -> {
                table.remove(key);
                if (!owner(key).equals(node)) {
                    release(key, nanos);
                } else if (!handedOver(key, nanos)) {
                    owners.remove(key);
                    listeners.forEach(listener -> listener.left(key));
                }
            }
            case FORGOTTEN -> {
                table.remove(key);
                owners.remove(key, node);
                release(key, nanos);
            }
        }
    }

    /**
     * @param before what was said of it before; null if it came just now
     * @param nanos when this node heard of it
     */
    private void say(@Nullable Told before, Told told, long nanos) {
        told.say(before, alone(told.key()), nanos, listeners);
    }

    /**
     * Whether no more than one node has it. Where several do, they are two processes of one name, or one whose old connection
     * isn't known to be dead yet: what is acknowledged counts when one is left.
     */
    private boolean alone(InstanceKey key) {
        @Nullable Told here = teller.get(key);
        int nodes = here != null && here.connected() ? 1 : 0;
        for (Table table : tables.values()) {
            Told there = table.get(key);
            nodes += table.linked && there != null && there.connected() ? 1 : 0;
        }
        return nodes <= 1;
    }

    /** One node less has it: what was acknowledged to the one whose word it is may count now. */
    private void release(InstanceKey key, long nanos) {
        String owner = owner(key);
        Table table = tables.get(owner);
        @Nullable Told told = owner.equals(HERE) ? teller.get(key) : table == null ? null : table.get(key);
        if (told != null && told.connected() && alone(key)) {
            told.ack().ifPresent(ack -> listeners.forEach(listener -> listener.acked(key, ack, nanos)));
        }
    }

    /** Whether another node has it, whose word it is from now on. */
    private boolean handedOver(InstanceKey key, long nanos) {
        String owner = owner(key);
        @Nullable Told here = teller.get(key);
        if (!owner.equals(HERE) && here != null && here.connected()) {
            owners.put(key, HERE);
            say(null, here, nanos);
            return true;
        }
        for (Map.Entry<String, Table> one : tables.entrySet()) {
            Told there = one.getValue().get(key);
            if (!one.getKey().equals(owner) && one.getValue().linked && there != null && there.connected()) {
                owners.put(key, one.getKey());
                say(null, there, nanos);
                return true;
            }
        }
        return false;
    }

    private void follow(Set<String> nowKnown, Set<String> linked, long nanos) {
        missing.expect(nowKnown);
        for (String node : linked) {
            Table table = tables.computeIfAbsent(node, key -> new Table());
            if (!table.linked) {
                table.linked = true;
                table.via = node;
            }
        }
        tables.forEach((node, table) -> {
            if (table.linked && !linked.contains(table.via)) {
                unlink(node, table, nanos);
            }
        });
        links.passOn(tables);
        checkMissing();
    }

    private void unlink(String node, Table table, long nanos) {
        table.linked = false;
        table.complete = false;
        table.onward = Optional.empty();
        links.lost(node);
        table.lostNanos = nanos;
        table.keys().forEach(key -> loseOne(node, table, key, nanos));
    }

    /** Nobody tells of it any more. */
    private void loseOne(String node, Table table, InstanceKey key, long nanos) {
        Told told = table.get(key);
        if (told != null && told.connected()) {
            table.put(told.becoming(Told.State.VANISHED, 1));
            if (!owner(key).equals(node)) {
                release(key, nanos);
            } else if (!handedOver(key, nanos)) {
                listeners.forEach(listener -> listener.vanished(key, 1));
            }
        }
    }

    private void checkMissing() {
        ways = Links.ways(tables);
        if (missing.check()) {
            listeners.forEach(listener -> listener.nodesMissing(missing.nodes()));
        }
    }

    @Override
    public void proofs(String environment, Proofs to) {
        tables.forEach((node, table) -> table.clients().forEach(told -> {
            InstanceKey key = told.key();
            if (told.connected()
                    && key.environment().equals(environment)
                    && owner(key).equals(node)) {
                told.ack().filter(ack -> alone(key)).ifPresent(ack -> to.acked(key, ack));
                told.sent().ifPresent(served -> to.sent(key, served));
                told.confirmed().ifPresent(served -> to.confirmed(key, served));
            }
        }));
    }

    @Override
    public Set<MissingNode> missingNodes() {
        return missing.nodes();
    }

    @Override
    public List<Present> present(String environment) {
        List<Present> present = new ArrayList<>();
        here(environment).stream().filter(one -> isHere(one.instance().key())).forEach(present::add);
        tables.forEach((node, table) -> table.clients().forEach(told -> {
            if (told.key().environment().equals(environment)
                    && owner(told.key()).equals(node)) {
                int nowMissing = told.connected() ? 0 : Math.max(1, told.missing());
                present.add(new Present(told.instance(), told.connected(), Frame.LocalStops.NONE, nowMissing));
            }
        }));
        return present;
    }

    @Override
    public int unlisted(String environment) {
        long others = tables.values().stream()
                .mapToLong(table -> table.unlisted.getOrDefault(environment, 0L))
                .sum();
        return (int) Math.min(Integer.MAX_VALUE, local.unlisted(environment) + others);
    }
}
