package dev.andon.proof.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** The instruments measure what they say. */
final class HarnessTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** For what doesn't come. */
    private static final int SHORT_MS = 300;

    @Test
    void noProcessOutlivesTheOneThatStartedItFrozenOnesIncluded() {
        try (Child parent = Child.start("parent", Logs.directory(), List.of(), Nest.class, List.of("parent"))) {
            String line = parent.awaitLine("its child's number", 0, SOON, text -> text.startsWith("frozen "));
            ProcessHandle grandchild = ProcessHandle.of(Long.parseLong(line.substring("frozen ".length())))
                    .orElseThrow();
            assertThat(grandchild.isAlive()).isTrue();
            parent.kill();
            Until.holds("the frozen process ends with its parent", SOON, () -> !grandchild.isAlive());
        }
    }

    @Test
    void aLeashedProcessEndsWhenItsInputDoes() {
        try (Child leashed = Child.start(
                "leashed", Logs.directory(), List.of(), Leash.class, List.of(Nest.class.getName(), "wait"))) {
            leashed.awaitLine("that it waits", 0, SOON, "waiting"::equals);
            leashed.endInput();
            assertThat(leashed.awaitEnd(SOON)).isEqualTo(113);
        }
    }

    @Test
    void theProxyForwardsStallsCutsRefusesAndHalfOpens() throws IOException {
        try (ServerSocket echo = echoServer();
                FaultProxy proxy = new FaultProxy(echo.getLocalPort())) {
            try (Socket client = connect(proxy)) {
                assertThat(echoed(client, "a")).isEqualTo('a');
                proxy.stall();
                client.setSoTimeout(SHORT_MS);
                assertThatThrownBy(() -> echoed(client, "b")).isInstanceOf(SocketTimeoutException.class);
                client.setSoTimeout((int) SOON.toMillis());
                proxy.forward();
                assertThat(client.getInputStream().read()).isEqualTo('b');
                proxy.cut();
                assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
            }
            proxy.refuse();
            assertThatThrownBy(() -> connect(proxy)).isInstanceOf(IOException.class);
            proxy.accept();
            try (Socket client = connect(proxy)) {
                assertThat(echoed(client, "c")).isEqualTo('c');
                proxy.halfOpen();
                client.setSoTimeout(SHORT_MS);
                assertThatThrownBy(() -> echoed(client, "d")).isInstanceOf(SocketTimeoutException.class);
            }
        }
    }

    @Test
    void messagesOfAClientAreReadWhateverTheBoundariesOfReads() {
        byte[] stream = concat(
                "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
                frame(0x81, "hello"),
                frame(0x01, "x".repeat(200)),
                frame(0x89, "ping in between"),
                frame(0x80, "y".repeat(70_000)),
                frame(0x81, "end"));
        for (int step : new int[] {1, 7, 4_096, stream.length}) {
            List<String> texts = new ArrayList<>();
            ClientTexts reader = new ClientTexts(texts::add);
            for (int at = 0; at < stream.length; at += step) {
                byte[] part = java.util.Arrays.copyOfRange(stream, at, Math.min(at + step, stream.length));
                reader.feed(part, part.length);
            }
            assertThat(texts)
                    .as("in steps of %d", step)
                    .containsExactly("hello", "x".repeat(200) + "y".repeat(70_000), "end");
        }
    }

    private static byte[] frame(int first, String text) {
        byte[] payload = text.getBytes(StandardCharsets.UTF_8);
        byte[] mask = {1, 2, 3, 4};
        byte[] length = payload.length < 126
                ? new byte[] {(byte) (0x80 | payload.length)}
                : payload.length < 65_536
                        ? new byte[] {(byte) (0x80 | 126), (byte) (payload.length >> 8), (byte) payload.length}
                        : new byte[] {
                            (byte) (0x80 | 127),
                            0,
                            0,
                            0,
                            0,
                            0,
                            (byte) (payload.length >> 16),
                            (byte) (payload.length >> 8),
                            (byte) payload.length
                        };
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= mask[i % 4];
        }
        return concat(new byte[] {(byte) first}, length, mask, payload);
    }

    private static byte[] concat(byte[]... parts) {
        var joined = new java.io.ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    private static ServerSocket echoServer() throws IOException {
        ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(() -> acceptAll(server));
        return server;
    }

    private static void acceptAll(ServerSocket server) {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> echo(client));
            }
        } catch (IOException e) {
            // the test has ended
        }
    }

    private static void echo(Socket client) {
        try (client;
                InputStream in = client.getInputStream()) {
            in.transferTo(client.getOutputStream());
        } catch (IOException e) {
            // the test cuts connections
        }
    }

    private static Socket connect(FaultProxy proxy) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout((int) SOON.toMillis());
        return socket;
    }

    private static int echoed(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        return client.getInputStream().read();
    }

    /**
     * A main class that starts and freezes another process of its kind. It never ends by itself and leaves its standard
     * input alone: that is the leash's, and whoever of two readers finds the end of it decides how the process ends.
     */
    static final class Nest {
        private Nest() {}

        public static void main(String[] arguments) throws InterruptedException {
            if (arguments[0].equals("parent")) {
                Child child = Child.start("child", Logs.directory(), List.of(), Nest.class, List.of("wait"));
                child.awaitLine("that it waits", 0, SOON, "waiting"::equals);
                child.freeze();
                System.out.println("frozen " + child.pid());
            } else {
                System.out.println("waiting");
            }
            new CountDownLatch(1).await();
        }
    }
}
