package dev.andon.server.peer;

import dev.andon.server.node.PeerStatus;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this node gets on with each other one, over all links to it. Not thread-safe. */
final class Standing {
    private static final Logger log = LoggerFactory.getLogger(Peers.class);

    private final InstantSource clock;
    private final Map<String, Seen> seen = new HashMap<>();

    private static final class Seen {
        boolean connected;
        Instant since;
        Optional<Instant> heard = Optional.empty();
        String detail = "";
        String said = "";

        Seen(Instant since) {
            this.since = since;
        }
    }

    Standing(InstantSource clock) {
        this.clock = clock;
    }

    void linked(String node) {
        Seen one = of(node);
        one.detail = "";
        one.said = "";
    }

    /** A link to it broke, or none came about. */
    void failed(String node, String why) {
        Seen one = of(node);
        one.detail = why;
    }

    List<PeerStatus> now(List<Dialling.Target> targets, List<PeerConnection> connections, long nowMs) {
        Map<String, Optional<String>> peers = new TreeMap<>();
        Map<String, List<PeerConnection>> links = new HashMap<>();
        targets.forEach(target -> peers.put(target.node, Optional.of(target.address)));
        for (PeerConnection connection : connections) {
            connection.link().peer().ifPresent(peer -> {
                peers.putIfAbsent(peer, Optional.empty());
                links.computeIfAbsent(peer, key -> new ArrayList<>()).add(connection);
            });
        }
        seen.keySet().retainAll(peers.keySet());
        List<PeerStatus> status = new ArrayList<>();
        peers.forEach((peer, address) -> status.add(status(peer, address, links.getOrDefault(peer, List.of()), nowMs)));
        return List.copyOf(status);
    }

    private PeerStatus status(String peer, Optional<String> address, List<PeerConnection> links, long nowMs) {
        Seen one = of(peer);
        boolean connected = !links.isEmpty();
        if (connected != one.connected) {
            one.connected = connected;
            one.since = clock.instant();
        }
        int unconfirmed = Integer.MAX_VALUE;
        for (PeerConnection link : links) {
            Instant heard =
                    clock.instant().minusMillis(Math.max(0, nowMs - link.link().heardMs()));
            one.heard = Optional.of(one.heard.filter(heard::isBefore).orElse(heard));
            unconfirmed = Math.min(unconfirmed, link.link().unconfirmed());
        }
        if (!connected && !one.detail.isEmpty() && !one.detail.equals(one.said)) {
            one.said = one.detail;
            log.warn("peer {}: not linked: {}", peer, one.detail);
        }
        return new PeerStatus(
                peer,
                address,
                connected,
                one.since,
                one.heard,
                connected ? unconfirmed : 0,
                connected ? "" : one.detail);
    }

    private Seen of(String node) {
        return seen.computeIfAbsent(node, key -> new Seen(clock.instant()));
    }
}
