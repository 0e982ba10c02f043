package dev.andon.server.node;

import org.jspecify.annotations.Nullable;

/** The node has so much to do that it didn't get round to an answer. Nothing was changed; asking again later helps. */
public final class TooBusy extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TooBusy(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
