package dev.andon.proof.sdk;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A proxy as companies have it: it knows CONNECT alone, and lets through whoever gives the right credentials. */
final class ConnectProxy implements AutoCloseable {
    private static final String REFUSAL = String.join(
            "\r\n",
            "HTTP/1.1 407 Proxy Authentication Required",
            "Proxy-Authenticate: Basic realm=\"x\"",
            "Content-Length: 0",
            "",
            "");

    /** Where those wanted to go who were let through, and how often someone wasn't. */
    final List<String> targets = new CopyOnWriteArrayList<>();

    final List<String> refused = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final ServerSocket listener;
    private final Thread acceptor;
    private final String expected;

    /** @param credentials {@code user:password} */
    ConnectProxy(String credentials) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        expected = "Proxy-Authorization: Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)) + "\r\n";
        acceptor = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Socket client = listener.accept();
                    open.add(client);
                    Thread.ofVirtual().start(() -> serve(client));
                }
            } catch (IOException closed) {
                // The listener was closed, which is how this ends.
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Cuts everyone off; whoever comes back is served again. */
    void cut() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = client.getInputStream();
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                int c = in.read();
                if (c < 0) {
                    return;
                }
                head.write(c);
            }
            String request = head.toString(StandardCharsets.ISO_8859_1);
            String target = request.split(" ", 3)[1];
            OutputStream out = client.getOutputStream();
            if (!request.startsWith("CONNECT ") || !request.contains(expected)) {
                refused.add(target);
                out.write(REFUSAL.getBytes(StandardCharsets.US_ASCII));
                return;
            }
            targets.add(target);
            tunnel(client, Integer.parseInt(target.substring(target.lastIndexOf(':') + 1)));
        } catch (IOException ended) {
            // One of the two has gone.
        } finally {
            open.remove(client);
        }
    }

    private static void tunnel(Socket client, int port) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), port)) {
            client.getOutputStream()
                    .write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread.ofVirtual().start(() -> {
                try (client) {
                    server.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException ended) {
                    // One of the two has gone.
                }
            });
            client.getInputStream().transferTo(server.getOutputStream());
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        cut();
    }
}
