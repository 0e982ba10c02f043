package dev.andon.server.node;

import org.jspecify.annotations.Nullable;

/** Why a server didn't start. The message says what to do. */
public final class StartProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StartProblem(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
