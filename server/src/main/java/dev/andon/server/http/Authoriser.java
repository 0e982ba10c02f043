package dev.andon.server.http;

import org.jspecify.annotations.Nullable;

/** Says whose token a request carries. Thread-safe; never blocks, so that event loops may call it. */
public interface Authoriser {
    /**
     * @param authorization the header's value
     * @throws ProblemException with 401 when there is no accepted token, with 403 when its role doesn't suffice
     */
    Caller authorise(@Nullable String authorization, Access access);
}
