package dev.andon.sdk;

import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * A server of the native stream, written by hand from api/stream.md: WebSocket (RFC 6455) and long polls, as far as tests
 * need them. It answers hello with welcome, the snapshot if the client lacks it, and a ping. Only the newest stream counts.
 */
final class FrameServer implements AutoCloseable {
    static final String KEY = "andon_sdk_test";
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int TEXT = 1;
    private static final int CLOSE = 8;

    final List<Frame> received = new CopyOnWriteArrayList<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final Set<Sender> streams = ConcurrentHashMap.newKeySet();
    private final Map<String, PollStream> polls = new ConcurrentHashMap<>();
    private final int port;
    private final Optional<SSLContext> tls;
    private volatile Frame.Snapshot snapshot;
    volatile int status;
    volatile boolean webSockets = true;
    volatile boolean silent;
    volatile int heartbeatMs = 5_000;
    final AtomicInteger upgrades = new AtomicInteger();
    private ServerSocket listener;
    private Thread acceptor;

    private interface Sender {
        void send(Frame frame) throws IOException;
    }

    FrameServer(Frame.Snapshot snapshot) {
        this(snapshot, Optional.empty());
    }

    FrameServer(Frame.Snapshot snapshot, Optional<SSLContext> tls) {
        this.snapshot = snapshot;
        this.tls = tls;
        this.port = Ports.free();
        this.listener = listen(port);
    }

    URI uri() {
        return URI.create((tls.isPresent() ? "https" : "http") + "://127.0.0.1:" + port);
    }

    int port() {
        return port;
    }

    AndonOptions.Builder options() {
        return AndonOptions.builder()
                .server(uri())
                .key(KEY)
                .service("checkout")
                .instance("i-1")
                .closeOnExit(false);
    }

    /** What new clients get. */
    void serve(Frame.Snapshot next) {
        snapshot = next;
    }

    void broadcast(Frame frame) {
        for (Sender stream : List.copyOf(streams)) {
            try {
                stream.send(frame);
            } catch (IOException e) {
                streams.remove(stream);
            }
        }
    }

    int connected() {
        return streams.size();
    }

