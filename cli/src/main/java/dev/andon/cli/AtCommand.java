package dev.andon.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code andon at 41 flag show x} is {@code andon flag show x --at 41}: the past comes first where one looks around in it. */
@Command(
        name = "at",
        description = "Look at flags and segments as they were at a version, or at a time.",
        footer = {
            "",
            "Examples:",
            "  andon at 41 flag show new-checkout --env production",
            "  andon at 2026-11-22T14:03:00Z flag list --env production"
        })
final class AtCommand implements Callable<Integer> {
    private static final List<String> SUBJECTS = List.of("flag", "segment");
    private static final List<String> WAYS = List.of("list", "show");

    @Parameters(
            index = "0",
            paramLabel = Point.LABEL,
            converter = Point.Converter.class,
            description = "When: a version, or a time.")
    private Point point = new Point("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "COMMAND",
            description = "flag list, flag show, segment list or segment show, with its options.")
    private List<String> command = List.of();

    private final Shell shell;

    AtCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        String subject = command.getFirst();
        String way = command.size() > 1 ? command.get(1) : "";
        if (!SUBJECTS.contains(subject) || !WAYS.contains(way)) {
            Optional<String> meant = SUBJECTS.contains(subject)
                    ? Suggestions.closest(way, WAYS)
                    : Suggestions.closest(subject, SUBJECTS);
            throw CommandFailure.usage(
                    "COMMAND",
                    '"' + (subject + " " + way).strip() + '"',
                    "flag list, flag show, segment list or segment show"
                            + meant.map(word -> "; did you mean " + word + "?").orElse(""),
                    "The past can be looked at; 'andon rollback' brings it back.");
        }
        List<String> arguments = new ArrayList<>(command);
        arguments.addAll(2, List.of("--at", point.text()));
        return Andon.run(shell, arguments.toArray(String[]::new));
    }
}
