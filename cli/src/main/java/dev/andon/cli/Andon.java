package dev.andon.cli;

import dev.andon.cli.text.Terminal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IFactory;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The {@code andon} command's entry. */
public final class Andon {
    private static final int MAX_HELP_WIDTH = 110;
    private static final int USUAL_WIDTH = 80;

    /** In the order of the help. */
    private static final List<Class<?>> COMMANDS = List.of(
            KillCommand.class,
            RestoreCommand.class,
            RollbackCommand.class,
            ReceiptCommand.class,
            InstancesCommand.class,
            LogCommand.class,
            AtCommand.class,
            DiffCommand.class,
            LedgerCommand.class,
            FlagCommand.class,
            SegmentCommand.class,
            EnvironmentCommand.class,
            EvaluateCommand.class,
            ImportCommand.class,
            ExportCommand.class,
            TokenCommand.class,
            NodeCommand.class,
            ServerCommand.class,
            RelayCommand.class,
            DemoCommand.class,
            CompletionCommand.class);

    private Andon() {}

    public static void main(String[] arguments) {
        // The encoding that Java derives from LANG=C would turn every … into a ?.
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
        Shell shell = new Shell(
                out,
                err,
                System.in,
                System.getenv(),
                Path.of(""),
                Terminal.detect(System.getenv()),
                Clock.systemUTC(),
                System::nanoTime,
                new SecureRandom());
        int exitCode = run(shell, arguments);
        out.flush();
        System.exit(exitCode);
    }

    /** Runs one command line and returns its exit code; throws nothing. */
    public static int run(Shell shell, String... arguments) {
        return commandLine(shell, needed(arguments)).execute(arguments);
    }

    /** A command that is named first is all that is looked at; making the others ready would take most of a short command's time. */
    private static List<Class<?>> needed(String... arguments) {
        return COMMANDS.stream()
                .filter(type -> arguments.length > 0 && name(type).equals(arguments[0]))
                .filter(type -> type != CompletionCommand.class)
                .findFirst()
                .<List<Class<?>>>map(List::of)
                .orElse(COMMANDS);
    }

    private static String name(Class<?> type) {
        return type.getAnnotation(Command.class).name();
    }

    static CommandLine commandLine(Shell shell) {
        return commandLine(shell, COMMANDS);
    }

    private static CommandLine commandLine(Shell shell, List<Class<?>> commands) {
        Failures failures = new Failures(shell);
        IFactory factory = factory(shell);
        CommandLine command = new CommandLine(Root.class, factory);
        commands.forEach(type -> command.addSubcommand(new CommandLine(type, factory)));
        command.setOut(writer(shell.out()))
                .setErr(writer(shell.err()))
                .setColorScheme(
                        CommandLine.Help.defaultColorScheme(shell.terminal().colour() ? Ansi.ON : Ansi.OFF))
                .setParameterExceptionHandler(failures)
                .setExecutionExceptionHandler(failures)
                .setExpandAtFiles(false);
        addHelp(command, shell);
        command.getCommandSpec()
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .order(201)
                        .description("Show andon's version.")
                        .build());
        return command;
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    private static void addHelp(CommandLine command, Shell shell) {
        CommandSpec spec = command.getCommandSpec();
        int width = shell.terminal().width() == Terminal.UNLIMITED
                ? USUAL_WIDTH
                : shell.terminal().width();
        spec.usageMessage()
                .width(Math.clamp(width, 55, MAX_HELP_WIDTH))
                .autoWidth(false)
                .sortOptions(false);
        spec.usageMessage()
                .abbreviateSynopsis(true)
                .descriptionHeading("%n")
                .parameterListHeading("%n")
                .optionListHeading(spec.positionalParameters().isEmpty() ? "%n" : "")
                .commandListHeading("%nCommands:%n");
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .order(200)
                .description("Show this help.")
                .build());
        command.getSubcommands().values().forEach(child -> addHelp(child, shell));
        if (spec.userObject() instanceof AtCommand) {
            // What follows is another command's, with its options.
            command.setStopAtPositional(true);
        }
    }

    /** Creates commands with the shell that they run in. */
    private static IFactory factory(Shell shell) {
        return new IFactory() {
            @Override
            public <K> K create(Class<K> type) throws Exception {
                Optional<Constructor<?>> taking = Stream.of(type.getDeclaredConstructors())
                        .filter(constructor -> constructor.getParameterCount() == 1
                                && constructor.getParameterTypes()[0] == Shell.class)
                        .findFirst();
                if (taking.isEmpty()) {
                    return CommandLine.defaultFactory().create(type);
                }
                return type.cast(taking.get().newInstance(shell));
            }
        };
    }

    /** Andon's version, as its jar says it. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version =
                    Objects.requireNonNullElse(Andon.class.getPackage().getImplementationVersion(), "development");
            return new String[] {"andon " + version};
        }
    }

    @Command(
            name = "andon",
            versionProvider = Version.class,
            description = "Stops a feature everywhere, proves that it stopped, and undoes what led there.",
            footer = {
                "",
                "Exit codes: 0 done, 2 usage, 3 refused or bad, 4 no server reached, 5 not proven in time,",
                "6 not proven, as some were only sent it.",
                "",
                "Example:",
                "  andon kill new-checkout --env production --reason \"payment errors\" --wait 10s"
            })
    static final class Root {}
}
