package dev.andon.cli;

import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;

/** What became of a change: a headline with its version, then what is different now. */
record ChangedText(Shell shell, Change change) {

    /** A change of which the answer shows all there is to show. */
    String of(String done, String would, String subject, Json answer) {
        return headline(done, would, subject, Fields.lenient(answer)) + planned(answer);
    }

    /** A change of a member that the answer shows as it is now, and {@code before} as it was. */
    String of(String done, String would, String subject, Json answer, Json before, String member) {
        Fields fields = Fields.lenient(answer);
        if (change.dryRun || !fields.has(member)) {
            return of(done, would, subject, answer);
        }
        String details = ChangesText.between(before, fields.json(member), shell.terminal());
        return headline(details.isEmpty() ? "UNCHANGED" : done, would, subject, fields) + details;
    }

    private String headline(String done, String would, String subject, Fields answer) {
        String verb = shell.paint(change.dryRun ? Paint.WARN : Paint.GOOD, change.dryRun ? would : done);
        String version = answer.has("version") && !change.dryRun ? ", version " + Words.of(answer, "version") : "";
        return verb + "  " + subject + version + "\n";
    }

    private String planned(Json answer) {
        return ChangesText.of(Fields.lenient(answer), shell.terminal());
    }
}
