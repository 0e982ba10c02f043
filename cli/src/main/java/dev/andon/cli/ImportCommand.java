package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.FlagKind;
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
        footer = {"", "Example:", "  andon import flagd flags.json --env production --reason \"moving here\""})
final class ImportCommand {

    @Command(
            name = "flagd",
            description = "Take over the flags of a flagd document, all in one version.",
            footer = {
                "",
                "Example:",
                "  andon import flagd flags.json --env production --owner payments \\",
                "      --reason \"moving from flagd\" --dry-run"
            })
    static final class Flagd extends ApiCommand {
        @Parameters(paramLabel = "FILE", description = "The flagd document, JSON or YAML; - for standard input.")
        private String file = "";

        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Option(names = "--owner", paramLabel = "NAME", description = "Owner of the flags that are new.")
        private Optional<String> owner = Optional.empty();

        @Option(
                names = "--kind",
                paramLabel = "KIND",
                completionCandidates = Metadata.Kinds.class,
                description = "Kind of the flags that are new: one of ${COMPLETION-CANDIDATES}.")
        private Optional<String> kind = Optional.empty();

        @Option(names = "--without", paramLabel = "FLAG", description = "Leave this flag out; may be repeated.")
        private List<String> without = new ArrayList<>();

        @Mixin
        private final Change change = new Change();

        Flagd(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json.Builder body = change.body()
                    .put("format", "flagd")
                    .put("document", FromFile.jsonOrText(shell, "FILE", file))
                    .put("owner", owner)
                    .put("kind", kind.map(word -> Words.oneOf("--kind", word, FlagKind.WORDS)));
            if (!without.isEmpty()) {
                body.put("without", Json.texts(without));
            }
            Json answer = api.send(ApiRequest.post("environments", environment.key, "imports")
                            .body(body)
                            .dryRun(change.dryRun))
                    .body();
            return Outcome.done(answer, () -> text(answer));
        }

        private String text(Json answer) {
            Fields fields = Fields.lenient(answer);
            Fields result = fields.has("result") ? fields.object("result") : fields;
            Table table = new Table().column("FLAG").rigid("RESULT").column("SAFE VARIANT");
            List<String> warnings = new ArrayList<>();
            for (Json item : result.items("flags")) {
                Fields flag = Fields.lenient(item);
                table.row(Table.cell(flag.text("key")), result(flag), Table.cell(flag.text("safeVariant", "")));
                flag.texts("warnings").forEach(warning -> warnings.add(flag.text("key") + ": " + warning));
            }
            for (Json item : result.items("segments")) {
                Fields segment = Fields.lenient(item);
                table.row(Table.cell("segment " + segment.text("key")), result(segment), Table.cell(""));
            }
            warnings.addAll(result.texts("warnings"));
            StringBuilder out = new StringBuilder(table.render(shell.terminal()));
            warnings.forEach(warning -> out.append(shell.paint(Paint.WARN, "warning: " + Glyphs.printable(warning)))
                    .append('\n'));
            out.append(change.dryRun ? "Would import into " : "Imported into ").append(environment.key);
            out.append(change.dryRun ? "" : " as version " + Words.of(fields, "version"));
            return out.append(". A kill serves the safe variant: check that each is safe.\n")
                    .toString();
        }

        private static Table.Cell result(Fields item) {
            String result = item.text("result");
            return Table.cell(result, result.equals("unchanged") ? Paint.DIM : Paint.GOOD);
        }
    }
}
