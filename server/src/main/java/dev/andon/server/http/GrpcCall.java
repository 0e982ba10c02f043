package dev.andon.server.http;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A call with one request and any number of answers, over HTTP/2. Whoever sends waits for the last message to be written before
 * the next one: no more than one is kept here for a client that doesn't read. On its listener's event loop only,
 * apart from what says otherwise.
 */
public final class GrpcCall {
    private static final String CONTENT_TYPE = "application/grpc";
    /** HTTP/2's error code. */
    private static final long CANCEL = 8;

    /** Clients see their deadline a little earlier or later than the server. */
    private static final long SOON_NANOS = 500_000_000;

    private static final int MAX_STATUS_CHARS = 1_000;

    private final Context loop;
    private final GrpcConnection connection;
    private final int mostWaitingBytes;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final long beganNanos;
    private final OptionalLong deadlineNanos;
    private Buffer body = Buffer.buffer();
    private boolean read;
    private boolean begun;
    private boolean over;
    private int overSweeps;
    private boolean cancelled;
    private Runnable whenOver = () -> {};

    /** @param mostWaitingBytes of answers on the connection that the client hasn't taken */
    GrpcCall(Context loop, GrpcConnection connection, int mostWaitingBytes, HttpServerRequest request, long nowNanos) {
        this.loop = loop;
        this.connection = connection;
        this.mostWaitingBytes = mostWaitingBytes;
        this.request = request;
        this.response = request.response();
        this.beganNanos = nowNanos;
        this.deadlineNanos = timeoutNanos(request.getHeader("grpc-timeout"));
    }

    /** Which method of which service, such as {@code flagd.sync.v1.FlagSyncService/SyncFlags}. */
    public String method() {
        String path = String.valueOf(request.path());
        return path.startsWith("/") ? path.substring(1) : path;
    }

    /** From any thread. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    /** The client's address, without the port. From any thread. */
    public String host() {
        SocketAddress remote = request.connection().remoteAddress();
        return remote == null ? "" : String.valueOf(remote.hostAddress());
    }

    public GrpcConnection connection() {
        return connection;
    }

    /**
     * Begins the answer, if that wasn't done, and sends a message.
     *
     * @return when it is written to the connection, which waits for the client to take what came before; failed if it never will be
     */
    public Future<Void> send(GrpcMessage message) {
        if (over) {
            return Future.failedFuture("the call is over");
        }
        if (!begun) {
            begin();
        }
        return response.write(message.framed());
    }

    /**
     * Sends the only answer, unless the call is over, or too much of what was answered before waits for the client to read it: then
     * the call ends with an error. What is shared with other calls doesn't count.
     *
     * @return when it is written to the connection, which waits for the client to take it; failed if it never will be
     */
    public Future<Void> answer(GrpcMessage message) {
        if (over) {
            return Future.failedFuture("the call is over");
        }
        long waiting = connection.waitingBytes();
        boolean counts = !message.shared();
        if (counts && waiting > 0 && waiting + message.bytes() > mostWaitingBytes) {
            end(
                    GrpcStatus.RESOURCE_EXHAUSTED,
                    "answers: " + waiting + " bytes wait on this connection to be read (expected: at most "
                            + mostWaitingBytes + " with this one). Read them before you ask for more.");
            return Future.failedFuture("too much waits to be read");
        }
        begin();
        response.putTrailer("grpc-status", Integer.toString(GrpcStatus.OK.code()));
        over = true;
        Future<Void> written = response.end(message.framed());
        if (counts) {
            connection.waits(message.bytes(), written);
        }
        return written;
    }

    /** Ends the call, after what was sent before. */
    public void end(GrpcStatus status, String text) {
        if (over) {
            return;
        }
        over = true;
        String code = Integer.toString(status.code());
        String message = encoded(text);
        if (begun) {
            response.putTrailer("grpc-status", code).putTrailer("grpc-message", message);
        } else {
            response.putHeader("content-type", CONTENT_TYPE)
                    .putHeader("grpc-status", code)
                    .putHeader("grpc-message", message);
            if (status != GrpcStatus.UNAVAILABLE) {
                // There are clients that are told to try again whatever comes, and hold their caller up meanwhile.
                response.putHeader("grpc-retry-pushback-ms", "-1");
            }
        }
        response.end();
    }

    /** Runs something on the call's loop. From any thread. */
    public void onLoop(Runnable action) {
        OnLoop.run(loop, action);
    }

    public boolean over() {
        return over;
    }

    /**
     * Tells of a call that is over whether the client took leave: it ended the call itself before its deadline, and the connection
     * in order at the same time. One that ended the call alone may be a proxy whose client was cut off; one whose deadline is over,
     * or whose connection broke, may come back.
     *
     * @param then once, at once or within a few seconds
     */
    public void whetherItParts(Consumer<Boolean> then) {
        if (cancelled) {
            connection.parts(then);
        } else {
            then.accept(false);
        }
    }

