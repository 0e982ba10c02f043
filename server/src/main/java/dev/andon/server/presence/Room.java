package dev.andon.server.presence;

import dev.andon.core.image.Image;
import dev.andon.core.model.Node;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * How many clients of other nodes are kept, and how that is shared: relays leave room for nodes with the ledger, and those that
 * one token has brought in leave room for others. Only for the bookkeeper's thread.
 */
final class Room {
    static final int MAX_ALL = 300_000;
    static final int MAX_OF_RELAYS = 200_000;
    static final int MAX_OF_TOKEN = Table.MAX_CLIENTS;

    /** What a node lacks that tells of more. */
    static final String FULL = "clients: more than are kept (expected: at most " + Table.MAX_CLIENTS
            + " of one node, and of the relays of one token, with " + Table.MAX_KILLS
            + " kills on their way to each node's; "
            + MAX_OF_RELAYS + " of all relays, " + MAX_ALL + " of all)";

    private final Supplier<Image> image;
    private final Map<String, Table> tables;

    /** @param tables by node */
    Room(Supplier<Image> image, Map<String, Table> tables) {
        this.image = image;
        this.tables = tables;
    }

    /** Whether there is any for so many more clients of a node. */
    boolean has(String node, int more) {
        Optional<Node.Relay> relay = image.get().relay(node);
        Optional<String> token = token(relay);
        long all = more;
        long ofRelays = more;
        long ofToken = more;
        for (Map.Entry<String, Table> one : tables.entrySet()) {
            int size = one.getValue().size();
            Optional<Node.Relay> other = image.get().relay(one.getKey());
            all += size;
            ofRelays += other.isPresent() ? size : 0;
            ofToken += other.isPresent() && token(other).equals(token) ? size : 0;
        }
        return all <= MAX_ALL && (relay.isEmpty() || (ofRelays <= MAX_OF_RELAYS && ofToken <= MAX_OF_TOKEN));
    }

    private static Optional<String> token(Optional<Node.Relay> relay) {
        return relay.flatMap(Node.Relay::joining).map(Node.Joining::broughtInBy);
    }
}
