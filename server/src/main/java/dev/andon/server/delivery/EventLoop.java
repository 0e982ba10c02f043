package dev.andon.server.delivery;

import dev.andon.core.image.Image;
import dev.andon.core.stream.AckReader;
import dev.andon.core.stream.ServerInput;
import dev.andon.server.http.OnLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The WebSocket streams of one event loop. Everything but the constructor and the handing over runs on that loop. */
final class EventLoop implements Feeds.Receiver {
    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);
    private static final int TICKS_PER_HEARTBEAT = 10;
    private static final int CHECK_TOKENS_MS = 1_000;
    private static final int MIN_TICK_MS = 5;

    private final Hub hub;
    private final Vertx vertx;
    private final Context context;
    private final Executor decoding;
    private final AckReader reader = new AckReader();
    private final Set<WebSocketStream> streams = new HashSet<>();
    private final long timer;
    private long checkedTokensMs;

    /** @param decoding for frames that would hold up the loop */
    EventLoop(Hub hub, Vertx vertx, Context context, Executor decoding) {
        this.hub = hub;
        this.vertx = vertx;
        this.context = context;
        this.decoding = decoding;
        int tickMs = Math.max(MIN_TICK_MS, hub.limits().heartbeatMs() / TICKS_PER_HEARTBEAT);
        this.timer = vertx.setPeriodic(tickMs, tick -> tick());
    }

    Hub hub() {
        return hub;
    }

    Vertx vertx() {
        return vertx;
    }

    Context context() {
        return context;
    }

    /** Of a frame that doesn't hold up the loop. */
    ServerInput decoded(byte[] frame) {
        return Session.decoded(frame, reader::read);
    }

    /** @param then gets what it is, on this loop */
    void decode(byte[] frame, Consumer<ServerInput> then) {
        decoding.execute(() -> {
            ServerInput input = Session.decoded(frame);
            OnLoop.run(context, () -> then.accept(input));
        });
    }

    void add(WebSocketStream stream) {
        streams.add(stream);
    }

    void remove(WebSocketStream stream) {
        streams.remove(stream);
    }

    @Override
    public void offered(String environment, Feed feed) {
        onEach(stream -> {
            if (stream.session().environment().equals(environment)) {
                stream.session().offered(feed);
            }
        });
    }

    @Override
    public void tokensChanged(Image image) {
        onEach(stream -> stream.session().checkToken(image));
    }

    /** A stream that fails costs itself, and no one behind it in the list. */
    private void onEach(Consumer<WebSocketStream> action) {
        OnLoop.run(context, () -> {
            for (WebSocketStream stream : List.copyOf(streams)) {
                try {
                    action.accept(stream);
                    stream.afterWriting();
                } catch (Throwable e) {
                    log.error("stream: failed and is closed; its client will come back", e);
                    stream.close();
                }
            }
        });
    }

    private void tick() {
        long nowMs = hub.nowMs();
        onEach(stream -> {
            stream.session().tick(nowMs);
            stream.checkJoining(nowMs);
        });
        OnLoop.run(context, () -> {
            if (nowMs - checkedTokensMs >= CHECK_TOKENS_MS) {
                checkedTokensMs = nowMs;
                tokensChanged(hub.feeds().image());
            }
        });
    }

    /** Ends all streams. */
    void close() {
        vertx.cancelTimer(timer);
        onEach(stream -> stream.session().step(new ServerInput.End(Hub.shuttingDown())));
    }
}
