package dev.andon.server.presence;

import dev.andon.server.node.SharedPresence.Side;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The links on which this node tells of clients, and of which nodes' each is told. Only for the bookkeeper's thread. */
final class Links {
    private final List<Onward> links = new ArrayList<>();

    void add(Onward link) {
        links.add(link);
    }

    void removeEnded() {
        links.removeIf(Onward::ended);
    }

    /** This node doesn't know any more who the clients of another one are. */
    void lost(String node) {
        links.forEach(link -> link.lose(node));
    }

    /** Whoever tells of a node is to do so from the start. */
    void ask(String node) {
        links.forEach(link -> link.ask(node));
    }

    /**
     * A peer doesn't know that of a node.
     *
     * @param self whether that is this one
     */
    void lostThere(String peer, String node, boolean self) {
        links.stream().filter(link -> link.peer.equals(peer)).forEach(link -> {
            if (self) {
                link.ownAgain();
            } else {
                link.again(node);
            }
        });
    }

    /** What was learnt on a link never goes back there; beside and upwards goes only what came from relays below. */
    void passOn(Map<String, Table> tables) {
        Map<String, Side> sides = new HashMap<>();
        links.forEach(link -> sides.put(link.peer, link.side));
        for (Onward link : links) {
            Map<String, Teller> wanted = new HashMap<>();
            tables.forEach((node, table) -> {
                boolean fromThere = table.via.equals(link.peer) || node.equals(link.peer);
                boolean below = sides.get(table.via) == Side.BELOW;
                if (table.tells() && !fromThere && (below || link.side == Side.BELOW)) {
                    table.onward.ifPresent(teller -> wanted.put(node, teller));
                }
            });
            link.carry(wanted);
        }
    }

    /** By whom each node's clients are told of, where that is so. */
    static Map<String, String> ways(Map<String, Table> tables) {
        Map<String, String> ways = new HashMap<>();
        tables.forEach((node, table) -> {
            if (table.tells()) {
                ways.put(node, table.via);
            }
        });
        return Map.copyOf(ways);
    }
}
