package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

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
        assertThat(run.out().substring(run.out().lastIndexOf("Example"))).contains("andon ");
        String beforeExamples = run.out().substring(0, run.out().lastIndexOf("Example"));
        assertThat(beforeExamples.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        kill x --env production --resaon y   | --resaon: unknown (expected: an option of 'andon kill'; did you mean --reason?)
        kil x                                | kil: unknown (expected: a command of 'andon'; did you mean kill?)
        flag lst                             | lst: unknown (expected: a command of 'andon flag'; did you mean list?)
        kill --env production --reason y     | FLAG: nothing (expected: key of the flag to stop)
        kill x --reason y                    | --env: nothing (expected: environment, such as production)
        rollback x --env e --reason y --to z | --to: "z" (expected: a whole number)
        ''                                   | command: nothing (expected: one of kill, restore
        flag                                 | command: nothing (expected: one of list, show
        """)
    void whatCantBeUnderstoodNamesTheWordAndWhatWasMeant(String line, String message) {
        String[] arguments = line.isEmpty() ? new String[0] : line.split(" ");
        Run run = Run.place().andon(arguments);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message).contains("--help").doesNotContain("\tat ");
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
        assertThat(Run.place().andon("completion", "fish").exitCode()).isEqualTo(2);
    }
}
