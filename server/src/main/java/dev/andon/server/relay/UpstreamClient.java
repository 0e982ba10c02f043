package dev.andon.server.relay;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.tls.TrustedCertificates;
import dev.andon.server.node.Refused;
import dev.andon.server.node.StartProblem;
import dev.andon.store.StoreException;
import dev.andon.store.StoreException.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/**
 * Asks the upstream by HTTP, with the relay's token. Every call ends when nothing has come for its time, and after
 * {@link #MOST} in any case: an image may take long over a slow line. It takes no more than it says. Thread-safe.
 *
 * <p>What can fail, as {@link StoreException}s:
 *
 * <ol>
 *   <li>nobody answers, or not in time: UNAVAILABLE, TIMEOUT;
 *   <li>the token isn't taken: DENIED, until it is;
 *   <li>it answers that it can't now: UNAVAILABLE;
 *   <li>it answers what no upstream does: FAILED.
 * </ol>
 *
 * <p>What it refuses for what it is, is {@link Refused}.
 */
final class UpstreamClient implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(2);
    private static final Duration MOST = Duration.ofMinutes(10);
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int UNAUTHENTICATED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int TOO_OFTEN = 429;
    private static final int SERVER_ERRORS = 500;

    private final String upstream;
    private final String token;
    private final Duration timeout;
    private final HttpClient http;
    private final AtomicInteger longAnswers = new AtomicInteger();

    UpstreamClient(RelayConfig config, Duration timeout) {
        this.upstream = config.upstream();
        this.token = config.token();
        this.timeout = timeout;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT);
        config.trusted().ifPresent(file -> builder.sslContext(trusting(file)));
        this.http = builder.build();
    }

    String upstream() {
        return upstream;
    }

    byte[] get(String path, int mostBytes) {
        return call("GET", path, Optional.empty(), mostBytes);
    }

    byte[] send(String method, String path, Json body) {
        return call(method, path, Optional.of(body), Wire.MAX_SMALL_BYTES);
    }

    private byte[] call(String method, String path, Optional<Json> body, int mostBytes) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(upstream + path))
                .timeout(timeout)
                .header("Authorization", "Bearer " + token);
        body.ifPresentOrElse(
                json -> request.header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofByteArray(json.utf8())),
                () -> request.method(method, HttpRequest.BodyPublishers.noBody()));
        AtomicInteger come = new AtomicInteger();
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request.build(), info -> new Bounded(mostBytes, come));
        try {
            HttpResponse<byte[]> response = awaited(answer, come);
            if (response.statusCode() == OK) {
                return response.body();
            }
            throw refused(response);
        } catch (TimeoutException e) {
            answer.cancel(true);
            throw new StoreException(
                    Code.TIMEOUT,
                    "the upstream " + upstream + ": " + method + " " + path + ": nothing came for " + timeout.toMillis()
                            + " ms (expected: an answer, or more of it)",
                    e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw cause instanceof TooLong
                    ? new StoreException(Code.FAILED, "the upstream " + upstream + ": " + cause.getMessage(), cause)
                    : new StoreException(Code.UNAVAILABLE, "the upstream " + upstream + ": " + words(cause), cause);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new StoreException(Code.CLOSED, "the upstream isn't asked any more", e);
        }
    }

    /** Whether an answer is coming that takes longer than one that doesn't come may. */
    boolean receives() {
        return longAnswers.get() > 0;
    }

    private HttpResponse<byte[]> awaited(CompletableFuture<HttpResponse<byte[]>> answer, AtomicInteger come)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            if (come.get() == 0) {
                throw e;
            }
        }
        longAnswers.incrementAndGet();
        try {
            return awaitedWhileItComes(answer, come);
        } finally {
            longAnswers.decrementAndGet();
        }
    }

    private HttpResponse<byte[]> awaitedWhileItComes(CompletableFuture<HttpResponse<byte[]>> answer, AtomicInteger come)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (long leftMs = MOST.toMillis(); leftMs > 0; leftMs -= timeout.toMillis()) {
            int before = come.get();
            try {
                return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (come.get() == before) {
                    throw e;
                }
            }
        }
        throw new TimeoutException("it took more than " + MOST);
    }

    private RuntimeException refused(HttpResponse<byte[]> response) {
        int status = response.statusCode();
        String detail = Wire.detail(response.body());
        String said = "the upstream " + upstream + ": HTTP " + status + (detail.isEmpty() ? "" : ", " + detail);
        if (status == UNAUTHENTICATED || status == FORBIDDEN) {
            return new StoreException(
                    Code.DENIED,
                    said + " (expected: a token of role relay that is in force; 'andon token create --role relay' makes"
                            + " one at the upstream)");
        }
        if (status == NOT_FOUND) {
            return new StoreException(
                    Code.FAILED, said + " (expected: an Andon server that feeds relays and knows this one)");
        }
        if (status == BAD_REQUEST || status == CONFLICT) {
            return new Refused(
                    Refused.Code.CONFLICT,
                    "upstream",
                    upstream,
                    "one that takes this; it says HTTP " + status + ", " + detail);
        }
        boolean later = status == TOO_OFTEN || status >= SERVER_ERRORS;
        return new StoreException(later ? Code.UNAVAILABLE : Code.FAILED, said);
    }

    private static String words(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        String message = last.getMessage();
        return message == null || message.isEmpty() ? last.getClass().getSimpleName() : message;
    }

    /** More came than was asked for. */
    private static final class TooLong extends IOException {
        private static final long serialVersionUID = 1L;

        TooLong(int most) {
            super("an answer of more than " + most + " bytes (expected: at most so many)");
        }
    }

    /** A body of a bounded length. */
    private static final class Bounded implements HttpResponse.BodySubscriber<byte[]> {
        private final int most;
        private final AtomicInteger come;
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
        private Optional<Flow.Subscription> subscription = Optional.empty();

        /** @param come told how many bytes have come */
        Bounded(int most, AtomicInteger come) {
            this.most = most;
            this.come = come;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = Optional.of(given);
            given.request(1);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            for (ByteBuffer buffer : buffers) {
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                if (taken.size() + (long) bytes.length > most) {
                    subscription.ifPresent(Flow.Subscription::cancel);
                    whole.completeExceptionally(new TooLong(most));
                    return;
                }
                taken.writeBytes(bytes);
                come.addAndGet(bytes.length);
            }
            subscription.ifPresent(given -> given.request(1));
        }

        @Override
        public void onError(Throwable failure) {
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            whole.complete(taken.toByteArray());
        }
    }

    private static SSLContext trusting(Path file) {
        try {
            return TrustedCertificates.sslContext("peer-ca", file, () -> Files.readAllBytes(file));
        } catch (InvalidInput e) {
            throw new StartProblem(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
