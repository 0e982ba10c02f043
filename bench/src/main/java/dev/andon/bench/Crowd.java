package dev.andon.bench;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Streams of one server, each on a connection of its own. Some of them are opened and never read from. A stream that ends is opened
 * again. Thread-safe.
 */
final class Crowd implements AutoCloseable {
    private static final long PATIENCE_NANOS = 120_000_000_000L;
    private static final int RECEIVE_BUFFER_BYTES = 4_096;

    private final Vertx vertx = Vertx.vertx();
    private final Kind kind;
    private final HttpClient client;
    private final List<Member> readers = new ArrayList<>();
    private final Set<Integer> stalledPorts = ConcurrentHashMap.newKeySet();
    private final AtomicInteger stalled = new AtomicInteger();
    private volatile long newestNanos = System.nanoTime();
    private volatile boolean closed;

    /** A kind of stream. */
    interface Kind {
        /** For how long nothing comes when nothing is to come. */
        int quietMs();

        HttpClientOptions options(HttpClientOptions options);

        /** Asks for a stream. */
        Future<HttpClientResponse> send(HttpClientRequest request);

        /** Where, on the server. */
        Where where();

        /** Whether this is news, and not a sign of life. */
        boolean news(byte[] bytes);

        record Where(int port, String method, String path) {}
    }

    /** A stream that is read. */
    private static final class Member {
        private final AtomicLong heardNanos = new AtomicLong();
        private volatile boolean open;
    }

    Crowd(Kind kind, int reading, int stalling) {
        this.kind = kind;
        int all = reading + stalling;
        this.client = vertx.createHttpClient(
                kind.options(new HttpClientOptions().setReceiveBufferSize(RECEIVE_BUFFER_BYTES)),
                new PoolOptions().setHttp1MaxSize(2 * all).setHttp2MaxSize(2 * all));
        for (int i = 0; i < reading; i++) {
            Member member = new Member();
            readers.add(member);
            open(member);
        }
        for (int i = 0; i < stalling; i++) {
            stall();
        }
        await("streams", () -> stalled.get() == stalling && readers.stream().allMatch(member -> member.open));
    }

    private Future<HttpClientResponse> ask() {
        Kind.Where where = kind.where();
        return client.request(HttpMethod.valueOf(where.method()), where.port(), "127.0.0.1", where.path())
                .compose(kind::send);
    }

    private void open(Member member) {
        ask().onSuccess(response -> {
                    member.open = response.statusCode() == 200;
                    response.handler(bytes -> {
                                if (kind.news(bytes.getBytes())) {
                                    newestNanos = System.nanoTime();
                                    member.heardNanos.compareAndSet(0, newestNanos);
                                }
                            })
                            .exceptionHandler(ended -> again(() -> open(member)))
                            .endHandler(ended -> again(() -> open(member)));
                })
                .onFailure(refused -> again(() -> open(member)));
    }

    private void stall() {
        ask().onSuccess(response -> {
                    HttpConnection connection = response.request().connection();
                    // Told of by the connection.
                    response.exceptionHandler(ended -> {}).pause();
                    dontRead(connection);
                    int port = connection.localAddress().port();
                    stalledPorts.add(port);
                    stalled.incrementAndGet();
                    connection.closeHandler(end -> {
                        stalledPorts.remove(port);
                        stalled.decrementAndGet();
                        again(this::stall);
                    });
                })
                .onFailure(refused -> again(this::stall));
    }

    /** As a process that hangs: nothing is taken from the kernel any more. */
    private static void dontRead(HttpConnection connection) {
        if (!(connection instanceof ConnectionBase base)) {
            throw new IllegalStateException(connection + ": can't be stalled (expected: one of Vert.x)");
        }
        base.channel().config().setAutoRead(false);
        // Netty reads on by itself where it has no message yet.
        base.channel().pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext context) {}
        });
    }

    private void again(Runnable open) {
        if (!closed) {
            vertx.setTimer(100, tick -> open.run());
        }
    }

    /** Waits until nothing has come for as long as nothing comes when nothing is to come, and forgets what came. */
    void quiet() {
        newestNanos = System.nanoTime();
        await("quiet", () -> System.nanoTime() - newestNanos > kind.quietMs() * 1_000_000L);
        readers.forEach(member -> member.heardNanos.set(0));
    }

    /** Waits until the first {@code count} readers have heard something; when each did, in milliseconds since a moment. */
    double[] heard(int count, long sinceNanos) {
        List<Member> members = readers.subList(0, count);
        await("all hear", () -> members.stream().allMatch(member -> member.heardNanos.get() != 0));
        return members.stream()
                .mapToDouble(member -> (member.heardNanos.get() - sinceNanos) / 1e6)
                .toArray();
    }

    /** How many of those who don't read hold back what the kernel was given for them. */
    int heldUp() {
        String local = String.format(":%04X", kind.where().port());
        Set<Integer> held = new HashSet<>();
        try {
            for (String file : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
                for (String line : Files.readAllLines(Path.of(file))) {
                    String[] fields = line.strip().split("\\s+", -1);
                    if (fields.length > 4 && fields[1].endsWith(local) && !fields[4].startsWith("00000000:")) {
                        held.add(Integer.parseInt(fields[2].substring(fields[2].indexOf(':') + 1), 16));
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("queues of sockets: unknown (expected: a Linux)", e);
        }
        held.retainAll(stalledPorts);
        return held.size();
    }

    private static void await(String what, java.util.function.BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > PATIENCE_NANOS) {
                throw new IllegalStateException(what + ": not within " + PATIENCE_NANOS / 1_000_000_000 + " s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        closed = true;
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
