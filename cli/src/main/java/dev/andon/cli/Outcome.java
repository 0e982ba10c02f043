package dev.andon.cli;

import dev.andon.core.json.Json;
import java.util.function.Supplier;

/** What a command ends with: one document for programs, one text for people, one exit code. */
record Outcome(Json document, Supplier<String> text, int exitCode) {

    static Outcome done(Json document, Supplier<String> text) {
        return new Outcome(document, text, Exit.DONE);
    }

    static Outcome of(int exitCode, Json document, Supplier<String> text) {
        return new Outcome(document, text, exitCode);
    }
}
