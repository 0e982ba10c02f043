package dev.andon.cli.api;

import dev.andon.core.json.Json;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One request to the API.
 *
 * @param path below {@code /api/v1}, encoded
 * @param query name and value pairs, encoded
 * @param condition an {@code If-Match} or {@code If-None-Match} header, as name and value
 * @param timeout how long the answer may take once the connection stands; the client's own unless set
 */
public record ApiRequest(
        String method,
        String path,
        List<String> query,
        Optional<Json> body,
        Optional<List<String>> condition,
        Optional<Duration> timeout,
        boolean dryRun) {

    public ApiRequest {
        query = List.copyOf(query);
    }

    /** Reads what lies at the path, given by its unencoded segments. */
    public static ApiRequest get(String... segments) {
        return of("GET", segments);
    }

    public static ApiRequest post(String... segments) {
        return of("POST", segments);
    }

    public static ApiRequest put(String... segments) {
        return of("PUT", segments);
    }

    public static ApiRequest delete(String... segments) {
        return of("DELETE", segments);
    }

    private static ApiRequest of(String method, String... segments) {
        String path = Stream.of(segments).map(ApiRequest::encode).collect(Collectors.joining("/"));
        return new ApiRequest(method, path, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), false);
    }

    public ApiRequest query(String name, String value) {
        List<String> more = new ArrayList<>(query);
        more.add(encode(name) + "=" + encode(value));
        return new ApiRequest(method, path, more, body, condition, timeout, dryRun);
    }

    public ApiRequest query(String name, Optional<String> value) {
        return value.map(present -> query(name, present)).orElse(this);
    }

    public ApiRequest body(Json.Builder json) {
        return new ApiRequest(method, path, query, Optional.of(json.build()), condition, timeout, dryRun);
    }

    /** Only if the object still has this version. */
    public ApiRequest ifVersion(long version) {
        return ifMatch("\"" + version + "\"");
    }

    /** Only if the object still has this entity tag. */
    public ApiRequest ifMatch(String etag) {
        return condition("If-Match", etag);
    }

    /** Only if there is no such object yet. */
    public ApiRequest ifAbsent() {
        return condition("If-None-Match", "*");
    }

    private ApiRequest condition(String name, String value) {
        return new ApiRequest(method, path, query, body, Optional.of(List.of(name, value)), timeout, dryRun);
    }

    public ApiRequest timeout(Duration longest) {
        return new ApiRequest(method, path, query, body, condition, Optional.of(longest), dryRun);
    }

    /** Says what would be done, and does nothing. */
    public ApiRequest dryRun(boolean dry) {
        ApiRequest request = dry ? query("dryRun", "true") : this;
        return new ApiRequest(method, path, request.query, body, condition, timeout, dry);
    }

    boolean writes() {
        return !method.equals("GET") && !dryRun;
    }

    String pathAndQuery() {
        return query.isEmpty() ? path : path + "?" + String.join("&", query);
    }

    private static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
