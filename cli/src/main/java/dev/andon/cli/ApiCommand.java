package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.api.Problem;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that talks to a server: sends, then prints one document or one text. */
abstract class ApiCommand implements Callable<Integer> {
    final Shell shell;

    @Mixin
    final Connection connection = new Connection();

    @Option(names = "--json", order = 100, description = "Print one JSON document instead of text.")
    boolean json;

    ApiCommand(Shell shell) {
        this.shell = shell;
    }

    /** Does what the command is for. */
    abstract Outcome run(ApiClient api);

    @Override
    public final Integer call() {
        try (ApiClient api = connection.open(shell)) {
            Outcome outcome = attempt(api);
            shell.print(json ? document(outcome) : text(outcome));
            return outcome.exitCode();
        }
    }

    private Outcome attempt(ApiClient api) {
        try {
            return run(api);
        } catch (ApiException.Refused e) {
            throw meant(api, e.problem())
                    .<RuntimeException>map(flag -> new CommandFailure(
                            Exit.REFUSED,
                            e.problem().line(),
                            Optional.of("Did you mean " + flag + "?"),
                            e.problem().json()))
                    .orElse(e);
        }
    }

    /** The flag that was probably meant, if the problem is an unknown one and the server had no suggestion. */
    private static Optional<String> meant(ApiClient api, Problem problem) {
        if (problem.unknownFlag().isEmpty() || problem.next().isPresent()) {
            return Optional.empty();
        }
        try {
            List<String> keys = Fields.lenient(api.all(ApiRequest.get("flags"))).items("items").stream()
                    .map(item -> Words.of(Fields.lenient(item), "key"))
                    .toList();
            return Suggestions.closest(problem.unknownFlag().get(), keys);
        } catch (ApiException | InvalidInput e) {
            return Optional.empty();
        }
    }

    private String document(Outcome outcome) {
        return (shell.terminal().interactive()
                        ? outcome.document().pretty()
                        : outcome.document().text())
                + "\n";
    }

    private static String text(Outcome outcome) {
        try {
            return outcome.text().get();
        } catch (InvalidInput e) {
            throw CommandFailure.of(
                    Exit.DEFECT,
                    "unknown answer",
                    "the command was carried out, but its answer can't be shown: " + e.getMessage(),
                    "Server and command may be of different versions; --json shows the answer as it is.");
        }
    }
}
