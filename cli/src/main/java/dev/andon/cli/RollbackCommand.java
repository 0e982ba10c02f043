package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = "Give flags the configuration that they had at a version, as a new version.",
        footer = {
            "",
            "A rollback doesn't release kills: 'andon restore' does.",
            "",
            "Example:",
            "  andon rollback new-checkout --env production --to 41 \\",
            "      --reason \"back to before the roll-out\" --dry-run"
        })
final class RollbackCommand extends ApiCommand {
    @Parameters(paramLabel = "FLAG", arity = "1..*", description = "Keys of the flags to roll back, in one version.")
    private List<String> flags = List.of();

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Option(
            names = "--to",
            required = true,
            paramLabel = "VERSION",
            description = "Version to go back to, as 'andon log' shows it.")
    private long version;

    @Option(
            names = "--with-dependencies",
            description = "Roll back the segments and prerequisites that they read, too.")
    private boolean withDependencies;

    @Mixin
    private final Change change = new Change();

    RollbackCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Json.Builder body = change.body()
                .put("flags", Json.texts(flags))
                .put("to", version)
                .put("withDependencies", withDependencies);
        Json answer = api.send(ApiRequest.post("environments", environment.key, "rollbacks")
                        .body(body)
                        .dryRun(change.dryRun))
                .body();
        Json shown = json || change.dryRun ? answer : changes(api, answer);
        return Outcome.done(answer, () -> text(answer, shown));
    }

    /** What was written, as the log has it. */
    private static Json changes(ApiClient api, Json answer) {
        Fields fields = Fields.lenient(answer);
        boolean nothing =
                fields.items("flags").isEmpty() && fields.items("segments").isEmpty();
        return nothing
                ? answer
                : api.send(ApiRequest.get("log", Words.of(fields, "version"))).body();
    }

    private String text(Json answer, Json shown) {
        Fields fields = Fields.lenient(answer);
        Fields result = fields.has("result") ? fields.object("result") : fields;
        Fields changes = Fields.lenient(shown);
        String what = Words.list(flags) + " in " + environment.key + " to version " + version;
        StringBuilder out = new StringBuilder();
        if (changes.items("changes").isEmpty()) {
            out.append("NOTHING TO ROLL BACK  ").append(what).append(": it is so already\n");
        } else {
            out.append(shell.paint(Paint.GOOD, change.dryRun ? "WOULD ROLL BACK" : "ROLLED BACK"));
            out.append("  ").append(what);
            out.append(change.dryRun ? "" : ", as version " + Words.of(fields, "version"));
            out.append('\n').append(ChangesText.of(changes, shell.terminal()));
        }
        notes(out, "needs nothing", result.items("skipped"), "flag", "why");
        notes(out, "different since version " + version, result.items("changedDependencies"), "subject", "change");
        if (!withDependencies && !result.items("changedDependencies").isEmpty()) {
            out.append("  Evaluations may differ from those at version ").append(version);
            out.append("; --with-dependencies rolls these back, too.\n");
        }
        if (!result.texts("alsoAffected").isEmpty()) {
            out.append("  other flags that read what is rolled back: ");
            out.append(Words.list(result.texts("alsoAffected"))).append('\n');
        }
        return out.toString();
    }

    private void notes(StringBuilder out, String what, List<Json> items, String name, String note) {
        for (Json item : items) {
            Fields fields = Fields.lenient(item);
            String line = what + ": " + Words.of(fields, name) + " (" + Words.of(fields, note) + ")";
            out.append("  ")
                    .append(shell.paint(Paint.WARN, Glyphs.printable(line)))
                    .append('\n');
        }
    }
}
