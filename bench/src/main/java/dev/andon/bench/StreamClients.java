package dev.andon.bench;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Many native streams in a process of their own: {@code StreamClients PORT SOURCE COUNT KEY}. Each greets, answers pings and
 * acknowledges what it gets, as an SDK does, but holds nothing; the reference server's are the same, and have nothing to acknowledge.
 * It says {@code open} once all are up to date, and obeys lines: {@code arm}, {@code acks}, {@code silence}, {@code heard},
 * {@code times}, {@code quiet}.
 */
final class StreamClients {
    /** Of two processes, well below what a server lets in at a time of one key. */
    private static final int AT_ONCE = 48;

    private static final int THREADS = 1;
    private static final byte[] PONG = Wire.masked(FrameCodec.encode(new Frame.Pong()));

    private final InetSocketAddress server;
    private final String source;
    private final String key;
    private final boolean andon;
    private final List<Stream> streams = new ArrayList<>();
    private final Semaphore opening = new Semaphore(AT_ONCE);
    private final AtomicInteger ready = new AtomicInteger();
    private final Map<String, Frame> decoded = new ConcurrentHashMap<>();
    private final Map<Frame.Ack, byte[]> encoded = new ConcurrentHashMap<>();
    private volatile boolean acks = true;
    private volatile long newestNanos = System.nanoTime();

    private StreamClients(int port, String source, String key) {
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.source = source;
        this.key = key;
        this.andon = !key.equals("none");
    }

    public static void main(String[] arguments) throws IOException, InterruptedException {
        StreamClients clients = new StreamClients(Integer.parseInt(arguments[0]), arguments[1], arguments[3]);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(THREADS, EpollIoHandler.newFactory());
        clients.open(loops, Integer.parseInt(arguments[2]));
        System.out.println("open");
        clients.obey();
        System.exit(0);
    }

