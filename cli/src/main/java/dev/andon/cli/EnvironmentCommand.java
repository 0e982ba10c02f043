package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "environment",
        description = "List and create environments.",
        subcommands = {EnvironmentCommand.ListAll.class, EnvironmentCommand.Create.class},
        footer = {"", "Example:", "  andon environment list"})
final class EnvironmentCommand {

    @Command(
            name = "list",
            description = "List the environments.",
            footer = {"", "Example:", "  andon environment list"})
    static final class ListAll extends ApiCommand {
        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json all = api.all(ApiRequest.get("environments"));
            return Outcome.done(all, () -> table(Fields.lenient(all).items("items")));
        }

        private String table(List<Json> items) {
            Table table = new Table().rigid("ENVIRONMENT").column("DESCRIPTION");
            for (Json item : items) {
                Fields fields = Fields.lenient(item);
                Fields environment = fields.has("environment") ? fields.object("environment") : fields;
                table.row(environment.text("key", ""), environment.text("description", ""));
            }
            return table.render(shell.terminal());
        }
    }

    @Command(
            name = "create",
            description = "Create an environment.",
            footer = {"", "Example:", "  andon environment create canary --reason \"one region first\""})
    static final class Create extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "Key of the new environment.")
        private String key = "";

        @Option(names = "--description", paramLabel = "TEXT", defaultValue = "", description = "What it is for.")
        private String description = "";

        @Mixin
        private final Change change = new Change();

        Create(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json.Builder body = change.body().put("key", key).put("description", description);
            Json answer = api.send(ApiRequest.post("environments").body(body).dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer, () -> new ChangedText(shell, change).of("CREATED", "WOULD CREATE", key, answer));
        }
    }
}
