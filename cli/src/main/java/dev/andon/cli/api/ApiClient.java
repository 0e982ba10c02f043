package dev.andon.cli.api;

import dev.andon.cli.api.ApiException.Attempt;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;

/**
 * Sends requests to the first of the given servers that can be reached. Thread-safe.
 *
 * <p>What happens when something fails:
 *
 * <ol>
 *   <li>No connection: the next server is tried; with none left, {@link ApiException.Unreachable}.
 *   <li>The connection breaks or the answer takes too long: reading is tried again on the next server. A change is tried
 *       again under the same idempotency key, which makes a repetition harmless; if that fails too, the exception says
 *       that the change may have been carried out.
 *   <li>An answer that isn't Andon's (another service, a proxy's error page): as 1.
 *   <li>A problem document: {@link ApiException.Refused}; no other server is asked.
 * </ol>
 */
public final class ApiClient implements AutoCloseable {
    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final int ANSWER_LEVELS = 512;
    private static final JsonLimits ANSWER = new JsonLimits(MAX_ANSWER_BYTES, ANSWER_LEVELS, MAX_ANSWER_BYTES);
    private static final int DOWNLOAD_BYTES = 64 << 10;
    private static final int PAGE = 1_000;
    private static final int KEY_BYTES = 16;

    /**
     * @param servers base addresses, tried in this order
     * @param trust whom to trust for TLS; the JDK's certificates unless set
     * @param connectTimeout for one server
     * @param answerTimeout for one answer, once connected
     */
    public record Settings(
            List<URI> servers,
            String token,
            Optional<SSLContext> trust,
            Duration connectTimeout,
            Duration answerTimeout) {
        public Settings {
            servers = List.copyOf(servers);
        }
    }

    private final Settings settings;
    private final RandomGenerator random;
    private final HttpClient http;

    public ApiClient(Settings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(settings.connectTimeout());
        settings.trust().ifPresent(builder::sslContext);
        this.http = builder.build();
    }

    /** The servers that are tried, as addresses. */
    public List<URI> servers() {
        return settings.servers();
    }

    public Answer send(ApiRequest request) {
        Optional<String> key = request.writes() ? Optional.of(idempotencyKey()) : Optional.empty();
        List<Attempt> attempts = new ArrayList<>();
        boolean perhapsDone = false;
        for (URI server : settings.servers()) {
            try {
                return exchange(server, request, key);
            } catch (Lost lost) {
                attempts.add(new Attempt(server, lost.cause));
                perhapsDone |= lost.perhapsDone;
            }
        }
        if (!perhapsDone) {
            throw new ApiException.Unreachable(attempts, false);
        }
        return repeat(request, key);
    }

    /** One round more for a change whose fate is unknown. */
    private Answer repeat(ApiRequest request, Optional<String> key) {
        List<Attempt> attempts = new ArrayList<>();
        for (URI server : settings.servers()) {
            try {
                return exchange(server, request, key);
            } catch (Lost lost) {
                attempts.add(new Attempt(server, lost.cause));
            }
        }
        throw new ApiException.Unreachable(attempts, true);
    }

    /** Takes the next bytes of an answer; those beyond {@code count} don't belong to it. */
    public interface Sink {
        void take(byte[] bytes, int count) throws IOException;
    }

    /**
     * Reads an answer of any length, without keeping it. Once it has begun, no other server is asked.
     *
     * @throws IOException if the sink does
     * @throws ApiException if it was refused, or broke off
     */
    public void download(ApiRequest request, Sink sink) throws IOException {
        List<Attempt> attempts = new ArrayList<>();
        for (URI server : settings.servers()) {
            try {
                HttpResponse<InputStream> response =
                        exchange(server, request, Optional.empty(), BodyHandlers.ofInputStream());
                try (InputStream body = response.body()) {
                    copy(server, response, body, sink);
                    return;
                }
            } catch (Lost lost) {
                attempts.add(new Attempt(server, lost.cause));
            }
        }
        throw new ApiException.Unreachable(attempts, false);
    }

    private static void copy(URI server, HttpResponse<InputStream> response, InputStream body, Sink sink)
            throws IOException, Lost {
        if (response.statusCode() != 200) {
            answer(response.statusCode(), body.readNBytes(MAX_ANSWER_BYTES), response.headers());
            throw new Lost("it answers with status " + response.statusCode() + ", not as an Andon server does", false);
        }
        byte[] buffer = new byte[DOWNLOAD_BYTES];
        while (true) {
            int count;
            try {
                count = body.read(buffer);
            } catch (IOException e) {
                String cause = "its answer broke off: " + reason(e);
                throw new ApiException.Unreachable(List.of(new Attempt(server, cause)), false);
            }
            if (count < 0) {
                return;
            }
            sink.take(buffer, count);
        }
    }

    /** All items of a list, page by page, as one document. */
    public Json all(ApiRequest list) {
        return some(list, Integer.MAX_VALUE, Optional.empty());
    }

