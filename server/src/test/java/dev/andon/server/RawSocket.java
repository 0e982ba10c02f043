package dev.andon.server;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A client that sends whatever bytes a test likes, and reads only when it is asked to. One thread at a time. */
final class RawSocket implements AutoCloseable {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int PING = 9;

    private static final int CLOSE = 8;
    private static final int OPCODE = 0xf;
    private static final int FIN = 0x80;
    private static final int MASKED = 0x80;
    private static final int PATIENCE_MS = 60_000;

    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;

    RawSocket(int port) throws IOException {
        socket = new Socket();
        // A client that doesn't read is to be noticed soon.
        socket.setReceiveBufferSize(16 << 10);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), PATIENCE_MS);
        socket.setSoTimeout(PATIENCE_MS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** A WebSocket at the native stream. */
    static RawSocket stream(ServerFixture server) throws IOException {
        RawSocket raw = new RawSocket(server.server().port());
        String head = raw.upgrade("Authorization: Bearer " + server.key() + "\r\n");
        if (!head.startsWith("HTTP/1.1 101 ")) {
            throw new AssertionError(head);
        }
        return raw;
    }

    /** The answer's head. */
    String upgrade(String moreHeaders) throws IOException {
        return upgrade("/stream/v1", moreHeaders);
    }

    String upgrade(String path, String moreHeaders) throws IOException {
        send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + moreHeaders
                + "\r\n");
        return head();
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    String head() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            head.write(in.readUnsignedByte());
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    void text(String message) throws IOException {
        send(frame(TEXT, message.getBytes(StandardCharsets.UTF_8)));
    }

    /** A whole message in one frame, masked with zeros: what is masked reads as it is. */
    static byte[] frame(int opcode, byte[] payload) {
        return frame(FIN | opcode, MASKED, payload);
    }

    /** @param first the first byte: whether it is the last frame, reserved bits, opcode */
    static byte[] frame(int first, int mask, byte[] payload) {
        ByteBuffer frame = ByteBuffer.allocate(payload.length + 14);
        frame.put((byte) first);
        if (payload.length < 126) {
            frame.put((byte) (mask | payload.length));
        } else if (payload.length < 65_536) {
            frame.put((byte) (mask | 126)).putShort((short) payload.length);
        } else {
            frame.put((byte) (mask | 127)).putLong(payload.length);
        }
        if (mask != 0) {
            frame.putInt(0);
        }
        frame.put(payload);
        byte[] bytes = new byte[frame.position()];
        frame.flip().get(bytes);
        return bytes;
    }

    /** All messages until the server ends the stream, or the connection; fails if it doesn't. */
    List<String> messages() throws IOException {
        List<String> messages = new ArrayList<>();
        for (Optional<String> next = message(); next.isPresent(); next = message()) {
            messages.add(next.get());
        }
        return messages;
    }

    /** The next message; empty if the server ends the stream, or the connection. */
    Optional<String> message() throws IOException {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try {
            while (true) {
                int first = in.readUnsignedByte();
                int length = in.readUnsignedByte();
                long payload = length == 127 ? in.readLong() : length == 126 ? in.readUnsignedShort() : length;
                message.write(in.readNBytes((int) payload));
                if ((first & OPCODE) == CLOSE) {
                    return Optional.empty();
                }
                if ((first & FIN) != 0) {
                    return Optional.of(message.toString(StandardCharsets.UTF_8));
                }
            }
        } catch (EOFException | SocketException ended) {
            return Optional.empty();
        }
    }

    /** Whether the server ends the connection, whatever it says before. */
    boolean ends() throws IOException {
        messages();
        return true;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
