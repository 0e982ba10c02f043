package dev.andon.sdk;

import dev.andon.core.stream.LinkInput;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import javax.net.ssl.SSLException;

/** A connection's failure of which is known what it means to the link. */
final class Failure extends IOException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_CAUSES = 16;

    private final transient LinkInput.Cause cause;

    Failure(LinkInput.Cause cause) {
        super(cause.detail());
        this.cause = cause;
    }

    /** What any failure means. A certificate that isn't trusted waits for a person; a broken network for better times. */
    static LinkInput.Cause cause(Throwable failure) {
        if (failure instanceof Failure known) {
            return known.cause;
        }
        if (failure instanceof SSLException && !brokenOff(failure)) {
            return new LinkInput.Distrusted("TLS: " + failure.getMessage());
        }
        String message = failure.getMessage();
        return new LinkInput.Lost(message == null ? failure.getClass().getSimpleName() : message);
    }

    private static boolean brokenOff(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof EOFException
                    || cause instanceof SocketException
                    || cause instanceof SocketTimeoutException) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
