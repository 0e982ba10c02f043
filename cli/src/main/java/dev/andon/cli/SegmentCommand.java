package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "segment",
        description = "List, show, set and delete segments: named audiences that rules share.",
        subcommands = {
            SegmentCommand.ListAll.class,
            SegmentCommand.Show.class,
            SegmentCommand.Save.class,
            SegmentCommand.Delete.class
        },
        footer = {"", "Example:", "  andon segment list --env production"})
final class SegmentCommand {

    @Command(
            name = "list",
            description = "List an environment's segments.",
            footer = {"", "Example:", "  andon segment list --env production"})
    static final class ListAll extends ApiCommand {
        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Mixin
        private final AsOf asOf = new AsOf();

        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json all = api.all(
                    ApiRequest.get("environments", environment.key, "segments").query("at", asOf.version(api, shell)));
            return Outcome.done(all, () -> table(Fields.lenient(all).items("items")));
        }

        private String table(List<Json> items) {
            Table table = new Table()
                    .rigid("SEGMENT")
                    .column("DESCRIPTION")
                    .column("WHEN")
                    .number("VERSION");
            for (Json item : items) {
                Fields segment = segment(item);
                table.row(
                        segment.text("key", ""),
                        segment.text("description", ""),
                        Words.of(segment, "when"),
                        Words.of(Fields.lenient(item), "version"));
            }
            return table.isEmpty()
                    ? "There are no segments in " + environment.key + ".\n"
                    : table.render(shell.terminal());
        }
    }

    @Command(
            name = "show",
            description = "Show a segment.",
            footer = {"", "Example:", "  andon segment show staff --env production"})
    static final class Show extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "Key of the segment.")
        private String key = "";

        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Mixin
        private final AsOf asOf = new AsOf();

        Show(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json answer = api.send(ApiRequest.get("environments", environment.key, "segments", key)
                            .query("at", asOf.version(api, shell)))
                    .body();
            return Outcome.done(answer, () -> text(answer));
        }

        private String text(Json answer) {
            Fields segment = segment(answer);
            String version = Words.of(Fields.lenient(answer), "version");
            String description = segment.text("description", "");
            return shell.paint(Paint.BOLD, key) + "  version " + version + "\n"
                    + (description.isEmpty() ? "" : "  " + Glyphs.printable(description) + "\n")
                    + segment.json("when").pretty() + "\n";
        }
    }

    @Command(
            name = "set",
            description = "Create or replace a segment.",
            footer = {
                "",
                "Example:",
                "  andon segment set staff --env production --reason \"staff first\" \\",
                "      --when '{\"attribute\":\"email\",\"endsWith\":[\"@example.org\"]}'"
            })
    static final class Save extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "Key of the segment.")
        private String key = "";

        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Option(names = "--when", paramLabel = "JSON", description = "The condition, as JSON.")
        private Optional<String> when = Optional.empty();

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "The condition from a JSON file (- for standard input).")
        private Optional<String> file = Optional.empty();

        @Option(names = "--description", paramLabel = "TEXT", description = "Who they are.")
        private Optional<String> description = Optional.empty();

        @Option(
                names = "--if-version",
                paramLabel = "N",
                description = "Only if it still has this version; 0 if it is new.")
        private Optional<Long> ifVersion = Optional.empty();

        @Mixin
        private final Change change = new Change();

        Save(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            if (when.isPresent() == file.isPresent()) {
                throw CommandFailure.usage(
                        "--when",
                        when.isPresent() ? "beside --file" : "nothing",
                        "a condition, by --when or --file",
                        "Nothing was changed.");
            }
            Json condition = when.map(text -> FromFile.parse("--when", text))
                    .orElseGet(() -> FromFile.json(shell, "--file", file.orElseThrow()));
            Map<String, Json> segment = new LinkedHashMap<>();
            Optional<String> etag = before(api, segment);
            Json before = segment.isEmpty() ? Json.Null.NULL : new Json.Members(segment);
            segment.put("key", Json.of(key));
            description.ifPresent(text -> segment.put("description", Json.of(text)));
            segment.put("when", condition);
            ApiRequest put = ApiRequest.put("environments", environment.key, "segments", key)
                    .body(change.body().put("segment", new Json.Members(segment)));
            ApiRequest guarded = ifVersion
                    .map(put::ifVersion)
                    .or(() -> etag.map(put::ifMatch))
                    .orElseGet(put::ifAbsent);
            Json answer = api.send(guarded.dryRun(change.dryRun)).body();
            return Outcome.done(
                    answer,
                    () -> new ChangedText(shell, change).of("SAVED", "WOULD SAVE", key, answer, before, "segment"));
        }

        /** Reads what is there into {@code segment}; nothing if there is none yet. */
        private Optional<String> before(ApiClient api, Map<String, Json> segment) {
            try {
                var before = api.send(ApiRequest.get("environments", environment.key, "segments", key));
                segment.putAll(before.fields().map("segment"));
                return before.etag();
            } catch (ApiException.Refused e) {
                if (e.problem().status() == 404) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    @Command(
            name = "delete",
            description = "Delete a segment that no flag uses any more.",
            footer = {"", "Example:", "  andon segment delete staff --env production --reason \"roll-out is over\""})
    static final class Delete extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "Key of the segment.")
        private String key = "";

        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Mixin
        private final Change change = new Change();

        Delete(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Optional<String> etag = api.send(ApiRequest.get("environments", environment.key, "segments", key))
                    .etag();
            ApiRequest delete = ApiRequest.delete("environments", environment.key, "segments", key)
                    .query("reason", change.reason());
            Json answer = api.send(etag.map(delete::ifMatch).orElse(delete).dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer, () -> new ChangedText(shell, change).of("DELETED", "WOULD DELETE", key, answer));
        }
    }

    /** The segment, be it the document itself or its member {@code segment}. */
    private static Fields segment(Json item) {
        Fields fields = Fields.lenient(item);
        return fields.has("segment") ? fields.object("segment") : fields;
    }
}
