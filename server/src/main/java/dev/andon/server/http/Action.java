package dev.andon.server.http;

/**
 * A route's code. Runs on a virtual thread of its own and may block; on the event loop for calls that its route says to be
 * {@linkplain Route#prompt() prompt}.
 */
@FunctionalInterface
public interface Action {
    /** Answers, or throws what {@link Problems} makes a problem of. */
    Reply handle(Call call) throws Exception;
}
