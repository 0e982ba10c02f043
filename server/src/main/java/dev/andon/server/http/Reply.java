package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a handler answers. Immutable; {@code body} is not copied and not to be changed.
 *
 * @param pieces what comes in place of the body
 * @param handedOver run when the whole answer was handed to the network; not run if it couldn't be, nor for pieces
 */
@SuppressWarnings("ArrayRecordComponent")
public record Reply(
        int status,
        Map<String, String> headers,
        String contentType,
        byte[] body,
        Optional<Pieces> pieces,
        Runnable handedOver) {
    public static final String JSON = "application/json";

    private static final byte[] NOTHING = {};

    public Reply {
        headers = headers.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(headers));
    }

    public Reply(int status, Map<String, String> headers, String contentType, byte[] body) {
        this(status, headers, contentType, body, Optional.empty(), Reply::nobodyAsks);
    }

    /**
     * A body of any length, made while it is sent.
     *
     * @param source blocks, and throws if the body can't be finished: the client's connection is cut off then
     * @param ended run once when it is over, whether it was finished or not
     */
    public static Reply pieces(String contentType, Iterator<byte[]> source, Runnable ended) {
        return new Reply(
                200, Map.of(), contentType, NOTHING, Optional.of(new Pieces(source, ended)), Reply::nobodyAsks);
    }

    private static void nobodyAsks() {}

    public static Reply ok(Json body) {
        return json(200, body);
    }

    public static Reply json(int status, Json body) {
        return json(status, body.utf8());
    }

    /** @param body encoded already */
    public static Reply json(int status, byte[] body) {
        return new Reply(status, Map.of(), JSON, body);
    }

    public static Reply text(int status, String contentType, String body) {
        return new Reply(status, Map.of(), contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    public static Reply empty(int status) {
        return new Reply(status, Map.of(), "", NOTHING);
    }

    /** With the version as its entity tag, as {@code If-Match} takes it. */
    public Reply version(long version) {
        return header("ETag", "\"" + version + "\"");
    }

    /** Without what it was to carry. */
    Reply headAlone() {
        return new Reply(status, headers, contentType, NOTHING);
    }

    public Reply header(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new Reply(status, more, contentType, body, pieces, handedOver);
    }

    /** @param next run on the event loop, which it mustn't hold up, when the answer was handed to the network */
    public Reply handedOver(Runnable next) {
        return new Reply(status, headers, contentType, body, pieces, next);
    }
}
