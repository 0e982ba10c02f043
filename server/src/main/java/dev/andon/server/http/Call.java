package dev.andon.server.http;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Sha256;
import dev.andon.server.node.CommandContext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request, authorised and within the limits, as a handler sees it. Used by one thread at a time.
 */
public final class Call {
    private static final int MAX_KEY_CHARS = 128;

    private final Route route;
    private final Map<String, String> path;
    private final Map<String, String> query;
    private final Map<String, String> headers;
    private final byte[] body;
    private final Optional<Caller> caller;
    private final String correlation;
    private final String peer;
    private @Nullable String reason;

    /**
     * @param headers by lower-case name: those that the route declares
     * @param peer the address of the machine at the connection's other end
     */
    Call(
            Route route,
            Map<String, String> path,
            Map<String, String> query,
            Map<String, String> headers,
            byte[] body,
            Optional<Caller> caller,
            String correlation,
            String peer) {
        this.route = route;
        this.path = path;
        this.query = query;
        this.headers = headers;
        this.body = body;
        this.caller = caller;
        this.correlation = correlation;
        this.peer = peer;
    }

    /** The value of a parameter in the path. */
    public String path(String name) {
        String value = path.get(name);
        if (value == null) {
            throw new IllegalStateException(route + ": {" + name + "} (expected: a parameter of the path)");
        }
        return value;
    }

    public Optional<String> query(String name) {
        return Optional.ofNullable(query.get(name));
    }

    /** A whole number in the query. */
    public long query(String name, long min, long max, long otherwise) {
        String text = query.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            long value = Long.parseLong(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Refused below, like a number out of range.
        }
        String range = max == Long.MAX_VALUE ? "at least " + min : "from " + min + " to " + max;
        throw new InvalidInput("query." + name, text, "a whole number, " + range);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name.toLowerCase(java.util.Locale.ROOT)));
    }

    public Page page() {
        return new Page((int) query("limit", 1, Page.MAX_LIMIT, Page.USUAL_LIMIT), query("after"));
    }

    public Caller caller() {
        return caller.orElseThrow(() -> new IllegalStateException(route + ": open (expected: a route with callers)"));
    }

    public String correlation() {
        return correlation;
    }

    /** The address of the machine at the connection's other end: the client's, or that of a proxy before it. */
    public String peer() {
        return peer;
    }

    public Precondition precondition() {
        return Precondition.read(header("If-Match"), header("If-None-Match"));
    }

    public boolean dryRun() {
        String value = query.getOrDefault(Route.DRY_RUN, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new InvalidInput("query." + Route.DRY_RUN, value, "true or false");
        }
        return value.equals("true");
    }

    boolean hasBody() {
        return route.method().hasBody();
    }

    /** Whether nothing was sent. */
    public boolean bodyless() {
        return body.length == 0;
    }

    public int bodyBytes() {
        return body.length;
    }

    /** The body as it came. */
    public Json json() {
        return Json.parse(body);
    }

    /** Reads the body's members, and a write's reason; refuses members that nobody asked for. */
    public <T> T read(Function<Fields, T> reader) {
        Fields fields = Fields.strict(json());
        T read = reader.apply(fields);
        if (route.write()) {
            reason = fields.text(Route.REASON, Keys.TEXT_CHARS);
        }
        fields.end();
        return read;
    }

    /** Reads an object inside another, to its end. */
    public static <T> T nested(Fields fields, String name, Function<Fields, T> reader) {
        Fields object = fields.object(name);
        try {
            T read = reader.apply(object);
            object.end();
            return read;
        } catch (InvalidInput e) {
            // What a model's constructor refuses, it names as seen from itself.
            if (e.path().startsWith(fields.pathOf(name))) {
                throw e;
            }
            throw new InvalidInput(object.pathOf(e.path()), e.value(), e.expected());
        }
    }

    /** Who changes what and why; after {@link #read} where there is a body. */
    public CommandContext context() {
        return new CommandContext(actor(caller()), reason(), correlation, idempotency(), dryRun());
    }

    private static String actor(Caller caller) {
        return "token:" + caller.name() + " (" + caller.token() + ")";
    }

    private String reason() {
        if (route.method().hasBody()) {
            if (reason == null) {
                throw new IllegalStateException(route + ": body unread (expected: read before it is acted on)");
            }
            return reason;
        }
        String given = query.getOrDefault(Route.REASON, "");
        if (given.isBlank() || given.length() > Keys.TEXT_CHARS) {
            throw new InvalidInput(
                    "query." + Route.REASON,
                    given.isBlank() ? "nothing" : given.length() + " characters",
                    "why, in 1 to " + Keys.TEXT_CHARS + " characters");
        }
        return given;
    }

    private Optional<CommandContext.Idempotency> idempotency() {
        return header("Idempotency-Key").map(key -> {
            boolean plain = key.chars().allMatch(c -> c > ' ' && c < 0x7f);
            if (key.isEmpty() || key.length() > MAX_KEY_CHARS || !plain) {
                throw new InvalidInput(
                        "Idempotency-Key", key, "1 to " + MAX_KEY_CHARS + " visible ASCII characters, such as a UUID");
            }
            return new CommandContext.Idempotency(caller().token() + "/" + key, digest());
        });
    }

    /** SHA-256 over what is asked: method, path, query and body. */
    private String digest() {
        MessageDigest sha256 = Sha256.begin();
        Json request = Json.texts(List.of(route.toString(), path.toString(), new TreeMap<>(query).toString()));
        sha256.update(request.text().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(sha256.digest(body));
    }
}
