package dev.andon.sdk;

import dev.andon.core.stream.FrameCodec;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Carries polls by HTTP/1.1, over connections that are kept for the next. Thread-safe; each poll blocks its thread. */
final class PollClient {
    /** The server answers within 25 seconds. */
    private static final int ANSWER_MS = (int) TimeUnit.SECONDS.toMillis(35);

    private final Dialer dialer;
    private final String headers;
    private final ArrayDeque<Line> idle = new ArrayDeque<>();
    private final Set<Socket> open = new HashSet<>();
    private boolean closed;

    private record Line(Socket plain, Socket socket, InputStream in) {}

    record Answer(HttpHead head, byte[] body) {}

    PollClient(Dialer dialer, String headers) {
        this.dialer = dialer;
        this.headers = headers;
    }

    Answer poll(String session, String etag, byte[] body) throws IOException {
        Line line = take();
        boolean kept = false;
        try {
            String request = "POST " + dialer.path("/stream/v1/poll") + " HTTP/1.1\r\n" + headers
                    + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n"
                    + (session.isEmpty() ? "" : "Andon-Session: " + session + "\r\n")
                    + (etag.isEmpty() ? "" : "If-None-Match: " + etag + "\r\n") + "\r\n";
            byte[] head = request.getBytes(StandardCharsets.ISO_8859_1);
            byte[] whole = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, whole, head.length, body.length);
            line.socket.getOutputStream().write(whole);
            HttpHead answer = HttpHead.read(line.in);
            byte[] content = answer.body(line.in, FrameCodec.FROM_SERVER.bytes());
            kept = answer.keepsAlive() && keep(line);
            return new Answer(answer, content);
        } finally {
            if (!kept) {
                drop(line.plain);
            }
        }
    }

    private Line take() throws IOException {
        Line line = idleLine();
        if (line != null) {
            return line;
        }
        List<Socket> dialled = new ArrayList<>();
        try {
            Socket socket = dialer.dial(plain -> {
                dialled.add(plain);
                add(plain);
            });
            socket.setSoTimeout(ANSWER_MS);
            Socket plain = dialled.remove(dialled.size() - 1);
            return new Line(plain, socket, new BufferedInputStream(socket.getInputStream()));
        } finally {
            dialled.forEach(this::drop);
        }
    }

    private synchronized @Nullable Line idleLine() throws IOException {
        if (closed) {
            throw new SocketException("closed");
        }
        return idle.pollLast();
    }

    private synchronized void add(Socket socket) {
        open.add(socket);
        if (closed) {
            close(socket);
        }
    }

    private synchronized boolean keep(Line line) {
        return !closed && idle.offerLast(line);
    }

    private synchronized void drop(Socket socket) {
        open.remove(socket);
        close(socket);
    }

    synchronized void close() {
        closed = true;
        open.forEach(PollClient::close);
        open.clear();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It was to be closed, and nothing more can be done with it.
        }
    }
}
