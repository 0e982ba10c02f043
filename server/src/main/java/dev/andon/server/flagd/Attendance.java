package dev.andon.server.flagd;

import dev.andon.server.http.Caller;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Room;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.Pseudonyms;
import dev.andon.server.node.Seal;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Tells flagd's clients apart, which don't say who they are, and tells of what they get. A client is told by its address without the
 * port, its user agent, its key, the service that it names and its provider's id: it is the same when it comes back, and clients that have
 * all of that in common are one, which was sent what all of them were sent. Names that are shown tell no address. Thread-safe.
 */
final class Attendance {
    private static final int MANY = 20_000;
    private static final int IPV6_NETWORK_GROUPS = 4;

    /** Of what a client may make as long as it likes. */
    private static final int TOLD_CHARS = 256;

    private final ForeignListener listener;
    private final LongSupplier nanoTime;
    private final Map<Where, Client> clients = new ConcurrentHashMap<>();
    private final Pseudonyms names;

    /** As far as a client is told apart. */
    private record Where(
            Protocol protocol,
            String environment,
            String host,
            String agent,
            String token,
            String service,
            boolean fetches) {}

    Attendance(ForeignListener listener, Seal seal, LongSupplier nanoTime) {
        this.listener = listener;
        this.names = new Pseudonyms(seal);
        this.nanoTime = nanoTime;
    }

    /**
     * @param caller whose key the call has, if it has one
     * @param provider what the client's provider calls itself; empty if nothing
     */
    Client client(GrpcCall call, Protocol protocol, View view, Optional<Caller> caller, String provider) {
        return client(call, protocol, view, caller, provider, false);
    }

    /** One that fetches documents: another client than one that has a stream, as the stream of one says nothing of the other. */
    Client fetching(GrpcCall call, View view, Optional<Caller> caller, String provider) {
        return client(call, Protocol.FLAGD_SYNC, view, caller, provider, true);
    }

    private Client client(
            GrpcCall call, Protocol protocol, View view, Optional<Caller> caller, String provider, boolean fetches) {
        String agent = cut(call.header("user-agent").orElse(""));
        String service = call.header("service")
                .or(() -> Optional.of(provider))
                .filter(name -> !name.isBlank())
                .or(() -> caller.map(Caller::name))
                .orElseGet(() -> agent.isBlank() ? "flagd" : agent.split("[/ ]", 2)[0]);
        Where where = new Where(
                protocol,
                view.environment(),
                call.host(),
                agent,
                caller.map(Caller::token).orElse(""),
                cut(service),
                fetches);
        Client known = clients.get(where);
        if (known != null) {
            return known;
        }
        if (clients.size() > MANY) {
            clients.clear();
        }
        return clients.computeIfAbsent(where, this::client);
    }

    private Client client(Where where) {
        String name = names.of(where.host(), where.agent(), where.token(), where.service());
        return new Client(
                new InstanceKey(
                        where.environment(),
                        where.service(),
                        where.protocol().word() + (where.fetches() ? "-fetch-" : "-") + name),
                where.protocol(),
                where.agent(),
                where.protocol() == Protocol.FLAGD_SYNC,
                where.token().isEmpty()
                        ? new Room(false, names.of(network(where.host())))
                        : new Room(true, where.token()));
    }

    /** Whoever has an address of the sixth version has as many as it likes, beginning alike. */
    static String network(String host) {
        String[] groups = host.split(":", -1);
        return groups.length < IPV6_NETWORK_GROUPS
                ? host
                : String.join(":", List.of(groups).subList(0, IPV6_NETWORK_GROUPS));
    }

    ForeignListener.Stream opened(Client client) {
        return listener.opened(client, nanoTime.getAsLong());
    }

    void sent(ForeignListener.Stream stream, Served served) {
        stream.sent(served, nanoTime.getAsLong());
    }

    /** It was answered. */
    void asked(Client client, Served served) {
        listener.asked(client, served, nanoTime.getAsLong());
    }

    private static String cut(String text) {
        return text.length() <= TOLD_CHARS ? text : text.substring(0, TOLD_CHARS);
    }
}
