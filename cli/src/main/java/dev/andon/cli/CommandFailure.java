package dev.andon.cli;

import dev.andon.core.json.Json;
import java.util.Optional;

/** A command that ended without doing what was asked: what is wrong, what to do next, and the exit code. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient Optional<String> advice;
    private final transient Json document;

    /** @param document what {@code --json} prints */
    CommandFailure(int exitCode, String message, Optional<String> advice, Json document) {
        super(message);
        this.exitCode = exitCode;
        this.advice = advice;
        this.document = document;
    }

    static CommandFailure of(int exitCode, String title, String message, String advice) {
        Json document = Json.object()
                .put("title", title)
                .put("detail", message)
                .put("advice", advice)
                .put("exitCode", exitCode)
                .build();
        return new CommandFailure(exitCode, message, Optional.of(advice), document);
    }

    /** A command line that can't be understood. */
    static CommandFailure usage(String name, String value, String expected, String advice) {
        return of(Exit.USAGE, "usage", name + ": " + value + " (expected: " + expected + ")", advice);
    }

    int exitCode() {
        return exitCode;
    }

    Optional<String> advice() {
        return advice;
    }

    Json document() {
        return document;
    }

    private static String message(Throwable e) {
        return Optional.ofNullable(e.getMessage()).orElse(e.toString());
    }

    /** A failure that nobody foresaw. */
    static CommandFailure defect(Throwable cause) {
        CommandFailure failure = of(
                Exit.DEFECT,
                "defect",
                "unexpected failure: " + message(cause),
                "This is a defect of andon. Run again with ANDON_DEBUG=1 for its trace, and please report it.");
        failure.initCause(cause);
        return failure;
    }
}
