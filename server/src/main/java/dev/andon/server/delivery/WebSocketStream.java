package dev.andon.server.delivery;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.ServerInput;
import dev.andon.server.http.BackPressure;
import dev.andon.server.http.OnLoop;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.http.WebSocketFrameType;
import io.vertx.core.http.impl.ws.WebSocketFrameImpl;
import io.vertx.core.internal.http.WebSocketInternal;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream on a WebSocket. On the socket's event loop only, but for {@link #end}. */
final class WebSocketStream implements Session.Transport {
    private static final Logger log = LoggerFactory.getLogger(WebSocketStream.class);
    private static final int SMALL_BYTES = 16 << 10;

    /** For a client to read what was sent last, and to close. */
    private static final int CLOSE_MS = 1_000;

    /** So long a client may take to get what there is before it counts as in. */
    private static final int JOINING_MS = 3_000;

    /** The status 1000 of a close frame (RFC 6455, 7.4.1). */
    private static final byte[] NORMAL = {0x03, (byte) 0xe8};

    private final EventLoop loop;
    private final ServerWebSocket socket;
    private final ChannelHandlerContext channel;
    private final Session session;
    /** The beginning of a message whose end hasn't come. */
    private @Nullable Buffer message;

    private long unwrittenBytes;
    private boolean unflushed;
    private boolean full;
    private boolean gone;
    private boolean joining = true;
    private final long openedMs;
    private final Queue<byte[]> behind = new ArrayDeque<>(0);
    private int behindBytes;
    private boolean decoding;

    WebSocketStream(
            EventLoop loop, ServerWebSocket socket, String environment, String token, String secretHash, Feed feed) {
        this.loop = loop;
        this.socket = socket;
        this.channel = channel(socket);
        this.openedMs = loop.hub().nowMs();
        this.session = new Session(loop.hub(), this, environment, token, secretHash, feed);
    }

    /** What is written there goes past Vert.x and its queue, in which only answers to pings and the close are. */
    static ChannelHandlerContext channel(ServerWebSocket socket) {
        return ((WebSocketInternal) socket).channelHandlerContext();
    }

    Session session() {
        return session;
    }

    void open() {
        loop.hub().joins(session.token());
        loop.add(this);
        socket.setWriteQueueMaxSize(loop.hub().limits().queueBytes());
        socket.frameHandler(this::take);
        BackPressure.onRelief(channel.channel(), this::relieved);
        socket.exceptionHandler(e -> log.debug("stream: {}", e.toString()));
        // Whatever was offered between finding the feed and being on the loop's list.
        loop.hub().feeds().feed(session.environment()).ifPresent(session::offered);
        afterWriting();
    }

    private void relieved() {
        if (full && hasRoom()) {
            full = false;
            unwrittenBytes = 0;
            session.step(new ServerInput.Drained());
            afterWriting();
        }
    }

    /** By the channel itself: Vert.x knows nothing of what goes past it. */
    private boolean hasRoom() {
        return channel.channel().isWritable();
    }

    private void take(WebSocketFrame frame) {
        if (session.ended() || !(frame.isText() || frame.isBinary() || frame.isContinuation())) {
            return;
        }
        Buffer part = frame.binaryData();
        Buffer known = message;
        int bytes = (known == null ? 0 : known.length()) + part.length();
        if (bytes > FrameCodec.FROM_CLIENT.bytes()) {
            refuse(bytes);
        } else {
            // What comes in may have no room for more, as what is empty hasn't.
            Buffer begun = known == null && !frame.isFinal() ? Buffer.buffer(part.length()) : known;
            Buffer so = begun == null ? part : begun.appendBuffer(part);
            message = frame.isFinal() ? null : so;
            if (frame.isFinal()) {
                received(so.getBytes());
            }
        }
        afterWriting();
    }

    private void refuse(int bytes) {
        message = null;
        behind.clear();
        session.step(new ServerInput.Malformed(
                new InvalidInput("message", bytes + " bytes", "at most " + FrameCodec.FROM_CLIENT.bytes())));
    }

    /** Large messages are decoded elsewhere: the loop has others to serve. Nothing overtakes them meanwhile. */
    private void received(byte[] whole) {
        if (decoding) {
            behindBytes += whole.length;
            behind.add(whole);
            if (behindBytes > FrameCodec.FROM_CLIENT.bytes()) {
                refuse(behindBytes);
            }
        } else if (whole.length <= SMALL_BYTES) {
            session.step(loop.decoded(whole));
        } else {
            decoding = true;
            socket.pause();
            loop.decode(whole, this::decoded);
        }
    }

    private void decoded(ServerInput input) {
        decoding = false;
        session.step(input);
        while (!decoding && !behind.isEmpty()) {
            byte[] next = behind.poll();
            behindBytes -= next.length;
            received(next);
        }
        if (!decoding) {
            socket.resume();
        }
        afterWriting();
    }

    /** Lets go what was written, and tells the session when the socket has no more room. */
    void afterWriting() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
        if (!full && !socket.isClosed() && !hasRoom()) {
            full = true;
            session.step(new ServerInput.Filled(unwrittenBytes));
        }
        if (!full) {
            unwrittenBytes = 0;
        }
    }

    @Override
    public void settled() {
        if (joining) {
            joining = false;
            loop.hub().joined(session.token());
        }
    }

    /** To be called now and then: who says nothing keeps nobody else out. */
    void checkJoining(long nowMs) {
        if (nowMs - openedMs >= JOINING_MS) {
            settled();
        }
    }

    void closed() {
        gone = true;
        settled();
        loop.remove(this);
        session.step(new ServerInput.Closed());
        loop.hub().leave();
    }

    @Override
    public void send(Message sent) {
        if (!socket.isClosed()) {
            unwrittenBytes += sent.length();
            sent.writeTo(channel);
            unflushed = true;
        }
    }

    /** Vert.x would wait for the client to read all that it was sent, and so for ever for one that doesn't. */
    @Override
    public void close() {
        if (gone) {
            return;
        }
        if (full) {
            cut();
        } else {
            socket.writeFrame(new WebSocketFrameImpl(WebSocketFrameType.CLOSE, Unpooled.wrappedBuffer(NORMAL), true));
            loop.vertx().setTimer(CLOSE_MS, late -> cut());
        }
    }

    private void cut() {
        if (!gone) {
            var _ = channel.close();
        }
    }

    @Override
    public void end(Frame.Refused why) {
        OnLoop.run(loop.context(), () -> {
            session.step(new ServerInput.End(why));
            afterWriting();
        });
    }
}
