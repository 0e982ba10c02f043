package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rollback",
        description = {
            "Give flags and segments what they had at a version or a time, as a new version;",
            "without flags and segments, the whole environment, exactly as it was then."
        },
        footer = {
            "",
            "A rollback doesn't release kills: 'andon restore' does. Archived flags come back.",
            "",
            "Examples:",
            "  andon rollback new-checkout --env production --to 41 \\",
            "      --reason \"back to before the roll-out\" --dry-run",
            "  andon rollback --env production --to 2026-11-22T14:03:00Z \\",
            "      --reason \"all of this afternoon\""
        })
final class RollbackCommand extends ApiCommand {
    @Parameters(paramLabel = "FLAG", arity = "0..*", description = "Keys of the flags to roll back, in one version.")
    private List<String> flags = List.of();

    @Option(names = "--segment", paramLabel = "KEY", description = "A segment to roll back; may be repeated.")
    private List<String> segments = new ArrayList<>();

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Option(
            names = "--to",
            required = true,
            paramLabel = Point.LABEL,
            converter = Point.Converter.class,
            description = "What to go back to: a version, as 'andon log' shows it, or a time.")
    private Point to = new Point("");

    @Option(
            names = "--with-dependencies",
            description = "Roll back the segments and prerequisites that they read, too.")
    private boolean withDependencies;

    @Option(
            names = {"-y", "--yes"},
            description = "Don't ask before a whole environment is rolled back.")
    private boolean yes;

    @Mixin
    private final Change change = new Change();

    RollbackCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        boolean whole = flags.isEmpty() && segments.isEmpty();
        if (whole && withDependencies) {
            throw CommandFailure.usage(
                    "--with-dependencies",
                    "without a flag or segment",
                    "flags or segments to roll back; a whole environment depends on nothing else",
                    "Nothing has been rolled back.");
        }
        String version = to.version(api, shell);
        RollbackText text = new RollbackText(shell, environment.key, names());
        Json.Builder body = body(whole, version);
        if (change.dryRun) {
            Json rehearsed = send(api, body, true);
            return Outcome.done(rehearsed, () -> text.planned(rehearsed, Integer.MAX_VALUE));
        }
        if (!whole) {
            Json answer = send(api, body, false);
            Json shown = json ? answer : changes(api, answer);
            return Outcome.done(answer, () -> text.done(answer, Optional.of(shown)));
        }
        Json rehearsed = send(api, body, true);
        shell.err().print(text.planned(rehearsed, RollbackText.SHOWN));
        shell.err().flush();
        if (!Fields.lenient(rehearsed).has("dryRun")) {
            return Outcome.done(rehearsed, () -> "");
        }
        if (!yes && shell.terminal().interactive()) {
            confirm();
        }
        body.put("ifUnchangedSince", Fields.lenient(rehearsed).json("version"));
        Json answer = send(api, body, false);
        return Outcome.done(answer, () -> text.done(answer, Optional.empty()));
    }

    private List<String> names() {
        List<String> names = new ArrayList<>(flags);
        names.addAll(segments);
        return names;
    }

    private Json.Builder body(boolean whole, String version) {
        Json.Builder body = change.body();
        if (whole) {
            body.put("whole", true);
        } else if (!flags.isEmpty()) {
            body.put("flags", Json.texts(flags));
        }
        if (!segments.isEmpty()) {
            body.put("segments", Json.texts(segments));
        }
        body.put("to", Long.parseLong(version));
        return withDependencies ? body.put("withDependencies", true) : body;
    }

    private Json send(ApiClient api, Json.Builder body, boolean dryRun) {
        return api.send(ApiRequest.post("environments", environment.key, "rollbacks")
                        .body(body)
                        .dryRun(dryRun))
                .body();
    }

    /** What was written, as the log has it. */
    private static Json changes(ApiClient api, Json answer) {
        boolean nothing = RollbackText.changed(Fields.lenient(answer)) == 0;
        return nothing
                ? answer
                : api.send(ApiRequest.get("log", Words.of(Fields.lenient(answer), "version")))
                        .body();
    }

    private void confirm() {
        shell.err().print("Type the environment's name to roll it back: ");
        shell.err().flush();
        Optional<String> typed = shell.readLine().map(String::strip);
        if (typed.isEmpty() || !typed.get().equals(environment.key)) {
            throw CommandFailure.of(
                    Exit.USAGE,
                    "not confirmed",
                    "confirmation: \"" + typed.orElse("") + "\" (expected: " + environment.key + ")",
                    "Nothing has been rolled back. --yes rolls back without asking.");
        }
    }
}