    <T extends Frame> List<T> received(Class<T> type) {
        return received.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Cuts all connections and listens no more. */
    void stop() {
        closeQuietly(listener);
        // The kernel goes on accepting until the thread that waits for connections has let go of the closed socket.
        join(acceptor);
        sockets.forEach(FrameServer::closeQuietly);
        polls.clear();
        streams.clear();
    }

    void restart() {
        listener = listen(port);
    }

    @Override
    public void close() {
        stop();
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket =
                    tls.isPresent() ? tls.get().getServerSocketFactory().createServerSocket() : new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), at), 64);
            acceptor = start("accept", () -> {
                while (true) {
                    Socket client = socket.accept();
                    sockets.add(client);
                    start("client", () -> serve(client));
                }
            });
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Thread start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (Exception ended) {
                        // The socket was closed, which is how these threads end.
                    }
                },
                "frame-server-" + name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(Socket client) throws Exception {
        try (client) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(client.getInputStream()));
            OutputStream out = client.getOutputStream();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                Map<String, String> headers = new TreeMap<>();
                for (String header = line(in); !header.isEmpty(); header = line(in)) {
                    int colon = header.indexOf(':');
                    headers.put(
                            header.substring(0, colon).toLowerCase(Locale.ROOT),
                            header.substring(colon + 1).strip());
                }
                byte[] body = in.readNBytes(Integer.parseInt(headers.getOrDefault("content-length", "0")));
                if (status != 0) {
                    answer(out, status + " No", "", new byte[0]);
                } else if (!("Bearer " + KEY).equals(headers.get("authorization"))) {
                    answer(out, "401 Unauthorized", "", new byte[0]);
                } else if (headers.containsKey("sec-websocket-key")) {
                    if (webSockets) {
                        webSocket(headers.get("sec-websocket-key"), in, out);
                        return;
                    }
                    answer(out, "400 No Upgrade", "", new byte[0]);
                } else {
                    poll(headers, body, out);
                }
            }
        } finally {
            sockets.remove(client);
        }
    }

    private static String line(DataInputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    private static void answer(OutputStream out, String status, String headers, byte[] body) throws IOException {
        String head = "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + body.length + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.write(body);
        out.flush();
    }

    private void webSocket(String key, DataInputStream in, OutputStream out)
            throws IOException, GeneralSecurityException {
        String accept = Base64.getEncoder()
                .encodeToString(
                        MessageDigest.getInstance("SHA-1").digest((key + MAGIC).getBytes(StandardCharsets.US_ASCII)));
        String head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        upgrades.incrementAndGet();
        Sender stream = frame -> {
            synchronized (out) {
                writeMessage(out, FrameCodec.encode(frame));
            }
        };
        try {
            for (Optional<byte[]> message = readMessage(in); message.isPresent(); message = readMessage(in)) {
                take(FrameCodec.decode(message.get(), FrameCodec.FROM_CLIENT), stream);
            }
        } finally {
            streams.remove(stream);
        }
    }

    private static Optional<byte[]> readMessage(DataInputStream in) throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        while (true) {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte() & 0x7f;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = (int) in.readLong();
            }
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes(length);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            int opcode = first & 0xf;
            if (opcode == CLOSE) {
                return Optional.empty();
            }
            if (opcode <= TEXT) {
                message.write(payload);
                if ((first & 0x80) != 0) {
                    return Optional.of(message.toByteArray());
                }
            }
        }
    }

    private static void writeMessage(OutputStream out, byte[] payload) throws IOException {
        out.write(0x80 | TEXT);
        if (payload.length < 126) {
            out.write(payload.length);
        } else if (payload.length < 65_536) {
            out.write(126);
            out.write(payload.length >> 8);
            out.write(payload.length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) payload.length >> shift));
            }
        }
        out.write(payload);
        out.flush();
    }

    /** Counts as received once it is answered: whoever waits for a hello may broadcast. */
    private void take(Frame frame, Sender stream) throws IOException {
        try {
            answer(frame, stream);
        } finally {
            received.add(frame);
        }
    }

    private void answer(Frame frame, Sender stream) throws IOException {
        if (frame instanceof Frame.Hello hello && !silent) {
            if (!streams.contains(stream)) {
                streams.clear();
                streams.add(stream);
                stream.send(new Frame.Welcome(1, "node-1", "production", heartbeatMs));
            }
            Optional<Provenance> has = hello.has().map(Frame.Held::provenance);
            if (!has.equals(Optional.of(snapshot.provenance()))) {
                stream.send(snapshot);
            }
            stream.send(new Frame.Ping());
        } else if (frame instanceof Frame.Bye) {
            streams.remove(stream);
        }
    }

    private static final class PollStream implements Sender {
        private final LinkedBlockingQueue<Frame> queue = new LinkedBlockingQueue<>();
        private int turn;

        @Override
        public void send(Frame frame) {
            queue.add(frame);
        }

        synchronized int next() {
            return ++turn;
        }

        synchronized boolean newest(int mine) {
            return mine == turn;
        }
    }

    private void poll(Map<String, String> headers, byte[] body, OutputStream out)
            throws IOException, InterruptedException {
        String session = headers.getOrDefault("andon-session", "session-" + polls.size() + "-" + received.size());
        PollStream stream = polls.computeIfAbsent(session, name -> new PollStream());
        int turn = stream.next();
        if (Json.parse(body) instanceof Json.Array frames) {
            for (Json frame : frames.items()) {
                take(FrameCodec.decode(frame.utf8(), FrameCodec.FROM_CLIENT), stream);
            }
        }
        List<Json> answers = new ArrayList<>();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
        while (answers.isEmpty() && stream.newest(turn) && System.nanoTime() < end && !listener.isClosed()) {
            Frame frame = stream.queue.poll(20, TimeUnit.MILLISECONDS);
            while (frame != null) {
                answers.add(Json.parse(FrameCodec.encode(frame)));
                frame = stream.queue.poll();
            }
        }
        String head = "Andon-Session: " + session + "\r\nETag: \"" + turn + "\"\r\n";
        if (answers.isEmpty()) {
            answer(out, "304 Not Modified", head, new byte[0]);
        } else {
            answer(out, "200 OK", head, Json.array(answers).utf8());
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // It was to be gone, and it is.
        }
    }
}
