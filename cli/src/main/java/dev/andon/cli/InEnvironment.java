package dev.andon.cli;

import picocli.CommandLine.Option;

/** Which environment a command is about. Never guessed: the wrong one may be production. */
final class InEnvironment {
    @Option(
            names = {"-e", "--env"},
            required = true,
            paramLabel = "ENV",
            description = "Environment, such as production.")
    String key = "";
}
