package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.LinkInput;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket. One daemon thread dials and reads, another, which ends when it is idle, writes; both end with the
 * connection. Reading waits for the link when it is a few messages behind, and a server that takes nothing is given up, so
 * that memory stays bounded in both directions.
 */
final class WebSocketConnection implements Connection {
    private static final int MAX_UNTAKEN = 16;
    private static final int MAX_UNSENT = 1_000;
    private static final int CLOSE_MS = 500;
    private static final int BUFFER_BYTES = 16 << 10;
    private static final byte[] NORMAL = {0x03, (byte) 0xe8};

    private final long id;
    private final Dialer dialer;
    private final String headers;
    private final RandomGenerator random;
    private final Events events;
    private final Background writing = new Background("andon-send");
    private final AtomicInteger unsent = new AtomicInteger();
    private final Semaphore untaken = new Semaphore(MAX_UNTAKEN);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    /** The plain one: closing it ends reads and writes at once, also those of TLS around it. */
    private volatile @Nullable Socket plain;

    private volatile @Nullable Socket ready;

    private WebSocketConnection(long id, Dialer dialer, String headers, RandomGenerator random, Events events) {
        this.id = id;
        this.dialer = dialer;
        this.headers = headers;
        this.random = random;
        this.events = events;
    }

    static Connection open(long id, Dialer dialer, String headers, RandomGenerator random, Events events) {
        WebSocketConnection connection = new WebSocketConnection(id, dialer, headers, random, events);
        Thread thread = new Thread(connection::read, "andon-stream");
        thread.setDaemon(true);
        thread.start();
        return connection;
    }

    private void read() {
        try {
            Socket socket = dialer.dial(this::underway);
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER_BYTES));
            upgrade(socket, in);
            ready = socket;
            events.tell(new LinkInput.Opened(id));
            WebSocketCodec.Reader reader = new WebSocketCodec.Reader(in, FrameCodec.FROM_SERVER.bytes());
            while (!ended.isDone()) {
                take(reader.next());
            }
        } catch (InterruptedException e) {
            end(new LinkInput.Lost("interrupted"));
        } catch (Throwable e) {
            end(Failure.cause(e));
        }
    }

    private void underway(Socket socket) {
        plain = socket;
        if (ended.isDone()) {
            closePlain();
        }
    }

    private void upgrade(Socket socket, DataInputStream in) throws IOException {
        String key = WebSocketCodec.newKey(random);
        String request = "GET " + dialer.path("/stream/v1") + " HTTP/1.1\r\n" + headers
                + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key
                + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        HttpHead head = HttpHead.read(in);
        if (head.status() != 101) {
            throw new Failure(head.failure());
        }
        if (!WebSocketCodec.accepted(key)
                .equals(head.header("sec-websocket-accept").orElse(""))) {
            throw new IOException("what answers doesn't speak the WebSocket protocol");
        }
    }

    private void take(WebSocketCodec.Message message) throws IOException, InterruptedException {
        switch (message.opcode()) {
            case WebSocketCodec.TEXT -> {
                untaken.acquire();
                events.tell(frame(id, message.payload()), untaken::release);
            }
            case WebSocketCodec.PING -> write(WebSocketCodec.PONG, message.payload(), () -> {});
            case WebSocketCodec.PONG -> events.tell(new LinkInput.Heard(id));
            case WebSocketCodec.CLOSE ->
                throw new SocketException("the server closed the connection: " + message.closing());
            default -> events.tell(new LinkInput.Unreadable(id, "a message that isn't text"));
        }
    }

    static LinkInput frame(long id, byte[] bytes) {
        try {
            return new LinkInput.Received(id, FrameCodec.decode(bytes, FrameCodec.FROM_SERVER));
        } catch (InvalidInput e) {
            return new LinkInput.Unreadable(id, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void send(Frame frame, Runnable notSent) {
        write(WebSocketCodec.TEXT, FrameCodec.encode(frame), notSent);
    }

    private void write(int opcode, byte[] payload, Runnable notSent) {
        if (unsent.incrementAndGet() > MAX_UNSENT) {
            notSent.run();
            end(new LinkInput.Lost("the server takes nothing"));
            return;
        }
        boolean accepted = writing.run(() -> {
            try {
                Socket socket = ready;
                if (socket == null) {
                    throw new SocketException("not connected");
                }
                socket.getOutputStream().write(WebSocketCodec.frame(opcode, payload, random));
                unsent.decrementAndGet();
            } catch (IOException e) {
                notSent.run();
                end(Failure.cause(e));
            }
        });
        if (!accepted) {
            notSent.run();
        }
    }

    private void end(LinkInput.Cause cause) {
        if (ended.complete(null)) {
            closePlain();
            events.tell(new LinkInput.Closed(id, cause));
            writing.end();
        }
    }

    /**
     * Leaves the end to the server, which answers a close frame by closing (RFC 6455, 7.1.1): whoever closes first throws away
     * what is on its way to it, and what stands between the two may then throw away what was sent last, a goodbye for one.
     */
    @Override
    public void close() {
        if (ready == null) {
            finish();
            return;
        }
        write(WebSocketCodec.CLOSE, NORMAL, () -> {});
        CompletableFuture.delayedExecutor(CLOSE_MS, TimeUnit.MILLISECONDS).execute(this::finish);
    }

    private void finish() {
        if (ended.complete(null)) {
            closePlain();
            writing.end();
        }
    }

    private void closePlain() {
        Socket socket = plain;
        if (socket != null) {
            try {
                socket.close();
            } catch (IOException e) {
                // It was to be closed, and nothing more can be done with it.
            }
        }
    }

    @Override
    public CompletableFuture<?> ended() {
        return ended;
    }
}
