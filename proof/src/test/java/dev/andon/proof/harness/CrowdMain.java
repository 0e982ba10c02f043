package dev.andon.proof.harness;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
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
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Thousands of streams of one process, each with the SDK's own state machine and nothing else of the SDK: what a crowd of
 * processes does to a server, without being one. All of it runs on one event loop. Every line of standard input is answered with a
 * report.
 *
 * <p>Arguments: port, SDK key, service, number of streams.
 */
final class CrowdMain {
    private static final int TICK_MS = 50;
    private static final int MESSAGE_BYTES = 4 << 20;

    /** So many begin in each tick: the storm is to come from the server's restart, not from the crowd's birth. */
    private static final int JOINING = 25;

    /** Long polls are for proxies, of which there are none here. */
    private static final LinkSettings SETTINGS =
            LinkSettings.DEFAULT.withWebSocketFailures(Integer.MAX_VALUE).withReportMs(60_000);

    private final Vertx vertx =
            Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    private final WebSocketClient client;
    private final WebSocketConnectOptions address;
    private final List<Stream> streams = new ArrayList<>();
    private final String service;
    private final int count;

    private CrowdMain(String[] arguments) {
        this.service = arguments[2];
        this.count = Integer.parseInt(arguments[3]);
        this.address = new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(Integer.parseInt(arguments[0]))
                .setURI("/stream/v1")
                .addHeader("Authorization", "Bearer " + arguments[1]);
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
                System.out.println("report " + crowd.report().text());
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private void tick() {
        long nowMs = nowMs();
        for (int i = 0; i < JOINING && streams.size() < count; i++) {
            Stream stream = new Stream(service + "-" + streams.size(), streams.size());
            streams.add(stream);
            stream.step(new LinkInput.Start());
        }
        for (Stream stream : streams) {
            if (stream.link.deadlineMs() <= nowMs) {
                stream.step(new LinkInput.Tick());
            }
        }
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    private Json report() {
        CompletableFuture<Json> report = new CompletableFuture<>();
        vertx.runOnContext(context -> {
            long live = streams.stream()
                    .filter(stream -> stream.link.status().contact() == Contact.LIVE)
                    .count();
            long killed = streams.stream()
                    .filter(stream -> !stream.link.state().standing().isEmpty())
                    .count();
            report.complete(
                    Json.object().put("live", live).put("killed", killed).build());
        });
        return report.join();
    }

    /** One stream; everything happens on the event loop. */
    private final class Stream {
        private final ClientLink link;
        private @Nullable WebSocket socket;
        private long connection;

        Stream(String instance, int seed) {
            this.link = new ClientLink(
                    new ClientLink.Identity("crowd/1", service, instance, Optional.empty()),
                    SETTINGS,
                    HeldState.EMPTY,
                    new Random(seed));
        }

        void step(LinkInput input) {
            link.step(input, nowMs()).forEach(this::carryOut);
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
            client.connect(address).onComplete(result -> {
                if (result.failed()) {
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

    private static LinkInput.Cause cause(Throwable failure) {
        return failure instanceof UpgradeRejectedException rejected
                ? new LinkInput.Status(rejected.getStatus(), 0)
                : new LinkInput.Unreachable(String.valueOf(failure.getMessage()));
    }

    private static LinkInput frame(long id, String text) {
        try {
            return new LinkInput.Received(
                    id, FrameCodec.decode(text.getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_SERVER));
        } catch (InvalidInput e) {
            return new LinkInput.Unreadable(id, String.valueOf(e.getMessage()));
        }
    }
}
