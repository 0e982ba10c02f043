package dev.andon.cli.api;

import java.net.URI;
import java.util.List;
import java.util.stream.Collectors;

/** A request that wasn't carried out, or of which that isn't known. */
public sealed class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private ApiException(String message) {
        super(message);
    }

    /** The server understood the request and refused it; nothing has been changed. */
    public static final class Refused extends ApiException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        public Refused(Problem problem) {
            super(problem.line());
            this.problem = problem;
        }

        public Problem problem() {
            return problem;
        }
    }

    /** No server answered as an Andon server. */
    public static final class Unreachable extends ApiException {
        private static final long serialVersionUID = 1L;

        private final boolean perhapsDone;

        Unreachable(List<Attempt> attempts, boolean perhapsDone) {
            super(attempts.stream()
                    .map(attempt -> "server: " + attempt.server() + " (expected: an Andon server that answers; "
                            + attempt.cause() + ")")
                    .collect(Collectors.joining("\n")));
            this.perhapsDone = perhapsDone;
        }

        /** Whether a change was sent and its answer lost, so that it may have been carried out. */
        public boolean perhapsDone() {
            return perhapsDone;
        }
    }

    /** One address that was tried, and what came of it. */
    record Attempt(URI server, String cause) {}
}
