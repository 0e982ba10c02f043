package dev.andon.server.delivery;

import dev.andon.core.image.Image;
import dev.andon.core.stream.ServerInput;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The WebSocket streams of one event loop. Everything but the constructor and the handing over runs on that loop. */
final class EventLoop implements Feeds.Receiver {
    private static final int TICKS_PER_HEARTBEAT = 10;
    private static final int MIN_TICK_MS = 5;

    private final Hub hub;
    private final Vertx vertx;
    private final Context context;
    private final Set<WebSocketStream> streams = new HashSet<>();
    private final long timer;
    private long checkedTokensMs;

    EventLoop(Hub hub, Vertx vertx, Context context) {
        this.hub = hub;
        this.vertx = vertx;
        this.context = context;
        int tickMs = Math.max(MIN_TICK_MS, hub.limits().heartbeatMs() / TICKS_PER_HEARTBEAT);
        this.timer = vertx.setPeriodic(tickMs, tick -> context.runOnContext(go -> tick()));
    }

    Hub hub() {
        return hub;
    }

    Context context() {
        return context;
    }

    void add(WebSocketStream stream) {
        streams.add(stream);
    }

    void remove(WebSocketStream stream) {
        streams.remove(stream);
    }

    @Override
    public void offered(String environment, Feed feed) {
        context.runOnContext(go -> {
            for (WebSocketStream stream : List.copyOf(streams)) {
                if (stream.session().environment().equals(environment)) {
                    stream.session().offered(feed);
                    stream.afterWriting();
                }
            }
        });
    }

    @Override
    public void tokensChanged(Image image) {
        context.runOnContext(
                go -> List.copyOf(streams).forEach(stream -> stream.session().checkToken(image)));
    }

    private void tick() {
        boolean tokensDue = hub.nowMs() - checkedTokensMs >= 1_000;
        if (tokensDue) {
            checkedTokensMs = hub.nowMs();
        }
        for (WebSocketStream stream : List.copyOf(streams)) {
            stream.session().step(new ServerInput.Tick());
            if (tokensDue) {
                stream.session().checkToken(hub.feeds().image());
            }
        }
    }

    /** Ends all streams. */
    void close() {
        vertx.cancelTimer(timer);
        context.runOnContext(go ->
                List.copyOf(streams).forEach(stream -> stream.session().step(new ServerInput.End(Hub.shuttingDown()))));
    }
}
