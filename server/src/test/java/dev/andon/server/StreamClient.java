package dev.andon.server;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A client of the native stream that speaks frames by hand: obeys, and acknowledges unless told not to. */
public final class StreamClient implements WebSocket.Listener, AutoCloseable {
    private final HttpClient http;
    private final String service;
    private final String instance;
    private final StringBuilder text = new StringBuilder();
    private final List<Frame> received = new ArrayList<>();
    private WebSocket socket;
    private HeldState state;
    private boolean acknowledging = true;
    private boolean answering = true;
    private boolean closed;

    private StreamClient(HttpClient http, String service, String instance, HeldState state) {
        this.http = http;
        this.service = service;
        this.instance = instance;
        this.state = state;
    }

    public static StreamClient connect(URI server, String key, String service, String instance) {
        return connect(server, key, service, instance, HeldState.EMPTY);
    }

    public static StreamClient connect(URI server, String key, String service, String instance, HeldState state) {
        StreamClient client = silent(server, key, service, instance, state);
        client.hello();
        return client;
    }

    /** Connected, without having said hello. */
    public static StreamClient silent(URI server, String key, String service, String instance, HeldState state) {
        HttpClient http = HttpClient.newHttpClient();
        StreamClient client = new StreamClient(http, service, instance, state);
        URI uri = URI.create(server.toString().replaceFirst("^http", "ws") + "/stream/v1");
        client.socket = http.newWebSocketBuilder()
                .header("Authorization", "Bearer " + key)
                .buildAsync(uri, client)
                .join();
        return client;
    }

    public synchronized void hello() {
        List<SignedKill> carried =
                state.carried().stream().map(StandingKill::signed).toList();
        send(new Frame.Hello(
                Frame.PROTOCOL,
                "test/1",
                service,
                instance,
                Optional.empty(),
                state.hasImage() ? Optional.of(state.held()) : Optional.empty(),
                carried));
    }

    public void send(Frame frame) {
        sendText(new String(FrameCodec.encode(frame), StandardCharsets.UTF_8));
    }

    public void sendText(String message) {
        socket.sendText(message, true).join();
    }

    /** Obey, but say nothing. */
    public synchronized void acknowledge(boolean on) {
        acknowledging = on;
        if (on && state.hasImage()) {
            ack();
        }
    }

    /** Answer pings, or play dead. */
    public synchronized void answer(boolean on) {
        answering = on;
        acknowledging = on;
    }

    @Override
    public synchronized CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            text.setLength(0);
            obey(FrameCodec.decode(bytes, FrameCodec.FROM_SERVER));
        }
        from.request(1);
        return CompletableFuture.completedFuture(null);
    }

    private void obey(Frame frame) {
        received.add(frame);
        switch (frame) {
            case Frame.Snapshot snapshot -> state = state.apply(snapshot).next();
            case Frame.Patch patch -> state = state.apply(patch).next();
            case Frame.Kills kills -> state = state.apply(kills).next();
            case Frame.Ping ping -> {
                if (answering) {
                    send(new Frame.Pong());
                }
            }
            default -> {}
        }
        boolean owed = frame instanceof Frame.Snapshot
                || frame instanceof Frame.Patch
                || frame instanceof Frame.Kills
                || (frame instanceof Frame.Welcome && state.hasImage());
        if (owed && acknowledging) {
            ack();
        }
        notifyAll();
    }

    private void ack() {
        send(new Frame.Ack(state.held(), state.carriedIds(), 1));
    }

    @Override
    public synchronized CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed = true;
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized void onError(WebSocket from, Throwable error) {
        closed = true;
    }

    public synchronized HeldState state() {
        return state;
    }

    public synchronized boolean closed() {
        return closed;
    }

    public synchronized List<Frame> received() {
        return List.copyOf(received);
    }

    public synchronized boolean obeys(KillId kill) {
        return state.standing().stream().anyMatch(standing -> standing.id().equals(kill));
    }

    public void bye() {
        send(new Frame.Bye());
    }

    /** Cuts the connection without goodbye. */
    @Override
    public void close() {
        socket.abort();
        http.shutdownNow();
    }
}
