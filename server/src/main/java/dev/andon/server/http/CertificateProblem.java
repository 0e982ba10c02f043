package dev.andon.server.http;

import org.jspecify.annotations.Nullable;

/** A certificate or key that can't be used. The message names the file and says what was expected. */
public final class CertificateProblem extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CertificateProblem(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
