package dev.andon.sdk;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP proxy that knows CONNECT alone, and lets through whoever gives the right credentials. */
final class ConnectProxy implements AutoCloseable {
    private static final String REFUSAL = String.join(
            "\r\n",
            "HTTP/1.1 407 Proxy Authentication Required",
            "Proxy-Authenticate: Basic realm=\"x\"",
            "Content-Length: 0",
            "",
            "");

    final List<String> targets = new CopyOnWriteArrayList<>();
    final List<String> refused = new CopyOnWriteArrayList<>();
    private final ServerSocket listener;
    private final String expected;

    /** @param credentials {@code user:password}; anyone may pass when empty */
    ConnectProxy(String credentials) throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        expected = credentials.isEmpty()
                ? ""
                : "Proxy-Authorization: Basic "
                        + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8)) + "\r\n";
        start(() -> {
            while (true) {
                Socket client = listener.accept();
                start(() -> serve(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void start(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException ended) {
                        // A socket was closed, which is how these threads end.
                    }
                },
                "connect-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket client) throws IOException {
        try (client) {
            StringBuilder head = new StringBuilder();
            InputStream in = client.getInputStream();
            while (head.indexOf("\r\n\r\n") < 0) {
                int c = in.read();
                if (c < 0) {
                    return;
                }
                head.append((char) c);
            }
            OutputStream out = client.getOutputStream();
            String[] request = head.toString().split(" ", 3);
            if (!request[0].equals("CONNECT") || head.indexOf(expected) < 0) {
                refused.add(request[0]);
                out.write(REFUSAL.getBytes(StandardCharsets.US_ASCII));
                return;
            }
            targets.add(request[1]);
            int colon = request[1].lastIndexOf(':');
            try (Socket server =
                    new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(request[1].substring(colon + 1)))) {
                out.write("HTTP/1.1 200 Connection established\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                start(() -> {
                    try (client) {
                        server.getInputStream().transferTo(out);
                    }
                });
                in.transferTo(server.getOutputStream());
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