    private void open(EventLoopGroup loops, int count) throws InterruptedException {
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .option(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        Stream stream = new Stream();
                        synchronized (streams) {
                            streams.add(stream);
                        }
                        channel.pipeline().addLast(stream);
                    }
                });
        for (int i = 0; i < count; i++) {
            opening.acquire();
            var _ = bootstrap.connect(server, new InetSocketAddress(source, 0)).addListener(connected -> {
                if (!connected.isSuccess()) {
                    System.err.println("stream: " + connected.cause());
                    System.exit(1);
                }
            });
        }
        opening.acquire(AT_ONCE);
        if (ready.get() != count) {
            throw new IllegalStateException("streams: " + ready.get() + " (expected: " + count + ")");
        }
    }

    private void obey() throws IOException {
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            System.out.println(
                    switch (order) {
                        case "arm" -> {
                            streams.forEach(stream -> stream.heardNanos = 0);
                            yield "armed";
                        }
                        case "acks" -> {
                            acks = true;
                            yield order;
                        }
                        case "silence" -> {
                            acks = false;
                            yield order;
                        }
                        case "heard" ->
                            Long.toString(streams.stream()
                                    .filter(stream -> stream.heardNanos != 0)
                                    .count());
                        case "quiet" -> Long.toString((System.nanoTime() - newestNanos) / 1_000_000);
                        case "sizes" -> sizes();
                        case "times" -> times();
                        default -> throw new IllegalArgumentException("order: " + order);
                    });
        }
    }

    private String times() {
        StringJoiner times = new StringJoiner(" ");
        streams.forEach(stream -> times.add(Long.toString(stream.heardNanos)));
        return times.toString();
    }

    /** How long the kill and what came after it were. */
    private String sizes() {
        return streams.getFirst().killBytes + " " + streams.getFirst().lastBytes;
    }

    /** One stream; on its event loop. */
    private final class Stream extends ByteToMessageDecoder {
        private final StringBuilder whole = new StringBuilder();
        private boolean upgraded;
        private boolean greeted;
        private Frame.@Nullable Held held;
        private List<KillId> pending = List.of();
        private volatile long heardNanos;
        private volatile int killBytes;
        private volatile int lastBytes;

        @Override
        public void channelActive(ChannelHandlerContext context) {
            String request = "GET /stream/v1 HTTP/1.1\r\n"
                    + "Host: 127.0.0.1\r\n"
                    + "Upgrade: websocket\r\n"
                    + "Connection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                    + "Sec-WebSocket-Version: 13\r\n"
                    + "Authorization: Bearer "
                    + key + "\r\n\r\n";
            write(context, request.getBytes(StandardCharsets.US_ASCII));
        }

        private void write(ChannelHandlerContext context, byte[] bytes) {
            var _ = context.writeAndFlush(Unpooled.wrappedBuffer(bytes), context.voidPromise());
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
            if (!upgraded) {
                String head = in.toString(StandardCharsets.US_ASCII);
                int end = head.indexOf("\r\n\r\n");
                if (end < 0) {
                    return;
                }
                if (!head.startsWith("HTTP/1.1 101")) {
                    throw new IllegalStateException("upgrade: " + head);
                }
                in.skipBytes(end + 4);
                upgraded = true;
                if (andon) {
                    write(context, hello(context));
                } else {
                    ready();
                }
            }
            for (int length = Wire.length(in); length > 0 && length <= in.readableBytes(); length = Wire.length(in)) {
                boolean last = in.getByte(in.readerIndex()) < 0;
                int header = Wire.headerLength(in);
                in.skipBytes(header);
                if (andon) {
                    whole.append(in.readCharSequence(length - header, StandardCharsets.UTF_8));
                    if (last) {
                        String message = whole.toString();
                        whole.setLength(0);
                        received(context, message);
                    }
                } else {
                    in.skipBytes(length - header);
                    heard();
                }
            }
        }

        private byte[] hello(ChannelHandlerContext context) {
            InetSocketAddress local = (InetSocketAddress) context.channel().localAddress();
            return Wire.masked(FrameCodec.encode(new Frame.Hello(
                    1,
                    "bench/1",
                    "application",
                    local.getHostString() + "-" + local.getPort(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of())));
        }

        private void ready() {
            if (!greeted) {
                greeted = true;
                ready.incrementAndGet();
                opening.release();
            }
        }

        private void heard() {
            long nanos = System.nanoTime();
            newestNanos = nanos;
            if (heardNanos == 0) {
                heardNanos = nanos;
            }
        }

        private void received(ChannelHandlerContext context, String message) {
            if (message.startsWith("{\"type\":\"ping\"")) {
                write(context, PONG);
                ready();
                return;
            }
            if (greeted) {
                heard();
            }
            lastBytes = message.length();
            // All streams get the same: it is read once.
            Frame frame = decoded.computeIfAbsent(
                    message, text -> FrameCodec.decode(text.getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_SERVER));
            if (decoded.size() > 64) {
                decoded.clear();
                encoded.clear();
            }
            if (frame instanceof Frame.Snapshot snapshot) {
                held = new Frame.Held(snapshot.provenance(), snapshot.digest());
                pending = snapshot.pending().stream().map(kill -> kill.id()).toList();
                ack(context);
            } else if (frame instanceof Frame.Patch patch) {
                held = new Frame.Held(patch.provenance(), patch.digest());
                pending = List.of();
                ack(context);
            } else if (frame instanceof Frame.Kills kills) {
                killBytes = message.length();
                pending = kills.kills().stream().map(kill -> kill.id()).toList();
                ack(context);
            } else if (frame instanceof Frame.Refused refused) {
                throw new IllegalStateException("stream: " + refused);
            }
        }

        private void ack(ChannelHandlerContext context) {
            if (held != null && (acks || !greeted)) {
                // What the clients cost would slow the server down that they share the machine with.
                byte[] ack = encoded.computeIfAbsent(
                        new Frame.Ack(held, pending, 1), frame -> Wire.masked(FrameCodec.encode(frame)));
                // Each is a process of its own elsewhere: none gets its kill later because another one acknowledges
                // first.
                context.executor().execute(() -> write(context, ack));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            System.err.println("stream: closed by the server");
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            System.err.println("stream: " + cause);
            System.exit(1);
        }
    }
}
