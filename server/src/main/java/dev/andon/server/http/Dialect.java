package dev.andon.server.http;

import java.util.Optional;

/**
 * How the routes of another protocol differ from the API's: how they are asked and how they refuse. Runs on event loops and
 * must not block. Thread-safe.
 */
public interface Dialect {
    /** The longest body that is taken. */
    int bodyBytes();

    /** What the Authorization header holds, or would. */
    Optional<String> credential(Headers request);

    /**
     * The protocol's own words for a problem.
     *
     * @param shown whether the request carried a credential
     */
    Reply refusal(Problem problem, boolean shown);

    /** An answer, refusals included, with the headers that the protocol's clients need. */
    Reply dressed(Reply reply, String method, Headers request);

    /** A request's headers. */
    @FunctionalInterface
    interface Headers {
        @org.jspecify.annotations.Nullable
        String get(String name);
    }
}
