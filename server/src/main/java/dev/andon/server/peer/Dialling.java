package dev.andon.server.peer;

import dev.andon.core.image.Versioned;
import dev.andon.core.model.Node;
import dev.andon.core.stream.Redial;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Which nodes are dialled, and when. An address belongs to the node that named it last: the one before it has a new
 * identity, or is gone. A relay dials its upstream alone. Not thread-safe.
 */
final class Dialling {
    /** Beyond so many, those that were saved last are dialled; the others may dial. */
    static final int MAX_PEERS = 64;

    private final RandomGenerator random;
    private final Map<String, Target> targets = new LinkedHashMap<>();
    private final Optional<Target> upstream;

    /** A node to be dialled. */
    static final class Target {
        /** Of an upstream, its address until it has shown who it is, and whoever answered there last from then on. */
        String node;

        final String address;
        final Redial redial;

        private Target(String node, String address, Redial redial) {
            this.node = node;
            this.address = address;
            this.redial = redial;
        }
    }

    /** @param upstream of a relay */
    Dialling(RandomGenerator random, Optional<String> upstream, long nowMs) {
        this.random = random;
        this.upstream = upstream.map(address -> new Target(address, address, new Redial(random, nowMs)));
    }

    /** @return those that aren't dialled any more, or at another address */
    Set<Target> learn(String self, Map<String, Versioned<Node>> nodes, long nowMs) {
        if (upstream.isPresent()) {
            return Set.of();
        }
        Map<String, String> wanted = wanted(self, nodes);
        Set<Target> dropped = new HashSet<>();
        targets.values().removeIf(target -> {
            boolean drop = !target.address.equals(wanted.get(target.node));
            if (drop) {
                dropped.add(target);
            }
            return drop;
        });
        wanted.forEach((node, address) ->
                targets.computeIfAbsent(node, added -> new Target(added, address, new Redial(random, nowMs))));
        return dropped;
    }

    /** Addresses by the nodes that are reached there. */
    static Map<String, String> wanted(String self, Map<String, Versioned<Node>> nodes) {
        List<Versioned<Node>> newestFirst = new ArrayList<>(nodes.values());
        newestFirst.sort(Comparator.<Versioned<Node>>comparingLong(Versioned::version)
                .reversed()
                .thenComparing(node -> node.value().id()));
        Map<String, String> byAddress = new HashMap<>();
        Map<String, String> wanted = new LinkedHashMap<>();
        for (Versioned<Node> node : newestFirst) {
            String id = node.value().id();
            node.value().address().ifPresent(address -> {
                boolean newest = byAddress.putIfAbsent(address, id) == null;
                if (newest && !id.equals(self) && wanted.size() < MAX_PEERS) {
                    wanted.put(id, address);
                }
            });
        }
        return wanted;
    }

    List<Target> targets() {
        return upstream.map(List::of).orElseGet(() -> List.copyOf(targets.values()));
    }
}
