package dev.andon.cli;

import dev.andon.core.json.Json;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Print a script that completes andon's commands and options in your shell.",
        footer = {
            "",
            "In ~/.bashrc:  source <(andon completion bash)",
            "In ~/.zshrc:   source <(andon completion zsh)",
            "",
            "Example:",
            "  andon completion bash"
        })
final class CompletionCommand implements Callable<Integer> {
    private static final List<String> SHELLS = List.of("bash", "zsh");
    private static final String ZSH =
            "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";

    @Parameters(paramLabel = "SHELL", description = "Your shell: bash or zsh.")
    private String shellName = "";

    @Option(names = "--json", description = "Print the script inside a JSON document.")
    private boolean json;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    private final Shell shell;

    CompletionCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (!SHELLS.contains(shellName)) {
            throw CommandFailure.usage(
                    "SHELL", '"' + shellName + '"', "bash or zsh", "Other shells can often load bash's script.");
        }
        CommandLine root = spec.root().commandLine();
        String bash = AutoComplete.bash("andon", root);
        String script = shellName.equals("zsh") ? ZSH + bash : bash;
        shell.print(
                json
                        ? Json.object()
                                        .put("shell", shellName)
                                        .put("script", script)
                                        .build()
                                        .text()
                                + "\n"
                        : script);
        return Exit.DONE;
    }
}
