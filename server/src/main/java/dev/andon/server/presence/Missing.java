package dev.andon.server.presence;

import dev.andon.server.node.MissingNode;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The nodes of whose clients nobody tells here, or not of all. Only for the bookkeeper's thread. */
final class Missing {
    private final Map<String, Table> tables;
    private final Function<String, Optional<String>> region;
    private Set<String> known = Set.of();
    private Set<MissingNode> nodes = Set.of();

    /**
     * @param tables by node
     * @param region where a node's clients are, if that is known
     */
    Missing(Map<String, Table> tables, Function<String, Optional<String>> region) {
        this.tables = tables;
        this.region = region;
    }

    /** @param now the other nodes that there should be */
    void expect(Set<String> now) {
        known = now;
    }

    Set<MissingNode> nodes() {
        return nodes;
    }

    /** Whether they are others than before. */
    boolean check() {
        Set<MissingNode> now = new HashSet<>();
        for (String node : known) {
            Table table = tables.get(node);
            if (table == null || !table.tells()) {
                now.add(new MissingNode(node, region.apply(node)));
            }
        }
        boolean changed = !now.equals(nodes);
        nodes = now;
        return changed;
    }

    /** Those of which nobody is about to tell, and for whose clients there is room. */
    List<String> untold(Room room) {
        return nodes.stream()
                .map(MissingNode::id)
                .filter(node -> {
                    Table table = tables.get(node);
                    return table == null
                            || !table.linked
                            || (table.lacking.isPresent() && table.mayTake(room.has(node, 1)));
                })
                .toList();
    }
}
