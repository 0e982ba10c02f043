package dev.andon.server.peer;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.server.http.OnLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.WebSocketBase;
import io.vertx.core.internal.http.WebSocketInternal;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket between nodes: counts what is on its way in either direction, so that neither grows without bound, and ends
 * also towards one that doesn't read. Thread-safe.
 */
final class PeerSocket {
    private static final Logger log = LoggerFactory.getLogger(PeerSocket.class);
    private static final int CLOSE_MS = 1_000;
    private static final long MAX_INCOMING_BYTES = 4L << 20;

    private final Vertx vertx;
    private final Context context;
    private final WebSocketBase socket;
    private final AtomicLong outgoingBytes = new AtomicLong();
    private final AtomicLong incomingBytes = new AtomicLong();
    private volatile boolean gone;

    /** On the socket's event loop. */
    PeerSocket(Vertx vertx, WebSocketBase socket) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.socket = socket;
    }

    /**
     * On the socket's event loop, once.
     *
     * @param received gets each message; tells {@link #taken} when it is done with it
     */
    void open(Consumer<byte[]> received) {
        socket.exceptionHandler(e -> log.debug("peer: {}", e.toString()));
        socket.textMessageHandler(text -> {
            byte[] message = text.getBytes(StandardCharsets.UTF_8);
            if (incomingBytes.addAndGet(message.length) > MAX_INCOMING_BYTES) {
                socket.pause();
            }
            received.accept(message);
        });
    }

    void taken(byte[] message) {
        long before = incomingBytes.getAndAdd(-message.length);
        if (before > MAX_INCOMING_BYTES && before - message.length <= MAX_INCOMING_BYTES) {
            OnLoop.run(context, socket::resume);
        }
    }

    /** What was handed over and isn't with the operating system yet. */
    long outgoingBytes() {
        return outgoingBytes.get();
    }

    /** @param written runs when it is with the operating system, or never will be */
    void send(Frame frame, Runnable written) {
        byte[] bytes = FrameCodec.encode(frame);
        outgoingBytes.addAndGet(bytes.length);
        String text = new String(bytes, StandardCharsets.UTF_8);
        OnLoop.run(context, () -> {
            if (gone || socket.isClosed()) {
                return;
            }
            socket.writeTextMessage(text).onComplete(done -> {
                outgoingBytes.addAndGet(-bytes.length);
                written.run();
            });
        });
    }

    /** Closes once what was sent is out, and soon in any case. */
    void close() {
        OnLoop.run(context, () -> {
            if (!gone) {
                socket.close();
                vertx.setTimer(CLOSE_MS, late -> cut());
            }
        });
    }

    private void cut() {
        if (!gone && socket instanceof WebSocketInternal internal) {
            var _ = internal.channelHandlerContext().close();
        }
    }

    /** It is closed. */
    void gone() {
        gone = true;
    }

    static InvalidInput tooLong(int bytes, int most) {
        return new InvalidInput("message", bytes + " bytes", "at most " + most);
    }
}
