package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

class CommandLineTest {

    static List<String> everyCommand() {
        List<String> names = new ArrayList<>();
        collect(Andon.commandLine(shell()), names);
        return names;
    }

    private static Shell shell() {
        return new Shell(
                System.out,
                System.err,
                System.in,
                java.util.Map.of(),
                java.nio.file.Path.of(""),
                Terminal.PLAIN,
                java.time.InstantSource.system(),
                System::nanoTime,
                new java.util.SplittableRandom());
    }

    private static void collect(CommandLine command, List<String> names) {
        names.add(command.getCommandSpec().qualifiedName());
        command.getSubcommands().values().forEach(child -> collect(child, names));
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void helpOfEveryCommandFitsTheTerminalAndEndsWithAnExample(String name) {
        List<String> arguments = new ArrayList<>(Arrays.asList(name.split(" ")));
        arguments.removeFirst();
        arguments.add("--help");
        Run run = Run.place().andon(arguments.toArray(String[]::new));
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).startsWith("Usage: " + name);
        assertThat(run.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(examples(run.out())).isNotEmpty();
    }

    /** The commands below a help's heading of examples, each with its further lines. */
    private static List<String> examples(String help) {
        List<String> lines =
                help.substring(help.lastIndexOf("Example")).lines().skip(1).toList();
        assertThat(lines).allSatisfy(line -> assertThat(line).startsWith("  "));
        String all = String.join("\n", lines).replaceAll(" \\\\\n +", " ");
        return all.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("andon "))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void theExamplesOfEveryCommandCanBeUnderstood(String name) {
        List<String> arguments = new ArrayList<>(Arrays.asList(name.split(" ")));
        arguments.removeFirst();
        arguments.add("--help");
        String help = Run.place().andon(arguments.toArray(String[]::new)).out();
        for (String example : examples(help)) {
            List<String> words = new ArrayList<>();
            // What a shell does with the output isn't for the command.
            String own = example.split(" [|>] ", 2)[0];
            Matcher word = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)").matcher(own);
            while (word.find()) {
                words.add(word.group().replaceAll("^[\"']|[\"']$", ""));
            }
            words.removeFirst();
            assertThatCode(() -> Andon.commandLine(shell()).parseArgs(words.toArray(String[]::new)))
                    .as(example)
                    .doesNotThrowAnyException();
        }
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyOptionOfEveryCommandTakesAValueOfItsKind(String name) {
        List<String> words = new ArrayList<>(Arrays.asList(name.split(" ", -1)));
        words.removeFirst();
        CommandLine command = Andon.commandLine(shell());
        for (String word : words) {
            command = command.getSubcommands().get(word);
        }
        for (ArgSpec argument : command.getCommandSpec().args()) {
            List<String> typed = new ArrayList<>(words);
            command.getCommandSpec().args().stream()
                    .filter(other -> other.required() || other.equals(argument))
                    .forEach(other -> typed.addAll(typed(other)));
            assertThatCode(() -> Andon.commandLine(shell()).parseArgs(typed.toArray(String[]::new)))
                    .as(String.join(" ", typed))
                    .doesNotThrowAnyException();
        }
    }

    /** As someone would type it: any word is text, 1 is a number too, and a=1 is a pair as well. */
    private static List<String> typed(ArgSpec argument) {
        boolean pair = Map.class.isAssignableFrom(argument.type());
        List<String> value = argument.arity().max() == 0 ? List.of() : List.of(pair ? "a=1" : "1");
        return argument instanceof OptionSpec option
                ? Stream.concat(Stream.of(option.longestName()), value.stream()).toList()
                : value;
    }

    @ParameterizedTest
    @MethodSource("everyCommand")
    void everyCommandThatDoesSomethingCanPrintJson(String name) {
        CommandLine command = Andon.commandLine(shell());
        for (String word : name.split(" ", -1)) {
            command = command.getSubcommands().getOrDefault(word, command);
        }
        // What begins with 'andon at' goes on with a command that can.
        boolean doesSomething =
                command.getSubcommands().isEmpty() && !command.getCommandName().equals("at");
        assertThat(command.getCommandSpec().findOption("--json") != null).isEqualTo(doesSomething);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        kill x --env production --resaon y   | --resaon: unknown (expected: an option of 'andon kill'; did you mean --reason?)
        kil x                                | kil: unknown (expected: a command of 'andon'; did you mean kill?)
        flag lst                             | lst: unknown (expected: a command of 'andon flag'; did you mean list?)
        kill --env production --reason y     | TARGET: nothing (expected: what to stop: a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything)
        kill x --reason y                    | --env: nothing (expected: environment, such as production)
        rollback x --env e --reason y --to z | --to: "z" (expected: a version such as 41, or a time such as 2026-11-22T14:03:00Z)
        at yesterday flag list               | VERSION|TIME: "yesterday" (expected: a version such as 41, or a time
        at 41                                | COMMAND: nothing (expected: flag list, flag show, segment list
        diff 0 --env e                       | A: "0" (expected: a version such as 41
        diff --env e                         | A: nothing (expected: from: a version, or a time)
        ''                                   | command: nothing (expected: one of kill, restore
        flag                                 | command: nothing (expected: one of list, show
        import json x                        | json: unknown (expected: one of flagd)
        kill x y --env e --reason z          | y: unknown (expected: no further argument of 'andon kill')
        """)
    void whatCantBeUnderstoodNamesTheWordAndWhatWasMeant(String line, String message) {
        String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");
        Run run = Run.place().andon(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).contains("--help").doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        at 41 flag archive x | COMMAND: "flag archive" (expected: flag list, flag show, segment list or segment show)
        at 41 flag lst       | segment show; did you mean list?)
        at 41 flg list       | segment show; did you mean flag?)
        at 41 --json         | COMMAND: "--json" (expected: flag list
        """)
    void thePastIsOnlyLookedAt(String line, String message) {
        Run run = Run.place().andon(line.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message).contains("'andon rollback' brings it back");
    }

    @Test
    void usageFailuresAreOneDocumentToo() {
        Run run = Run.place().andon("kill", "x", "--json");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.json().text()).contains("\"exitCode\":2").contains("--reason");
    }

    @Test
    void aMissingTokenSaysWhereTokensComeFrom() {
        Run run = Run.place().andon("flag", "list");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("token: nothing (expected: ANDON_TOKEN, --token, or --data DIR)");
    }

    @Test
    void aBlankReasonIsNoReason() {
        Run run = Run.place().with("ANDON_TOKEN", "t").andon("kill", "x", "-e", "production", "-r", " ");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--reason: \" \" (expected: why, in a few words)");
    }

    @Test
    void completionScriptsKnowTheCommands() {
        assertThat(Run.place().andon("completion", "bash").out())
                .contains("rollback")
                .contains("complete -F");
        assertThat(Run.place().andon("completion", "zsh").out()).contains("bashcompinit");
        assertThat(Fields.lenient(Run.place()
                                .andon("completion", "bash", "--json")
                                .json())
                        .text("script"))
                .contains("complete -F");
        assertThat(Run.place().andon("completion", "fish").exitCode()).isEqualTo(2);
    }
}
