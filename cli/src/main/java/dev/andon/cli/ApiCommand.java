package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.core.json.InvalidInput;
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
            Outcome outcome = run(api);
            shell.print(json ? document(outcome) : text(outcome));
            return outcome.exitCode();
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
