package dev.andon.cli;

import dev.andon.cli.api.Answer;
import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "flag",
        description = "List, show, create, set and archive flags.",
        subcommands = {
            FlagCommand.ListAll.class,
            FlagCommand.Show.class,
            FlagCommand.Create.class,
            FlagCommand.Edit.class,
            FlagCommand.Archive.class
        },
        footer = {"", "Example:", "  andon flag list --env production"})
final class FlagCommand {
    static final class Types implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ValueType.WORDS.keySet().iterator();
        }
    }

    @Command(
            name = "list",
            description = "List all flags; with an environment, what they serve there.",
            footer = {"", "Example:", "  andon flag list --env production"})
    static final class ListAll extends ApiCommand {
        @Option(
                names = {"-e", "--env"},
                paramLabel = "ENV",
                description = "Show the flags as they are in this environment.")
        private Optional<String> environment = Optional.empty();

        @Mixin
        private final AsOf asOf = new AsOf();

        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Optional<String> at = asOf.version(api, shell);
            if (environment.isEmpty()) {
                Json all = api.all(ApiRequest.get("flags").query("at", at));
                return Outcome.done(all, () -> FlagText.list(Fields.lenient(all).items("items"), shell.terminal()));
            }
            String key = environment.get();
            Json all = api.all(ApiRequest.get("environments", key, "flags").query("at", at));
            return Outcome.done(all, () -> FlagText.here(Fields.lenient(all).items("items"), shell.terminal()));
        }
    }

    @Command(
            name = "show",
            description = "Show a flag: its metadata, and its configuration per environment.",
            footer = {"", "Example:", "  andon flag show new-checkout --env production"})
    static final class Show extends ApiCommand {
        @Parameters(paramLabel = "FLAG", description = "Key of the flag.")
        private String flag = "";

        @Option(
                names = {"-e", "--env"},
                paramLabel = "ENV",
                description = "Only in this environment.")
        private Optional<String> environment = Optional.empty();

        @Mixin
        private final AsOf asOf = new AsOf();

        Show(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Optional<String> at = asOf.version(api, shell);
            if (environment.isEmpty()) {
                Json answer =
                        api.send(ApiRequest.get("flags", flag).query("at", at)).body();
                return Outcome.done(answer, () -> FlagText.show(answer, shell.terminal()));
            }
            String key = environment.get();
            Json answer = api.send(
                            ApiRequest.get("environments", key, "flags", flag).query("at", at))
                    .body();
            return Outcome.done(answer, () -> FlagText.show(key, answer, shell.terminal()));
        }
    }

    @Command(
            name = "create",
            description = "Create a flag. It is off, and serves its safe variant, until it is switched on.",
            footer = {
                "",
                "Examples:",
                "  andon flag create new-checkout --owner shop --reason \"checkout in one page\"",
                "  andon flag create page-size --owner search --type integer \\",
                "      --variant small=10 --variant large=50 --safe small --serve large \\",
                "      --reason \"larger pages\""
            })
    static final class Create extends ApiCommand {
        @Parameters(paramLabel = "KEY", description = "Key of the new flag.")
        private String key = "";

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                defaultValue = "boolean",
                completionCandidates = Types.class,
                description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
        private String type = "boolean";

        @Option(
                names = {"-e", "--env"},
                paramLabel = "ENV",
                description = "Configure it in this environment only; may be repeated. Otherwise in all.")
        private List<String> environments = new ArrayList<>();

        @Mixin
        private final Metadata metadata = new Metadata();

        @Mixin
        private final Settings settings = new Settings();

        @Mixin
        private final Change change = new Change();

        Create(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Words.oneOf("--type", type, ValueType.WORDS);
            Map<String, Json> flag = new LinkedHashMap<>();
            flag.put("key", Json.of(key));
            flag.put("type", Json.of(type));
            if (metadata.owner().isEmpty()) {
                throw CommandFailure.usage("--owner", "nothing", "the team or person to tell", "Nothing was created.");
            }
            Json.Builder body = change.body().put("flag", new Json.Members(metadata.over(flag)));
            if (settings.given()) {
                body.put("configuration", new Json.Members(configuration()));
            }
            if (!environments.isEmpty()) {
                body.put("environments", Json.texts(environments));
            }
            Json answer = api.send(ApiRequest.post("flags").body(body).dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer, () -> new ChangedText(shell, change).of("CREATED", "WOULD CREATE", key, answer));
        }

        private Map<String, Json> configuration() {
            Map<String, Json> configuration = settings.over(shell, type, blank());
            require(configuration, "variants", "--variant", "at least one NAME=VALUE");
            require(configuration, "safeVariant", "--safe", "the variant that a kill serves");
            require(configuration, "fallThrough", "--serve", "the variant for everyone; or a --split");
            return configuration;
        }

        private static void require(Map<String, Json> configuration, String member, String option, String expected) {
            if (!configuration.containsKey(member)) {
                throw CommandFailure.usage(option, "nothing", expected, "Nothing was created.");
            }
        }

        /** What the options are laid over. */
        private Map<String, Json> blank() {
            Map<String, Json> configuration = new LinkedHashMap<>();
            if (type.equals(ValueType.BOOLEAN.word())) {
                configuration.put(
                        "variants",
                        Json.object().put("on", true).put("off", false).build());
                configuration.put("safeVariant", Json.of("off"));
                configuration.put(
                        "fallThrough", Json.object().put("variant", "on").build());
            }
            configuration.put("on", Json.of(false));
            return configuration;
        }
    }

    @Command(
            name = "set",
            description = "Change what a flag does in an environment, or its metadata.",
            footer = {
                "",
                "Examples:",
                "  andon flag set new-checkout --env production --on --split on=20,off=80 \\",
                "      --reason \"a fifth of the customers\"",
                "  andon flag set new-checkout --env production --file rules.json \\",
                "      --reason \"staff first\"",
                "  andon flag set new-checkout --owner payments --reason \"new owners\""
            })
    static final class Edit extends ApiCommand {
        @Parameters(paramLabel = "FLAG", description = "Key of the flag.")
        private String flag = "";

        @Option(
                names = {"-e", "--env"},
                paramLabel = "ENV",
                description = "Environment in which to change it; not for metadata.")
        private Optional<String> environment = Optional.empty();

        @Mixin
        private final Settings settings = new Settings();

        @Mixin
        private final Metadata metadata = new Metadata();

        @Option(names = "--if-version", paramLabel = "N", description = "Only if it still has this version.")
        private Optional<Long> ifVersion = Optional.empty();

        @Mixin
        private final Change change = new Change();

        Edit(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            if (settings.given() == metadata.given()) {
                throw CommandFailure.usage(
                        "options",
                        settings.given() ? "configuration and metadata at once" : "nothing",
                        "what to change: --on, --split, … in an environment, or --owner, --tag, … for the flag",
                        "One change at a time gets one line in the log.");
            }
            if (settings.given() == environment.isEmpty()) {
                throw CommandFailure.usage(
                        "--env",
                        environment.orElse("nothing"),
                        settings.given()
                                ? "the environment to change"
                                : "none: metadata is the same in all environments",
                        "Nothing has been changed.");
            }
            return settings.given() ? configure(api, environment.orElseThrow()) : describe(api);
        }

        private Outcome configure(ApiClient api, String environment) {
            Answer before = api.send(ApiRequest.get("environments", environment, "flags", flag));
            Fields fields = before.fields();
            String type = fields.object("flag").text("type");
            Map<String, Json> configuration = settings.over(shell, type, fields.map("configuration"));
            ApiRequest put = ApiRequest.put("environments", environment, "flags", flag)
                    .body(change.body().put("configuration", new Json.Members(configuration)));
            return send(api, put, before, "configuration");
        }

        private Outcome describe(ApiClient api) {
            Answer before = api.send(ApiRequest.get("flags", flag));
            Map<String, Json> after = metadata.over(before.fields().map("flag"));
            ApiRequest put = ApiRequest.put("flags", flag).body(change.body().put("flag", new Json.Members(after)));
            return send(api, put, before, "flag");
        }

        private Outcome send(ApiClient api, ApiRequest put, Answer before, String member) {
            ApiRequest request = ifVersion
                    .map(put::ifVersion)
                    .or(() -> before.etag().map(put::ifMatch))
                    .orElse(put);
            Json answer = api.send(request.dryRun(change.dryRun)).body();
            return Outcome.done(
                    answer,
                    () -> new ChangedText(shell, change)
                            .of(
                                    "CHANGED",
                                    "WOULD CHANGE",
                                    flag,
                                    answer,
                                    before.fields().json(member),
                                    member));
        }
    }

    @Command(
            name = "archive",
            description =
                    "Take a flag out of use, in all environments. Its key stays taken; a rollback brings it back.",
            footer = {"", "Example:", "  andon flag archive old-checkout --reason \"replaced by new-checkout\""})
    static final class Archive extends ApiCommand {
        @Parameters(paramLabel = "FLAG", description = "Key of the flag.")
        private String flag = "";

        @Mixin
        private final Change change = new Change();

        Archive(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Optional<String> etag = api.send(ApiRequest.get("flags", flag)).etag();
            ApiRequest delete = ApiRequest.delete("flags", flag).query("reason", change.reason());
            Json answer = api.send(etag.map(delete::ifMatch).orElse(delete).dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer, () -> new ChangedText(shell, change).of("ARCHIVED", "WOULD ARCHIVE", flag, answer));
        }
    }
}
