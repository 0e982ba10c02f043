package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
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
        name = "import",
        description = "Take flags over from elsewhere.",
        subcommands = ImportCommand.Flagd.class,
        footer = {"", "Example:", "  andon import flagd flags.json --env production --reason \"moving from flagd\""})
final class ImportCommand {

    @Command(
            name = "flagd",
            description = "Take over the flags of a flagd document, all in one version.",
            footer = {
                "",
                "Example:",
                "  andon import flagd flags.json --env production --reason \"moving from flagd\" --dry-run"
            })
    static final class Flagd extends ApiCommand {
        @Parameters(paramLabel = "FILE", description = "The flagd document, JSON; - for standard input.")
        private String file = "";

        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Option(names = "--owner", paramLabel = "NAME", description = "Owner of the flags that are new.")
        private Optional<String> owner = Optional.empty();

        @Mixin
        private final Change change = new Change();

        Flagd(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json.Builder body = change.body()
                    .put("format", "flagd")
                    .put("document", FromFile.json(shell, "FILE", file))
                    .put("owner", owner);
            Json answer = api.send(ApiRequest.post("environments", environment.key, "imports")
                            .body(body)
                            .dryRun(change.dryRun))
                    .body();
            return Outcome.done(answer, () -> text(answer));
        }

        private String text(Json answer) {
            Fields fields = Fields.lenient(answer);
            Table table = new Table().column("FLAG").rigid("RESULT");
            List<String> warnings = new ArrayList<>();
            for (Json item : fields.items("flags")) {
                Fields flag = Fields.lenient(item);
                String key = Words.of(flag, "flag");
                String result = Words.of(flag, "result");
                table.row(Table.cell(key), Table.cell(result, result.equals("unchanged") ? Paint.DIM : Paint.GOOD));
                flag.items("warnings").forEach(warning -> warnings.add(key + ": " + Words.of(warning)));
            }
            StringBuilder out = new StringBuilder(table.render(shell.terminal())).append('\n');
            warnings.forEach(warning -> out.append(shell.paint(Paint.WARN, "warning: " + Glyphs.printable(warning)))
                    .append('\n'));
            out.append(change.dryRun ? "Would import" : "Imported");
            out.append(" into ").append(environment.key);
            out.append(fields.has("version") && !change.dryRun ? " as version " + Words.of(fields, "version") : "");
            return out.append(".\n").toString();
        }
    }
}
