package dev.andon.server.http;

/**
 * A route's code. Runs on a virtual thread of its own and may block; what answers a call
 * {@linkplain Route#prompt() at once} runs on the event loop and may not.
 */
@FunctionalInterface
public interface Action {
    /** Answers, or throws what {@link Problems} makes a problem of. */
    Reply handle(Call call) throws Exception;
}
