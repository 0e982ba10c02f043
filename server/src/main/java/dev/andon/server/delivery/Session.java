package dev.andon.server.delivery;

import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Token;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.ServerEffect;
import dev.andon.core.stream.ServerInput;
import dev.andon.core.stream.ServerLink;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.StreamListener.StreamId;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One stream, whatever carries it: feeds its {@link ServerLink} and carries out what that wants. Not thread-safe: its
 * transport sees to it that one thread at a time is in here.
 */
final class Session {
    private final Hub hub;
    private final Transport transport;
    private final String environment;
    private final String token;
    private final String secretHash;
    private final ServerLink link;
    private final BooleanSupplier dismissed;
    private Feed feed;
    private @Nullable StreamId id;

    /** What carries a stream. */
    interface Transport extends Hub.Stream {
        void send(Message message);

        /** Pings keep connections known as alive; what isn't one needs none. */
        default boolean wantsPings() {
            return true;
        }

        /** The client has acknowledged all that there is. */
        default void settled() {}

        /** Close once what was sent is out. */
        void close();
    }

    /** @param secretHash of the secret that the client showed, so that the stream ends when it is rotated out */
    Session(Hub hub, Transport transport, String environment, String token, String secretHash, Feed feed) {
        this.hub = hub;
        this.transport = transport;
        this.environment = environment;
        this.token = token;
        this.secretHash = secretHash;
        this.feed = feed;
        this.link = new ServerLink(hub.node(), environment, hub.limits().heartbeatMs(), feed.offer(), hub.nowMs());
        this.dismissed = hub.drain().place();
    }

    String environment() {
        return environment;
    }

    String token() {
        return token;
    }

    Feed feed() {
        return feed;
    }

    boolean ended() {
        return link.ended();
    }

    static ServerInput decoded(byte[] bytes) {
        return decoded(bytes, all -> FrameCodec.decode(all, FrameCodec.FROM_CLIENT));
    }

    static ServerInput decoded(byte[] bytes, Function<byte[], Frame> reader) {
        try {
            return new ServerInput.Received(reader.apply(bytes));
        } catch (InvalidInput e) {
            return new ServerInput.Malformed(e);
        }
    }

    /** To be called now and then: a stream is pinged or lost in time, and let go when it is its turn on a server that leaves. */
    void tick(long nowMs) {
        if (nowMs >= link.dueMs()) {
            step(new ServerInput.Tick());
        }
        leaveInTurn();
    }

    void leaveInTurn() {
        if (dismissed.getAsBoolean()) {
            step(new ServerInput.End(Hub.shuttingDown()));
        }
    }

    void offered(Feed newest) {
        feed = newest;
        step(new ServerInput.Offered(newest.offer()));
    }

    /** Ends the stream if its key isn't accepted any more. */
    void checkToken(Image image) {
        Versioned<Token> known = image.tokens().get(token);
        if (known == null || !known.value().accepts(secretHash, hub.clock().instant())) {
            step(new ServerInput.End(Hub.revoked()));
        }
    }

    void step(ServerInput input) {
        long nanos = hub.nanos();
        List<ServerEffect> effects = link.step(input, nanos / 1_000_000);
        boolean taken = true;
        for (ServerEffect effect : effects) {
            if (effect instanceof ServerEffect.Adopt adopt) {
                taken &= hub.adopt(adopt.kills());
            } else {
                carryOut(effect, nanos);
            }
        }
        if (!taken) {
            // The client keeps its kills, and hands them up again when it comes back.
            step(new ServerInput.End(hub.tooManyKills()));
        }
    }

    private void carryOut(ServerEffect effect, long nanos) {
        StreamId known = id;
        switch (effect) {
            case ServerEffect.Introduced introduced -> introduce(introduced.hello(), nanos);
            case ServerEffect.Send send -> {
                if (!(send.frame() instanceof Frame.Ping) || transport.wantsPings()) {
                    transport.send(Message.of(send.frame()));
                }
            }
            case ServerEffect.SendKills send -> transport.send(feed.kills(send.kills()));
            case ServerEffect.SendState send -> transport.send(feed.state(send.from()));
            case ServerEffect.Adopt ignored -> {}
            case ServerEffect.Owes ignored -> {
                if (known != null) {
                    hub.listener().owes(known);
                }
            }
            case ServerEffect.Acked acked -> {
                if (acked.upToDate()) {
                    transport.settled();
                }
                if (known != null) {
                    hub.listener().acked(known, acked.ack(), acked.upToDate(), nanos);
                }
            }
            case ServerEffect.Reported reported -> {
                if (known != null) {
                    hub.listener().reported(known, reported.report());
                }
            }
            case ServerEffect.Left ignored -> {
                if (known != null) {
                    hub.forget(known.instance(), transport);
                    hub.listener().left(known);
                }
            }
            case ServerEffect.Lost ignored -> {
                if (known != null) {
                    hub.forget(known.instance(), transport);
                    hub.listener().lost(known);
                }
            }
            case ServerEffect.Close ignored -> transport.close();
        }
    }

    private void introduce(Frame.Hello hello, long nanos) {
        InstanceKey instance = new InstanceKey(environment, hello.service(), hello.instance());
        StreamId identified = hub.identify(instance, transport);
        id = identified;
        hub.listener().introduced(identified, hello, nanos);
    }
}
