package dev.andon.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        description = "Print a script that completes andon's commands and options in your shell.",
        footer = {
            "",
            "Examples:",
            "  bash, in ~/.bashrc:  source <(andon completion bash)",
            "  zsh, in ~/.zshrc:    source <(andon completion zsh)"
        })
final class CompletionCommand implements Callable<Integer> {
    private static final List<String> SHELLS = List.of("bash", "zsh");
    private static final String ZSH =
            "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";

    @Parameters(paramLabel = "bash|zsh", description = "Your shell: bash or zsh.")
    private String shellName = "";

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
        String script = AutoComplete.bash("andon", root);
        shell.print(shellName.equals("zsh") ? ZSH + script : script);
        return Exit.DONE;
    }
}
