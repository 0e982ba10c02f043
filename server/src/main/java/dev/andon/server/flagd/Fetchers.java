package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcConnection;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Clients that fetch documents again and again. They evaluate by themselves, so that a fetch confirms nothing: there may be others that
 * nothing tells from the one that fetched. A connection is to them what a stream is to others. It is there as long as it is open, and
 * was sent what it fetched last; nobody says goodbye. On the port's loop only.
 */
final class Fetchers {
    private final Attendance attendance;
    private final int most;
    private final Map<GrpcConnection, Map<InstanceKey, Fetcher>> fetchers = new HashMap<>();
    private int count;

    final class Fetcher {
        private final ForeignListener.Stream told;
        private Optional<Served> last = Optional.empty();

        private Fetcher(ForeignListener.Stream told) {
            this.told = told;
        }

        /** It was answered with this. */
        void sent(Served served) {
            if (last.filter(served::equals).isEmpty()) {
                last = Optional.of(served);
                attendance.sent(told, served);
            }
        }
    }

    /** @param most clients, by connection */
    Fetchers(Attendance attendance, int most) {
        this.attendance = attendance;
        this.most = most;
    }

    /** Who makes the call; ends it if there are too many. */
    Optional<Fetcher> of(GrpcCall call, Client client) {
        if (call.over()) {
            return Optional.empty();
        }
        Map<InstanceKey, Fetcher> known = fetchers.get(call.connection());
        Fetcher fetcher = known == null ? null : known.get(client.key());
        if (fetcher == null && count >= most) {
            call.end(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "clients that fetch: " + most + " (expected: less). Try again later.");
            return Optional.empty();
        }
        return Optional.of(fetcher == null ? add(call.connection(), client) : fetcher);
    }

    private Fetcher add(GrpcConnection connection, Client client) {
        Fetcher fetcher = new Fetcher(attendance.opened(client));
        boolean first = !fetchers.containsKey(connection);
        fetchers.computeIfAbsent(connection, key -> new HashMap<>()).put(client.key(), fetcher);
        count++;
        if (first) {
            connection.whenEnded(() -> ended(connection));
        }
        return fetcher;
    }

    private void ended(GrpcConnection connection) {
        Map<InstanceKey, Fetcher> gone = fetchers.remove(connection);
        if (gone != null) {
            count -= gone.size();
            gone.values().forEach(fetcher -> fetcher.told.lost(connection.unheard()));
        }
    }
}
