package dev.andon.core.stream;

/** What a driver tells a {@link ClientLink}. Inputs about a connection that the link has given up are ignored. */
public sealed interface LinkInput {

    /** The process begins; the state that was loaded, if any, is in force already. */
    record Start() implements LinkInput {}

    /** The connection stands; nothing was sent yet. */
    record Opened(long connection) implements LinkInput {}

    record Received(long connection, Frame frame) implements LinkInput {}

    /** Something arrived that is no frame, such as a poll's answer that there is nothing new. */
    record Heard(long connection) implements LinkInput {}

    /** A message arrived that is no frame of this protocol. */
    record Unreadable(long connection, String detail) implements LinkInput {}

    /** The connection ended, or never came to be. */
    record Closed(long connection, Cause cause) implements LinkInput {}

    /** Time has passed; due at {@link ClientLink#deadlineMs()} at the latest, welcome at any time. */
    record Tick() implements LinkInput {}

    /** {@link LinkEffect.PutInForce} failed; what was in force before still is. */
    record NotInForce(HeldState inForce, String detail) implements LinkInput {}

    /** The process ends. */
    record Close() implements LinkInput {}

    /** Why a connection ended. */
    sealed interface Cause {
        String detail();
    }

    /** Nothing answered at the address: refused, no route, no such host, no connection in time. */
    record Unreachable(String detail) implements Cause {}

    /**
     * Something answered with an HTTP status instead of a stream.
     *
     * @param retryAfterMs how long it asks to be left alone; 0 if it doesn't say
     */
    record Status(int code, long retryAfterMs) implements Cause {
        private static final int PROXY_AUTHENTICATION = 407;

        @Override
        public String detail() {
            return "HTTP status " + code + (code == PROXY_AUTHENTICATION ? " (the proxy wants other credentials)" : "");
        }
    }

    /** What answered can't prove by its certificate that it is the server. */
    record Distrusted(String detail) implements Cause {}

    /** The connection broke. */
    record Lost(String detail) implements Cause {}
}
