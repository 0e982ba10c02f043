package dev.andon.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.SocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** One request and its answer on the wire. Used on its event loop only, but for {@link #check}. */
final class Exchange {
    private static final int DRAIN_MS = 2_000;
    private static final long SMALL_BYTES = 64 << 10;

    /** So much of an urgent request is let in whatever else is buffered: more than a kill needs. */
    private static final int URGENT_BYTES = 32 << 10;

    /** Nothing is waited for. */
    private static final long NEVER = Long.MAX_VALUE;

    // As they go over the wire, so that they needn't be looked through for each answer.
    private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("X-Request-Id");
    private static final CharSequence CONTENT_LENGTH = HttpHeaders.createOptimized("Content-Length");
    private static final CharSequence CONTENT_TYPE = HttpHeaders.createOptimized("Content-Type");
    private static final CharSequence CACHE_CONTROL = HttpHeaders.createOptimized("Cache-Control");
    private static final CharSequence NO_STORE = HttpHeaders.createOptimized("no-store");
    private static final CharSequence CONTENT_TYPE_OPTIONS = HttpHeaders.createOptimized("X-Content-Type-Options");
    private static final CharSequence NO_SNIFF = HttpHeaders.createOptimized("nosniff");

    private final Vertx vertx;
    private final Context loop;
    private final LongSupplier nanoTime;
    private final HttpServerRequest request;
    private final HttpLimits limits;
    private final Admission admission;
    private final String correlation;
    private Buffer body = Buffer.buffer();
    private int bufferedBytes;
    private boolean answered;
    private Runnable late = () -> {};
    private volatile long dueNanos = NEVER;

    Exchange(
            Vertx vertx,
            LongSupplier nanoTime,
            HttpServerRequest request,
            HttpLimits limits,
            Admission admission,
            String correlation) {
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.nanoTime = nanoTime;
        this.request = request;
        this.limits = limits;
        this.admission = admission;
        this.correlation = correlation;
    }

    String correlation() {
        return correlation;
    }

    /** Something is late from then on unless it comes, or something else is waited for. */
    private void expect(int ms, Runnable otherwise) {
        late = otherwise;
        dueNanos = nanoTime.getAsLong() + ms * 1_000_000L;
    }

    private void expectNothing() {
        dueNanos = NEVER;
    }

    private boolean isLate(long now) {
        long due = dueNanos;
        return due != NEVER && now - due > 0;
    }

    /**
     * To be called now and then, from whatever thread: a timer for each request would cost more than most of what is done
     * for it.
     */
    void check(long now) {
        if (isLate(now)) {
            OnLoop.run(loop, () -> {
                if (isLate(now)) {
                    expectNothing();
                    late.run();
                }
            });
        }
    }

    String peer() {
        SocketAddress peer = request.remoteAddress();
        String address = peer == null ? null : peer.hostAddress();
        return address == null ? "" : address;
    }

    /**
     * Reads a body of at most so many bytes; {@code whole} gets it unless the request was answered before.
     *
     * @param gone run when the client takes the request back, or goes away, before it is answered
     */
    void receive(
            int mostBytes, boolean urgent, Consumer<byte[]> whole, Consumer<ProblemException> refused, Runnable gone) {
        String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        if (declared != null && longerThan(declared, mostBytes)) {
            refused.accept(tooLarge(declared, mostBytes));
            return;
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            request.response().writeContinue();
        }
        expect(limits.bodyMs(), () -> refused.accept(tooSlow()));
        request.response().closeHandler(closed -> {
            expectNothing();
            release();
            body = Buffer.buffer();
            if (!answered) {
                gone.run();
            }
        });
        request.handler(chunk -> take(chunk, mostBytes, urgent, refused));
        request.endHandler(end -> {
            if (!answered) {
                expectNothing();
                byte[] bytes = body.getBytes();
                body = Buffer.buffer();
                whole.accept(bytes);
            }
        });
    }

    private void take(Buffer chunk, int mostBytes, boolean urgent, Consumer<ProblemException> refused) {
        if (answered) {
            return;
        }
        if (body.length() + chunk.length() > mostBytes) {
            refused.accept(tooLarge("more than " + mostBytes, mostBytes));
            return;
        }
        try {
            admission.buffer(chunk.length(), urgent && body.length() + chunk.length() <= URGENT_BYTES);
        } catch (ProblemException busy) {
            refused.accept(busy);
            return;
        }
        bufferedBytes += chunk.length();
        body.appendBuffer(chunk);
    }

    /** Sends the answer. Whatever comes after the first is dropped. */
    void answer(Reply reply, Runnable done) {
        if (answered) {
            return;
        }
        answered = true;
        release();
        HttpServerResponse response = request.response();
        if (response.closed()) {
            done.run();
            return;
        }
        head(response, reply);
        boolean bodyless = reply.status() == 204 || reply.status() == 304;
        if (!bodyless) {
            response.putHeader(CONTENT_LENGTH, Integer.toString(reply.body().length));
        }
        boolean withBody = !bodyless && !request.method().equals(HttpMethod.HEAD);
        drain();
        Future<Void> sent = withBody ? response.end(Buffer.buffer(reply.body())) : response.end();
        if (!sent.isComplete()) {
            expect(limits.answerMs(), this::drop);
        }
        sent.onComplete(over -> {
            expectNothing();
            if (over.succeeded()) {
                reply.handedOver().run();
            }
            done.run();
        });
    }

    /**
     * Begins an answer that comes in pieces; fails if there is nobody to answer.
     *
     * @param gone run when the client goes away
     */
    Future<Void> begin(Reply reply, Runnable gone) {
        HttpServerResponse response = request.response();
        if (answered || response.closed()) {
            return Future.failedFuture("the connection is closed");
        }
        answered = true;
        release();
        response.closeHandler(closed -> gone.run());
        head(response, reply);
        response.setChunked(true);
        drain();
        return Future.succeededFuture();
    }

    /** Done when the piece is on its way. */
    Future<Void> write(byte[] piece) {
        boolean wanted = piece.length > 0 && !request.method().equals(HttpMethod.HEAD);
        return wanted ? request.response().write(Buffer.buffer(piece)) : Future.succeededFuture();
    }

    Future<Void> finish() {
        return request.response().end();
    }

    private void head(HttpServerResponse response, Reply reply) {
        response.setStatusCode(reply.status());
        response.putHeader(REQUEST_ID, correlation);
        response.putHeader(CACHE_CONTROL, NO_STORE);
        response.putHeader(CONTENT_TYPE_OPTIONS, NO_SNIFF);
        for (Map.Entry<String, String> header : reply.headers().entrySet()) {
            response.putHeader(header.getKey(), header.getValue());
        }
        if (!reply.contentType().isEmpty()) {
            response.putHeader(CONTENT_TYPE, reply.contentType());
        }
    }

    /** Leaves a body that nobody wants a moment to end, so that its sender reads the answer, and then cuts it off. */
    private void drain() {
        if (request.isEnded()) {
            return;
        }
        request.handler(chunk -> {});
        request.resume();
        Optional<String> declared = Optional.ofNullable(request.getHeader("Content-Length"));
        boolean small = declared.isPresent() && !longerThan(declared.get(), SMALL_BYTES);
        if (!small && request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader("Connection", "close");
        }
        vertx.setTimer(DRAIN_MS, late -> {
            if (!request.isEnded()) {
                drop();
            }
        });
    }

    /** Cuts the client off. */
    void drop() {
        if (request.version() == HttpVersion.HTTP_2) {
            request.response().reset(0);
        } else {
            Connections.cut(request.connection());
        }
    }

    private void release() {
        admission.release(bufferedBytes);
        bufferedBytes = 0;
    }

    private static ProblemException tooLarge(String size, int mostBytes) {
        return new ProblemException(Problem.of(
                        413,
                        "too-large",
                        "The body is too large",
                        "body: " + size + " bytes (expected: at most " + mostBytes + ")")
                .at("body", size + " bytes", "at most " + mostBytes + " bytes")
                .next("Send less at once."));
    }

    private ProblemException tooSlow() {
        return new ProblemException(Problem.of(
                        408,
                        "too-slow",
                        "The body didn't come in time",
                        "body: unfinished after " + limits.bodyMs() + " ms (expected: sooner)")
                .next("Nothing was changed. Send the request again."));
    }

    private static boolean longerThan(String declared, long bytes) {
        try {
            return Long.parseLong(declared) > bytes;
        } catch (NumberFormatException e) {
            return true;
        }
    }
}
