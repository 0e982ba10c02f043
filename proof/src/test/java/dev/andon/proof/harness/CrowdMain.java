package dev.andon.proof.harness;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.stream.ClientLink;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkInput;
import dev.andon.core.stream.LinkSettings;
import dev.andon.core.stream.LinkStatus.Contact;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of streams of one process, each with the SDK's own state machine and nothing else of the SDK: what a crowd of
 * processes does to a server, without being one. All of it runs on one event loop. A line of standard input names a number to be
 * told: {@code live} streams, those that know of a kill ({@code killed}), the kills that they know of, added up ({@code standing}), or
 * how often one of them was turned away ({@code refusals}).
 *
 * <p>Arguments: ports, divided by commas, SDK key, service, number of streams. A stream goes from each server to the next, as the
 * SDK does.
 */
final class CrowdMain {
    private static final int TICK_MS = 50;
    private static final int MESSAGE_BYTES = 4 << 20;
    private static final int DECODED = 16;

    /** So many begin in each tick: the storm is to come from the server's restart, not from the crowd's birth. */
    private static final int JOINING = 25;

    /** Long polls are for proxies, of which there are none here. */
    private static final LinkSettings SETTINGS =
            LinkSettings.DEFAULT.withWebSocketFailures(Integer.MAX_VALUE).withReportMs(60_000);

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    private final WebSocketClient client;
    private final List<WebSocketConnectOptions> addresses;
    private final List<Member> streams = new ArrayList<>();

    /** What all are sent is decoded once: thousands of processes would do that on thousands of machines. */
    private final Map<String, Frame> decoded = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Frame> eldest) {
            return size() > DECODED;
        }
    };

    private final String service;
    private final int count;

    private CrowdMain(String[] arguments) {
        this.service = arguments[2];
        this.count = Integer.parseInt(arguments[3]);
        this.addresses = Stream.of(arguments[0].split(",", -1))
                .map(port -> new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(Integer.parseInt(port))
                        .setURI("/stream/v1")
                        .addHeader("Authorization", "Bearer " + arguments[1]))
                .toList();
        this.client = vertx.createWebSocketClient(new WebSocketClientOptions()
                .setMaxConnections(count)
                .setConnectTimeout(5_000)
                .setMaxFrameSize(MESSAGE_BYTES)
                .setMaxMessageSize(MESSAGE_BYTES));
    }

    public static void main(String[] arguments) throws IOException {
        CrowdMain crowd = new CrowdMain(arguments);
        crowd.vertx.setPeriodic(TICK_MS, timer -> crowd.tick());
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                System.out.println("report " + crowd.count(order));
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private void tick() {
        long nowMs = nowMs();
        for (int i = 0; i < JOINING && streams.size() < count; i++) {
            Member stream = new Member(service + "-" + streams.size(), streams.size());
            streams.add(stream);
            stream.step(new LinkInput.Start());
        }
        for (Member stream : streams) {
            if (stream.deadlineMs <= nowMs) {
                stream.step(new LinkInput.Tick());
            }
        }
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    private long count(String what) {
        ToLongFunction<Member> each = switch (what) {
            case "live" -> stream -> stream.link.status().contact() == Contact.LIVE ? 1 : 0;
            case "killed" -> stream -> stream.link.state().standing().isEmpty() ? 0 : 1;
            case "standing" -> stream -> stream.link.state().standing().size();
            case "refusals" -> stream -> stream.refusals;
            default ->
                throw new IllegalArgumentException(
                        "order: " + what + " (expected: live, killed, standing or refusals)");
        };
        CompletableFuture<Long> count = new CompletableFuture<>();
        vertx.runOnContext(
                context -> count.complete(streams.stream().mapToLong(each).sum()));
        return count.join();
    }

    /** One stream; everything happens on the event loop. */
    private final class Member {
        private final ClientLink link;
        private int server;
        private @Nullable WebSocket socket;
        private long connection;
        private long deadlineMs;
        private int refusals;

        Member(String instance, int seed) {
            this.server = seed % addresses.size();
            this.link = new ClientLink(
                    new ClientLink.Identity("crowd/1", service, instance, Optional.empty()),
                    SETTINGS,
                    HeldState.EMPTY,
                    new Random(seed));
        }

        void step(LinkInput input) {
            link.step(input, nowMs()).forEach(this::carryOut);
            deadlineMs = link.deadlineMs();
        }

        private void carryOut(LinkEffect effect) {
            switch (effect) {
                case LinkEffect.Open open -> open(open.connection());
                case LinkEffect.Send send -> write(send.connection(), send.frame());
                case LinkEffect.Ack ack -> write(ack.connection(), new Frame.Ack(ack.state(), ack.pending(), 0));
                case LinkEffect.Disconnect disconnect -> disconnect(disconnect.connection());
                case LinkEffect.PutInForce inForce -> {}
                case LinkEffect.Save save -> {}
                case LinkEffect.StatusChanged changed -> {}
                case LinkEffect.Report report -> {}
                case LinkEffect.Warn warn -> System.err.println(warn.text());
            }
        }

        private void open(long id) {
            WebSocketConnectOptions address = addresses.get(server);
            server = (server + 1) % addresses.size();
            client.connect(address).onComplete(result -> {
                if (result.failed()) {
                    refusals += result.cause() instanceof UpgradeRejectedException ? 1 : 0;
                    step(new LinkInput.Closed(id, cause(result.cause())));
                    return;
                }
                WebSocket opened = result.result();
                socket = opened;
                connection = id;
                opened.textMessageHandler(text -> step(frame(id, text)));
                opened.closeHandler(closed -> step(new LinkInput.Closed(id, new LinkInput.Lost("closed"))));
                opened.exceptionHandler(e -> {});
                step(new LinkInput.Opened(id));
            });
        }

        private void write(long id, Frame frame) {
            WebSocket current = socket;
            if (current != null && connection == id && !current.isClosed()) {
                current.writeTextMessage(Buffer.buffer(FrameCodec.encode(frame)).toString());
            }
        }

        private void disconnect(long id) {
            WebSocket current = socket;
            if (current != null && connection == id) {
                socket = null;
                current.close();
            }
        }
    }

    private LinkInput.Cause cause(Throwable failure) {
        return failure instanceof UpgradeRejectedException rejected
                ? new LinkInput.Status(rejected.getStatus(), askedMs(rejected))
                : new LinkInput.Unreachable(String.valueOf(failure.getMessage()));
    }

    /** The rest that one server asks for isn't that of another. */
    private long askedMs(UpgradeRejectedException rejected) {
        String seconds = rejected.getHeaders().get("Retry-After");
        return seconds == null || addresses.size() > 1 ? 0 : 1_000 * Long.parseLong(seconds);
    }

    private LinkInput frame(long id, String text) {
        try {
            Frame known = decoded.get(text);
            if (known == null) {
                known = FrameCodec.decode(text.getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_SERVER);
                decoded.put(text, known);
            }
            return new LinkInput.Received(id, known);
        } catch (InvalidInput e) {
            return new LinkInput.Unreadable(id, String.valueOf(e.getMessage()));
        }
    }
}
