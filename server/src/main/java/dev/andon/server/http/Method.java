package dev.andon.server.http;

/** What a route does to its resource. HEAD and OPTIONS are answered for every route without being declared. */
public enum Method {
    GET,
    POST,
    PUT,
    DELETE;

    /** Whether requests carry a body. */
    boolean hasBody() {
        return this == POST || this == PUT;
    }
}
