package dev.andon.cli;

import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.Problem;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.InvalidInput;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where failures become text, a JSON document and an exit code. */
final class Failures implements IParameterExceptionHandler, IExecutionExceptionHandler {
    /** Refusals of which the server's advice is meant for programs. */
    private static final Set<Integer> STATUSES = Set.of(401, 412, 428);

    private final Shell shell;

    Failures(Shell shell) {
        this.shell = shell;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        CommandLine command = e.getCommandLine();
        String name = command.getCommandSpec().qualifiedName();
        String message = switch (e) {
            case UnmatchedArgumentException unmatched -> unknown(command, unmatched.getUnmatched());
            case MissingParameterException missing -> missing(command, missing);
            default -> other(command, e);
        };
        return report(
                CommandFailure.of(
                        Exit.USAGE, "usage", message, "Run '" + name + " --help' for its options and an example."),
                Arrays.asList(arguments).contains("--json"));
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        boolean json = command.getParseResult().hasMatchedOption("--json");
        return report(failure(e), json);
    }

    private static CommandFailure failure(Exception e) {
        return switch (e) {
            case CommandFailure failure -> failure;
            case ApiException.Refused refused -> refused(refused.problem());
            case ApiException.Unreachable unreachable -> unreachable(unreachable);
            case InvalidInput invalid ->
                CommandFailure.of(
                        Exit.USAGE,
                        "usage",
                        String.valueOf(invalid.getMessage()),
                        "Correct the value and run the command again; nothing has been changed.");
            default -> CommandFailure.defect(e);
        };
    }

    private static CommandFailure refused(Problem problem) {
        String usual = switch (problem.status()) {
            case 401 ->
                "Give a valid token with ANDON_TOKEN, --token or --data DIR; 'andon token recover' makes a"
                        + " new one on the server's machine.";
            case 403 -> "Use a token with a stronger role; 'andon token list' shows which there are.";
            case 404 -> thereIs(problem.field().orElse(""));
            case 409, 412, 428 -> "Look at what it is now ('andon flag show', 'andon log') and decide again.";
            case 503 -> "Nothing has been changed. Kills work all the same; try other changes again later.";
            default -> "Nothing has been changed.";
        };
        boolean knowsBetter = STATUSES.contains(problem.status());
        String advice = knowsBetter ? usual : problem.next().orElse(usual);
        return new CommandFailure(Exit.REFUSED, problem.line(), Optional.of(advice), problem.json());
    }

    /** Where to look for what there is instead. */
    private static String thereIs(String field) {
        return switch (field) {
            case "environment" -> "'andon environment list' shows which there are.";
            case "segment" -> "'andon segment list --env ENV' shows which there are.";
            case "token" -> "'andon token list' shows which there are.";
            case "kill", "version", "to" -> "'andon log' shows which there are.";
            default -> "'andon flag list' shows which there are.";
        };
    }

    private static CommandFailure unreachable(ApiException.Unreachable e) {
        String advice = e.perhapsDone()
                ? "The change was sent, but its answer was lost: it may have been carried out. 'andon log' will tell;"
                        + " a kill may safely be repeated."
                : "Name a server that runs with --server or ANDON_SERVER, or start one: andon server --data DIR";
        return CommandFailure.of(Exit.UNREACHABLE, "unreachable", String.valueOf(e.getMessage()), advice);
    }

    private int report(CommandFailure failure, boolean json) {
        if (json) {
            shell.print(failure.document().text() + "\n");
        }
        String[] lines = String.valueOf(failure.getMessage()).split("\n", -1);
        for (String line : lines) {
            shell.note(shell.paint(Paint.BAD, "andon:") + " " + Glyphs.printable(line));
        }
        failure.advice().ifPresent(advice -> {
            int width = Math.min(shell.terminal().width(), 100) - 2;
            Glyphs.wrap(Glyphs.printable(advice), width).forEach(line -> shell.note("  " + line));
        });
        Throwable cause = failure.getCause();
        if (cause != null && shell.variable("ANDON_DEBUG").isPresent()) {
            cause.printStackTrace(shell.err());
        }
        return failure.exitCode();
    }

    private static String unknown(CommandLine command, List<String> unmatched) {
        String word = unmatched.getFirst();
        String name = command.getCommandSpec().qualifiedName();
        boolean option = word.startsWith("-");
        List<String> candidates = new ArrayList<>();
        if (option) {
            command.getCommandSpec().options().forEach(spec -> candidates.addAll(List.of(spec.names())));
        } else {
            candidates.addAll(command.getSubcommands().keySet());
        }
        String plain = option ? word.split("=", 2)[0] : word;
        String meant = Suggestions.closest(plain, candidates)
                .map(candidate -> "; did you mean " + candidate + "?")
                .orElse("");
        if (!option && meant.isEmpty() && !candidates.isEmpty()) {
            return plain + ": unknown (expected: one of " + String.join(", ", candidates) + ")";
        }
        String kind = option ? "an option" : candidates.isEmpty() ? "no further argument" : "a command";
        return plain + ": unknown (expected: " + kind + " of '" + name + "'" + meant + ")";
    }

    private static String other(CommandLine command, ParameterException e) {
        ArgSpec spec = e.getArgSpec();
        if (spec != null && e.getValue() != null) {
            Class<?> type = spec.auxiliaryTypes()[0];
            String expected =
                    type == String.class ? spec.paramLabel() : type == Point.class ? Point.EXPECTED : "a whole number";
            return nameOf(spec) + ": \"" + e.getValue() + "\" (expected: " + expected + ")";
        }
        if (spec == null && !command.getSubcommands().isEmpty()) {
            String commands = String.join(", ", command.getSubcommands().keySet());
            return "command: nothing (expected: one of " + commands + ")";
        }
        return Optional.ofNullable(e.getMessage()).orElse("the command line can't be understood");
    }

    private static String missing(CommandLine command, MissingParameterException e) {
        List<String> unknown = command.getUnmatchedArguments();
        if (!unknown.isEmpty() && unknown.getFirst().startsWith("-")) {
            return unknown(command, unknown);
        }
        return e.getMissing().stream().map(Failures::missing).collect(Collectors.joining("\n"));
    }

    private static String missing(ArgSpec spec) {
        String[] description = spec.description();
        String expected = description.length == 0 ? spec.paramLabel() : description[0];
        return nameOf(spec) + ": nothing (expected: " + lowerFirst(expected.replaceFirst("\\.$", "")) + ")";
    }

    private static String nameOf(ArgSpec spec) {
        return spec instanceof OptionSpec option ? option.longestName() : spec.paramLabel();
    }

    private static String lowerFirst(String text) {
        return text.isEmpty() ? text : Character.toLowerCase(text.charAt(0)) + text.substring(1);
    }
}
