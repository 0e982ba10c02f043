package dev.andon.cli;

import dev.andon.cli.api.Answer;
import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Environment;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "environment",
        description = "List, create and edit environments.",
        subcommands = {EnvironmentCommand.ListAll.class, EnvironmentCommand.Create.class, EnvironmentCommand.Edit.class
        },
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
            Table table = new Table().rigid("ENVIRONMENT").rigid("SERVES").column("DESCRIPTION");
            for (Json item : items) {
                Fields fields = Fields.lenient(item);
                Fields environment = fields.has("environment") ? fields.object("environment") : fields;
                table.row(
                        environment.text("key", ""),
                        String.join(", ", environment.texts("protocols")),
                        environment.text("description", ""));
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

    static final class Protocols implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Environment.PROTOCOLS.iterator();
        }
    }

    @Command(
            name = "edit",
            description = "Change what an environment is for, or whose rules it can be written in.",
            footer = {
                "",
                "Flags that a protocol can't express are refused from then on, and must be changed first.",
                "",
                "Example:",
                "  andon environment edit staging --serve flagd-sync --reason \"flagd runs there\""
            })
    static final class Edit extends ApiCommand {
        @Parameters(paramLabel = "ENV", description = "Key of the environment.")
        private String key = "";

        @Option(names = "--description", paramLabel = "TEXT", description = "What it is for.")
        private Optional<String> description = Optional.empty();

        @Option(
                names = "--serve",
                paramLabel = "PROTOCOL",
                completionCandidates = Protocols.class,
                description = "Serve clients that evaluate by themselves: ${COMPLETION-CANDIDATES}; may be repeated."
                        + " '' alone: none.")
        private List<String> protocols = new ArrayList<>();

        @Mixin
        private final Change change = new Change();

        Edit(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            if (description.isEmpty() && protocols.isEmpty()) {
                throw CommandFailure.usage(
                        "options", "nothing", "what to change: --description or --serve", "Nothing has been changed.");
            }
            Answer before = api.send(ApiRequest.get("environments", key));
            Map<String, Json> after = new LinkedHashMap<>(before.fields().map("environment"));
            description.ifPresent(text -> after.put("description", Json.of(text)));
            if (!protocols.isEmpty()) {
                after.put(
                        "protocols", Json.texts(protocols.equals(List.of("")) ? List.of() : new TreeSet<>(protocols)));
            }
            ApiRequest put =
                    ApiRequest.put("environments", key).body(change.body().put("environment", new Json.Members(after)));
            Json answer = api.send(before.etag().map(put::ifMatch).orElse(put).dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer, () -> new ChangedText(shell, change).of("CHANGED", "WOULD CHANGE", key, answer));
        }
    }
}
