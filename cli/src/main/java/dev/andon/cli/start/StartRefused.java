package dev.andon.cli.start;

/** What was asked for can't be had on this machine as things stand; the message says what to do. */
public final class StartRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StartRefused(String message, Throwable cause) {
        super(message, cause);
    }
}
