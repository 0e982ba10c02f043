package dev.andon.server.presence;

import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What another node has told of its clients. Only for the bookkeeper's thread. */
final class Table {
    final Map<InstanceKey, Told> clients = new LinkedHashMap<>();

    /** Those that it hasn't told of again since it began anew. */
    Set<InstanceKey> untold = new HashSet<>();

    Map<String, Long> unlisted = Map.of();
    String run = "";
    long telling;
    boolean linked;

    /** The node that tells of it: itself, or one on the way to it. */
    String via = "";

    /** Tells others of it. */
    Optional<Teller> onward = Optional.empty();

    /** Whether it has told of all of them since it was linked. */
    boolean complete;

    /** When it was no longer linked, by the monotonic clock. */
    long lostNanos;

    /** Whether it is known who all of them are. */
    boolean tells() {
        return linked && complete;
    }
}
