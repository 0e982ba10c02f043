package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        description = "Release a flag's kills: its configuration decides again. Needs the ledger.",
        footer = {"", "Example:", "  andon restore new-checkout --env production --reason \"fixed in 2.4.1\""})
final class RestoreCommand extends ApiCommand {
    @Parameters(paramLabel = "FLAG", arity = "0..1", description = "Key of the flag whose kills to release.")
    private Optional<String> flag = Optional.empty();

    @Option(names = "--kill", paramLabel = "ID", description = "Release this one kill only.")
    private Optional<String> kill = Optional.empty();

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Mixin
    private final Change change = new Change();

    RestoreCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        if (flag.isPresent() == kill.isPresent()) {
            throw CommandFailure.usage(
                    "FLAG",
                    flag.isPresent() ? "beside --kill" : "nothing",
                    "a flag's key, or --kill ID",
                    "Nothing was restored.");
        }
        Json.Builder body = change.body().put("flag", flag).put("kill", kill);
        Json answer = api.send(ApiRequest.post("environments", environment.key, "restores")
                        .body(body)
                        .dryRun(change.dryRun))
                .body();
        return Outcome.done(answer, () -> text(answer));
    }

    private String text(Json answer) {
        Fields fields = Fields.lenient(answer);
        Fields result = fields.has("result") ? fields.object("result") : fields;
        List<String> released =
                result.items("released").stream().map(RestoreCommand::name).toList();
        List<String> stopping =
                result.items("stillStopped").stream().map(RestoreCommand::name).toList();
        String what = flag.or(() -> kill).orElse("") + " in " + environment.key;
        StringBuilder out = new StringBuilder();
        if (released.isEmpty()) {
            out.append("NOTHING TO RESTORE  no kill of ").append(what).append(" stands\n");
        } else {
            out.append(shell.paint(Paint.GOOD, change.dryRun ? "WOULD RESTORE" : "RESTORED"));
            out.append("  ").append(what);
            out.append(fields.has("version") && !change.dryRun ? ", version " + Words.of(fields, "version") : "");
            out.append('\n')
                    .append("  released: ")
                    .append(Glyphs.printable(Words.list(released)))
                    .append('\n');
        }
        if (!stopping.isEmpty()) {
            out.append(shell.paint(Paint.WARN, "  still stopped by: " + Glyphs.printable(Words.list(stopping))));
            out.append('\n');
        }
        return out.toString();
    }

    /** A kill's id, be it given alone or as the kill itself. */
    private static String name(Json item) {
        return item instanceof Json.Members ? Words.of(Fields.lenient(item), "id") : Words.of(item);
    }
}
