package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.start.StartRefused;
import dev.andon.cli.start.TokenRecovery;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "token",
        description = "List, create, rotate, revoke and recover tokens.",
        subcommands = {
            TokenCommand.ListAll.class,
            TokenCommand.Create.class,
            TokenCommand.Rotate.class,
            TokenCommand.Revoke.class,
            TokenCommand.Recover.class
        },
        footer = {
            "",
            "Example:",
            "  andon token create checkout --role sdk --env production \\",
            "      --reason \"checkout's key\""
        })
final class TokenCommand {
    static final class Roles implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Role.WORDS.keySet().iterator();
        }
    }

    @Command(
            name = "list",
            description = "List the tokens, without their secrets.",
            footer = {"", "Example:", "  andon token list"})
    static final class ListAll extends ApiCommand {
        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json all = api.all(ApiRequest.get("tokens"));
            return Outcome.done(all, () -> table(Fields.lenient(all).items("items")));
        }

        private String table(List<Json> items) {
            Table table = new Table()
                    .rigid("ID")
                    .column("NAME")
                    .rigid("ROLE")
                    .column("ENVIRONMENT")
                    .rigid("STATE")
                    .rigid("CREATED");
            for (Json item : items) {
                Fields fields = Fields.lenient(item);
                Fields token = fields.has("token") ? fields.object("token") : fields;
                boolean revoked = token.has("revokedAt");
                table.row(
                        Table.cell(token.text("id", "")),
                        Table.cell(token.text("name", "")),
                        Table.cell(token.text("role", "")),
                        Table.cell(token.text("environment", "")),
                        Table.cell(revoked ? "revoked" : "valid", revoked ? Paint.DIM : Paint.GOOD),
                        Table.cell(Words.moment(token, "createdAt")));
            }
            return table.render(shell.terminal());
        }
    }

    @Command(
            name = "create",
            description = "Create a token. Its secret is shown this once.",
            footer = {
                "",
                "Examples:",
                "  andon token create checkout --role sdk --env production \\",
                "      --reason \"checkout's key\"",
                "  andon token create alice --role operator --reason \"on call from Monday\""
            })
    static final class Create extends ApiCommand {
        @Parameters(paramLabel = "NAME", description = "Who will hold it; the log shows this name.")
        private String name = "";

        @Option(
                names = "--role",
                required = true,
                paramLabel = "ROLE",
                completionCandidates = Roles.class,
                description = "One of ${COMPLETION-CANDIDATES}.")
        private String role = "";

        @Option(
                names = {"-e", "--env"},
                paramLabel = "ENV",
                description = "Environment of an SDK or client key; none for other roles.")
        private Optional<String> environment = Optional.empty();

        @Mixin
        private final Change change = new Change();

        Create(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json.Builder body = change.body()
                    .put("name", name)
                    .put("role", Words.oneOf("--role", role, Role.WORDS))
                    .put("environment", environment);
            Json answer = api.send(ApiRequest.post("tokens").body(body).dryRun(change.dryRun))
                    .body();
            return Outcome.done(answer, () -> secret(shell, change, name, answer));
        }
    }

    @Command(
            name = "rotate",
            description = "Give a token a new secret; the old one stays valid for a while.",
            footer = {"", "Example:", "  andon token rotate tok-4f2a --overlap 1h --reason \"yearly rotation\""})
    static final class Rotate extends ApiCommand {
        @Parameters(paramLabel = "ID", description = "The token's id, as 'andon token list' shows it.")
        private String id = "";

        @Option(
                names = "--overlap",
                paramLabel = "TIME",
                defaultValue = "24h",
                description = "How long the old secret stays valid (default: ${DEFAULT-VALUE}; 0s: not at all).")
        private String overlap = "24h";

        @Mixin
        private final Change change = new Change();

        Rotate(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            long seconds = Times.seconds("--overlap", overlap);
            Json.Builder body = change.body().put("overlapSeconds", seconds);
            Json answer = api.send(ApiRequest.post("tokens", id, "rotations")
                            .body(body)
                            .dryRun(change.dryRun))
                    .body();
            return Outcome.done(answer, () -> secret(shell, change, id, answer));
        }
    }

    @Command(
            name = "revoke",
            description = "Make a token worthless at once.",
            footer = {"", "Example:", "  andon token revoke tok-4f2a --reason \"laptop lost\""})
    static final class Revoke extends ApiCommand {
        @Parameters(paramLabel = "ID", description = "The token's id, as 'andon token list' shows it.")
        private String id = "";

        @Mixin
        private final Change change = new Change();

        Revoke(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            ApiRequest delete = ApiRequest.delete("tokens", id).query("reason", change.reason());
            Json answer = api.send(delete.dryRun(change.dryRun)).body();
            return Outcome.done(answer, () -> new ChangedText(shell, change).of("REVOKED", "WOULD REVOKE", id, answer));
        }
    }

    @Command(
            name = "recover",
            description = "Make a new admin token on the server's machine, when all others are lost.",
            footer = {
                "",
                "Works for whoever may write to the server's data folder. Nothing is revoked; the log shows it.",
                "",
                "Example:",
                "  andon token recover --data /var/lib/andon --reason \"admin token lost\""
            })
    static final class Recover implements Callable<Integer> {
        private static final Duration LONGEST = Duration.ofSeconds(10);

        @Option(names = "--data", required = true, paramLabel = "DIR", description = "The server's data folder.")
        private String data = "";

        @Option(
                names = {"-r", "--reason"},
                required = true,
                paramLabel = "TEXT",
                description = "Why. It stands in the log.")
        private String reason = "";

        @Option(names = "--json", description = "Print one JSON document instead of text.")
        private boolean json;

        private final Shell shell;

        Recover(Shell shell) {
            this.shell = shell;
        }

        @Override
        public Integer call() {
            Path folder = shell.directory().resolve(data);
            TokenRecovery.Recovered recovered = recover(folder);
            Path file = folder.resolve(Connection.TOKEN_FILE);
            if (json) {
                shell.print(Json.object()
                                .put("secret", recovered.secret())
                                .put("accepted", recovered.accepted())
                                .put("note", recovered.note())
                                .put("adminToken", file.toString())
                                .build()
                                .text()
                        + "\n");
                return Exit.DONE;
            }
            shell.print(
                    recovered.accepted()
                            ? shell.paint(Paint.GOOD, "RECOVERED") + "  a new admin token is in " + file + "\n"
                            : shell.paint(Paint.WARN, "NOT YET VALID") + "  the new admin token in " + file + "\n  "
                                    + recovered.note() + "\n");
            return Exit.DONE;
        }

        private TokenRecovery.Recovered recover(Path folder) {
            try {
                return TokenRecovery.recover(folder, reason, LONGEST, shell.random(), shell.nanoTime());
            } catch (StartRefused e) {
                throw CommandFailure.of(
                        Exit.REFUSED, "not recovered", String.valueOf(e.getMessage()), "No token was issued.");
            }
        }
    }

    private static String secret(Shell shell, Change change, String subject, Json answer) {
        Fields fields = Fields.lenient(answer);
        if (change.dryRun || !fields.has("secret")) {
            return new ChangedText(shell, change).of("DONE", "WOULD ISSUE", subject, answer);
        }
        Fields token = fields.has("token") ? fields.object("token") : fields;
        String id = token.has("id") ? " (" + Words.of(token, "id") + ")" : "";
        return shell.paint(Paint.GOOD, "ISSUED") + "  " + subject + id + "\n\n  "
                + shell.paint(Paint.BOLD, fields.text("secret"))
                + "\n\nKeep it now: it isn't shown again.\n";
    }
}
