package dev.andon.cli;

import dev.andon.core.json.Json;
import picocli.CommandLine.Option;

/** What every change takes. */
final class Change {
    @Option(
            names = {"-r", "--reason"},
            required = true,
            paramLabel = "TEXT",
            description = "Why. It stands in the log, for whoever is woken next.")
    private String reason = "";

    @Option(names = "--dry-run", description = "Show what would change, and change nothing.")
    boolean dryRun;

    /** The beginning of a request's body. */
    Json.Builder body() {
        if (reason.isBlank()) {
            throw CommandFailure.usage(
                    "--reason",
                    '"' + reason + '"',
                    "why, in a few words",
                    "It stands in the log; nothing has been changed.");
        }
        return Json.object().put("reason", reason);
    }

    String reason() {
        body();
        return reason;
    }
}