    /**
     * A list's first items as one document; with {@code next} if there are more. Pages may be short without being the last.
     *
     * @param after where to begin: the {@code next} of what came before
     */
    public Json some(ApiRequest list, int most, Optional<String> after) {
        List<Json> items = new ArrayList<>();
        Optional<String> next = after;
        do {
            int page = Math.min(PAGE, most - items.size());
            Fields answer =
                    send(list.query("limit", "" + page).query("after", next)).fields();
            items.addAll(answer.items("items"));
            next = answer.has("next") ? Optional.of(word(answer.json("next"))) : Optional.empty();
        } while (next.isPresent() && items.size() < most);
        return Json.object().put("items", Json.array(items)).put("next", next).build();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    /** An exchange that gave no answer from an Andon server. */
    private static final class Lost extends Exception {
        private static final long serialVersionUID = 1L;

        private final String cause;
        private final boolean perhapsDone;

        Lost(String cause, boolean perhapsDone) {
            super(cause);
            this.cause = cause;
            this.perhapsDone = perhapsDone;
        }
    }

    private Answer exchange(URI server, ApiRequest request, Optional<String> key) throws Lost {
        HttpResponse<byte[]> response =
                exchange(server, request, key, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        return answer(response.statusCode(), response.body(), response.headers());
    }

    private <T> HttpResponse<T> exchange(
            URI server, ApiRequest request, Optional<String> key, HttpResponse.BodyHandler<T> body) throws Lost {
        try {
            return http.send(httpRequest(server, request, key), body);
        } catch (HttpConnectTimeoutException e) {
            throw new Lost("no connection within " + settings.connectTimeout().toMillis() + " ms", false);
        } catch (HttpTimeoutException e) {
            throw new Lost("connected, but no answer within " + timeout(request).toMillis() + " ms", request.writes());
        } catch (ConnectException e) {
            boolean unknownHost = e.getCause() instanceof UnresolvedAddressException
                    || (e.getCause() != null && e.getCause().getCause() instanceof UnresolvedAddressException);
            throw new Lost(unknownHost ? "no such host" : "connection refused", false);
        } catch (SSLException e) {
            throw new Lost("TLS failed: " + tlsReason(e), false);
        } catch (IOException e) {
            throw new Lost("the connection broke: " + reason(e) + perhapsTls(server, e), request.writes());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Lost("interrupted", request.writes());
        }
    }

    private HttpRequest httpRequest(URI server, ApiRequest request, Optional<String> key) {
        String base = server.toString().replaceFirst("/+$", "");
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(base + "/api/v1/" + request.pathAndQuery()))
                .timeout(timeout(request))
                .header("Accept", "application/json")
                .header("Authorization", "Bearer " + settings.token());
        key.ifPresent(value -> builder.header("Idempotency-Key", value));
        request.condition().ifPresent(header -> builder.header(header.get(0), header.get(1)));
        if (request.body().isPresent()) {
            builder.header("Content-Type", "application/json");
            builder.method(
                    request.method(),
                    BodyPublishers.ofByteArray(request.body().get().utf8()));
        } else {
            builder.method(request.method(), BodyPublishers.noBody());
        }
        return builder.build();
    }

    private Duration timeout(ApiRequest request) {
        return request.timeout().orElse(settings.answerTimeout());
    }

    private static Answer answer(int status, byte[] bytes, HttpHeaders headers) throws Lost {
        Json body = body(status, bytes);
        if (status >= 200 && status < 300) {
            return new Answer(status, body, headers.firstValue("ETag"));
        }
        if (Problem.isProblem(body)) {
            throw new ApiException.Refused(new Problem(status, body));
        }
        throw new Lost("it answers with status " + status + ", not as an Andon server does", false);
    }

    private static Json body(int status, byte[] bytes) throws Lost {
        if (bytes.length == 0) {
            return Json.object().build();
        }
        try {
            return Json.parse(bytes, ANSWER);
        } catch (InvalidInput e) {
            throw new Lost("it answers with status " + status + " and something else than JSON", false);
        }
    }

    private static String reason(Exception e) {
        return Optional.ofNullable(e.getMessage())
                .or(() -> Optional.ofNullable(e.getCause()).map(Throwable::getMessage))
                .orElse(e.getClass().getSimpleName());
    }

    private static String tlsReason(SSLException e) {
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException) {
                return "nobody who is trusted here has signed its certificate. Name whom to trust with --cacert or"
                        + " ANDON_CACERT";
            }
        }
        String reason = reason(e);
        return reason.contains("plaintext") ? "it doesn't speak TLS. Its address may begin with http://" : reason;
    }

    /** A server that speaks TLS ends a connection on which nobody else does, without a word. */
    private static String perhapsTls(URI server, IOException e) {
        boolean silent = reason(e).contains("received no bytes");
        return silent && server.getScheme().equals("http")
                ? ". If it speaks TLS, its address begins with https://"
                : "";
    }

    private static String word(Json value) {
        return value instanceof Json.Text text ? text.value() : value.text();
    }

    private String idempotencyKey() {
        byte[] bytes = new byte[KEY_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
