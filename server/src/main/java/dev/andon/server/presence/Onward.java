package dev.andon.server.presence;

import dev.andon.core.stream.Frame;
import dev.andon.server.node.SharedPresence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What one link is told: this node's clients, and those of nodes beyond it for whom the link is a way on. Changed on the
 * bookkeeper's thread alone; asked on any.
 */
final class Onward implements SharedPresence.Telling {
    final String peer;
    final SharedPresence.Side side;
    private Teller.OnLink own;
    private final Runnable onEnd;
    private final Map<String, Told> others = new LinkedHashMap<>();
    private final Set<String> lost = new LinkedHashSet<>();
    private boolean ended;

    /** One node's clients, and where they are taken from. */
    private record Told(Teller from, Teller.OnLink telling) {}

    Onward(String peer, SharedPresence.Side side, Teller.OnLink own, Runnable onEnd) {
        this.peer = peer;
        this.side = side;
        this.own = own;
        this.onEnd = onEnd;
    }

    /** Tells of these nodes from now on, by id, and of no other; says of those that it told of before that they are lost. */
    synchronized void carry(Map<String, Teller> wanted) {
        if (ended) {
            return;
        }
        for (String node : List.copyOf(others.keySet())) {
            Told told = others.get(node);
            if (told != null && !told.from().equals(wanted.get(node))) {
                told.telling().end();
                others.remove(node);
                lost.add(node);
            }
        }
        wanted.forEach((node, teller) -> {
            if (!others.containsKey(node)) {
                Teller.OnLink telling = teller.begin();
                teller.ready(telling);
                others.put(node, new Told(teller, telling));
            }
        });
    }

    /** Says that this node has lost another one: whoever tells of it here begins anew, as what it said may not have counted. */
    synchronized void lose(String node) {
        if (!ended && !node.equals(peer)) {
            lost.add(node);
        }
    }

    /** Says that a node is missing here, also to that node itself. */
    synchronized void ask(String node) {
        if (!ended) {
            lost.add(node);
        }
    }

    /** Tells of a node from the start, if it tells of it. */
    synchronized void again(String node) {
        Told told = others.get(node);
        if (told != null) {
            others.put(node, new Told(told.from(), told.telling().again()));
        }
    }

    /** Tells of this node's own clients from the start. */
    synchronized void ownAgain() {
        if (!ended) {
            own = own.again();
        }
    }

    @Override
    public synchronized Optional<Frame> next() {
        if (!lost.isEmpty()) {
            List<String> some =
                    new ArrayList<>(lost.stream().limit(Frame.Lost.MAX_NODES).toList());
            some.forEach(lost::remove);
            return Optional.of(new Frame.Lost(some));
        }
        Optional<Frame> next = own.next();
        for (Told told : others.values()) {
            if (next.isPresent()) {
                break;
            }
            next = told.telling().next();
        }
        return next;
    }

    synchronized boolean ended() {
        return ended;
    }

    @Override
    public void end() {
        synchronized (this) {
            own.end();
            ended = true;
            others.values().forEach(told -> told.telling().end());
            others.clear();
        }
        onEnd.run();
    }
}