    /** @param action once, when the call has ended, by whichever side */
    public void whenOver(Runnable action) {
        whenOver = action;
    }

    private void begin() {
        begun = true;
        response.putHeader("content-type", CONTENT_TYPE).putHeader("grpc-encoding", "identity");
    }

    /** @param then gets the message; not called if there is none that could be accepted */
    void receive(int maxBytes, Consumer<byte[]> then) {
        request.handler(chunk -> {
            if (read || over) {
                return;
            }
            body.appendBuffer(chunk);
            if (body.length() > maxBytes + GrpcMessage.PREFIX_BYTES) {
                read = true;
                body = Buffer.buffer();
                end(
                        GrpcStatus.RESOURCE_EXHAUSTED,
                        "request: more than " + maxBytes + " bytes (expected: at most " + maxBytes + ")");
            }
        });
        request.endHandler(ended -> {
            if (!read && !over) {
                read = true;
                Buffer whole = body;
                body = Buffer.buffer();
                take(whole, then);
            }
        });
    }

    private void take(Buffer whole, Consumer<byte[]> then) {
        if (whole.length() < GrpcMessage.PREFIX_BYTES) {
            end(GrpcStatus.INTERNAL, "request: " + whole.length() + " bytes (expected: one message)");
        } else if (whole.getByte(0) != 0) {
            response.putHeader("grpc-accept-encoding", "identity");
            end(GrpcStatus.UNIMPLEMENTED, "request: compressed (expected: grpc-encoding identity)");
        } else if (whole.getUnsignedInt(1) != whole.length() - GrpcMessage.PREFIX_BYTES) {
            end(GrpcStatus.INTERNAL, "request: a message cut off or more than one (expected: one message)");
        } else {
            then.accept(whole.getBytes(GrpcMessage.PREFIX_BYTES, whole.length()));
        }
    }

    /** Ends the call if it takes too long. Called about once a second. */
    void sweep(long nowNanos, GrpcLimits limits) {
        long passed = nowNanos - beganNanos;
        if (over) {
            overSweeps++;
            if (overSweeps > limits.takeSeconds()) {
                response.reset(CANCEL);
            }
        } else if (deadlineNanos.isPresent() && passed > deadlineNanos.getAsLong()) {
            end(GrpcStatus.DEADLINE_EXCEEDED, "the client's deadline is over");
        } else if (!read && passed > limits.requestMs() * 1_000_000L) {
            end(GrpcStatus.DEADLINE_EXCEEDED, "request: not whole after " + limits.requestMs() + " ms");
        }
    }

    /** @param nowNanos when it broke off */
    void failed(Throwable failure, long nowNanos) {
        boolean inTime = deadlineNanos.isEmpty() || nowNanos - beganNanos < deadlineNanos.getAsLong() - SOON_NANOS;
        // A call that is reset fails once more when its connection ends.
        cancelled |= inTime && failure instanceof StreamResetException reset && reset.getCode() == CANCEL;
    }

    void finished() {
        over = true;
        Runnable action = whenOver;
        whenOver = () -> {};
        action.run();
    }

    /** As the protocol writes it: up to eight digits and a unit. Empty if there is none that can be read. */
    static OptionalLong timeoutNanos(@Nullable String text) {
        if (text == null || !text.matches("\\d{1,8}[HMSmun]")) {
            return OptionalLong.empty();
        }
        long value = Long.parseLong(text.substring(0, text.length() - 1));
        long unit = switch (text.charAt(text.length() - 1)) {
            case 'H' -> 3_600_000_000_000L;
            case 'M' -> 60_000_000_000L;
            case 'S' -> 1_000_000_000L;
            case 'm' -> 1_000_000L;
            case 'u' -> 1_000L;
            default -> 1L;
        };
        // Up to eleven thousand years; a hundred will do, and fits.
        return OptionalLong.of(Math.min(value, 3_153_600_000_000_000_000L / unit) * unit);
    }

    /** A header's value: what isn't visible ASCII is percent-encoded, and nothing else is, as not every client decodes that. */
    private static String encoded(String text) {
        String shown = text.length() > MAX_STATUS_CHARS ? text.substring(0, MAX_STATUS_CHARS) + "…" : text;
        StringBuilder encoded = new StringBuilder();
        for (byte octet : shown.getBytes(StandardCharsets.UTF_8)) {
            if (octet >= ' ' && octet <= '~' && octet != '%') {
                encoded.append((char) octet);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
            }
        }
        return encoded.toString();
    }
}
