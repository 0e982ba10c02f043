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
            "  andon rollback new-checkout --env production --to 41 --reason \"back to before the roll-out\" --dry-run"
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
        return Outcome.done(answer, () -> text(answer));
    }

    private String text(Json answer) {
        Fields fields = Fields.lenient(answer);
        String what = Words.list(flags) + " in " + environment.key + " to version " + version;
        StringBuilder out = new StringBuilder();
        boolean nothing = fields.items("changes").isEmpty();
        if (nothing) {
            out.append("NOTHING TO ROLL BACK  ").append(what).append(": it is so already\n");
        } else {
            out.append(shell.paint(Paint.GOOD, change.headline("ROLLED BACK", "WOULD ROLL BACK")));
            out.append("  ").append(what);
            out.append(fields.has("version") && !change.dryRun ? ", as version " + Words.of(fields, "version") : "");
            out.append('\n').append(ChangesText.of(fields, shell.terminal()));
        }
        notes(out, "not rolled back", fields.items("skipped"));
        notes(out, "changed since version " + version + ", and kept", fields.items("changedDependencies"));
        if (!fields.items("changedDependencies").isEmpty()) {
            out.append("  Evaluations may differ from those at version ").append(version);
            out.append("; --with-dependencies rolls these back, too.\n");
        }
        return out.toString();
    }

    private void notes(StringBuilder out, String what, List<Json> items) {
        for (Json item : items) {
            out.append(shell.paint(Paint.WARN, "  " + what + ": " + Glyphs.printable(note(item))))
                    .append('\n');
        }
    }

    private static String note(Json item) {
        if (!(item instanceof Json.Members)) {
            return Words.of(item);
        }
        Fields fields = Fields.lenient(item);
        String name = fields.has("subject") ? Words.of(fields, "subject") : Words.of(fields, "flag");
        String why = Words.of(fields, "reason");
        return name + (why.isEmpty() ? "" : " (" + why + ")");
    }
}
