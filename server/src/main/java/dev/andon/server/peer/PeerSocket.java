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
 * also towards one that doesn't read. What is told of clients is counted apart: a kill behind it waits until it has been
 * read, and not until it is in the books. Thread-safe.
 */
final class PeerSocket {
    private static final Logger log = LoggerFactory.getLogger(PeerSocket.class);
    private static final int CLOSE_MS = 1_000;

    private final Vertx vertx;
    private final Context context;
    private final WebSocketBase socket;
    private final Room room;
    private final AtomicLong outgoingBytes = new AtomicLong();
    private final AtomicLong incomingBytes = new AtomicLong();
    private final AtomicLong toldBytes = new AtomicLong();
    private volatile boolean gone;

    /**
     * How much may have come and not be dealt with before no more is read.
     *
     * @param messages in bytes, of what isn't told of clients
     * @param told in bytes, of what is
     */
    record Room(long messages, long told) {
        /** For a node with the ledger, or above it. */
        static final Room AMPLE = new Room(4L << 20, 64L << 20);

        /** For one of many relays. */
        static final Room SMALL = new Room(512L << 10, 4L << 20);
    }

    /** On the socket's event loop. */
    PeerSocket(Vertx vertx, WebSocketBase socket, Room room) {
        this.room = room;
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
            if (count(incomingBytes, message.length, room.messages())) {
                pace();
            }
            received.accept(message);
        });
    }

    void taken(byte[] message) {
        paceIf(count(incomingBytes, -message.length, room.messages()));
    }

    /** A message was told of clients: {@link #taken}, but for what runs when that is in the books. */
    Runnable told(byte[] message) {
        paceIf(count(toldBytes, message.length, room.told()));
        taken(message);
        return () -> paceIf(count(toldBytes, -message.length, room.told()));
    }

    /** Whether there is room no more, or again. */
    private static boolean count(AtomicLong bytes, int more, long most) {
        long now = bytes.addAndGet(more);
        return now > most != now - more > most;
    }

    private void paceIf(boolean changed) {
        if (changed) {
            OnLoop.run(context, this::pace);
        }
    }

    private void pace() {
        if (incomingBytes.get() > room.messages() || toldBytes.get() > room.told()) {
            socket.pause();
        } else {
            socket.resume();
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
