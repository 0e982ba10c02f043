package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.cli.text.Table.Cell;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "log",
        description = "Show who changed what, when and why, newest first; with a version, everything about it.",
        footer = {"", "Examples:", "  andon log --env production --flag new-checkout", "  andon log 42"})
final class LogCommand extends ApiCommand {
    /** Below so many columns, moments are shortened. */
    private static final int NARROW = 120;

    @Parameters(
            paramLabel = "VERSION",
            arity = "0..1",
            description = "Show this version with what was before and after.")
    private Optional<Long> version = Optional.empty();

    @Option(
            names = {"-e", "--env"},
            paramLabel = "ENV",
            description = "Only what changed in this environment.")
    private Optional<String> environment = Optional.empty();

    @Option(names = "--flag", paramLabel = "FLAG", description = "Only what changed this flag.")
    private Optional<String> flag = Optional.empty();

    @Option(
            names = "--kill",
            paramLabel = "KILL",
            description = "Only this kill, its restore, and what was observed of it.")
    private Optional<String> kill = Optional.empty();

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "COUNT",
            defaultValue = "20",
            description = "How many at most (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(names = "--before", paramLabel = "VERSION", description = "Only versions before this one.")
    private Optional<Long> before = Optional.empty();

    LogCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        if (limit < 1) {
            throw CommandFailure.usage("--limit", "" + limit, "at least 1", "Nothing has been read.");
        }
        if (version.isPresent()) {
            Json entry = api.send(ApiRequest.get("log", "" + version.get())).body();
            return Outcome.done(entry, () -> entry(Fields.lenient(entry)));
        }
        ApiRequest request = ApiRequest.get("log")
                .query("environment", environment)
                .query("flag", flag)
                .query("kill", kill);
        Json page = api.some(request, limit, before.map(String::valueOf));
        return Outcome.done(page, () -> table(Fields.lenient(page)));
    }

    private String table(Fields page) {
        boolean narrow = shell.terminal().width() < NARROW;
        Table table = new Table().number("VERSION").rigid("WHEN").column("WHO").rigid("WHAT");
        if (flag.isEmpty()) {
            table.column("SUBJECT");
        }
        table.column("WHY");
        for (Json item : page.items("items")) {
            Fields entry = Fields.lenient(item);
            String type = entry.text("type");
            List<Cell> cells = new ArrayList<>();
            cells.add(Table.cell(Words.of(entry, "version")));
            cells.add(Table.cell(narrow ? Words.shortMoment(entry, "at", shell.clock()) : Words.moment(entry, "at")));
            cells.add(Table.cell(Words.shortActor(entry.text("actor", ""))));
            cells.add(Table.cell(type, paint(type)));
            if (flag.isEmpty()) {
                cells.add(Table.cell(subjects(entry.items("changes"))));
            }
            cells.add(Table.cell(entry.text("reason", "")));
            table.row(cells.toArray(Cell[]::new));
        }
        if (table.isEmpty()) {
            return "Nothing in the log matches.\n";
        }
        String more = page.has("next") ? "\nOlder: andon log --before " + Words.of(page, "next") + "\n" : "";
        return table.render(shell.terminal()) + more;
    }

    private String entry(Fields entry) {
        StringBuilder out = new StringBuilder();
        String type = entry.text("type");
        out.append(shell.paint(Paint.BOLD, "version " + Words.of(entry, "version")));
        out.append("  ").append(shell.paint(paint(type), type)).append('\n');
        fact(out, "when", Words.moment(entry, "at"));
        fact(out, "who", entry.text("actor", ""));
        fact(out, "why", entry.text("reason", ""));
        fact(out, "cause", entry.text("cause", ""));
        return out + "\n" + ChangesText.of(entry, shell.terminal());
    }

    private static void fact(StringBuilder out, String name, String value) {
        if (!value.isEmpty()) {
            out.append("  ")
                    .append(Glyphs.pad(name, 7))
                    .append(Glyphs.printable(value))
                    .append('\n');
        }
    }

    /** What changed; without its environment where only one is asked for. */
    private String subjects(List<Json> changes) {
        String prefix = environment.map(key -> key + "/").orElse("/");
        List<String> subjects = changes.stream()
                .map(change -> Words.of(Fields.lenient(change), "subject"))
                .map(subject -> subject.startsWith(prefix) ? subject.substring(prefix.length()) : subject)
                .toList();
        return subjects.size() <= 2
                ? Words.list(subjects)
                : Words.list(subjects.subList(0, 2)) + " and " + (subjects.size() - 2) + " more";
    }

    private static Paint paint(String type) {
        return switch (type) {
            case "kill" -> Paint.BAD;
            case "restore" -> Paint.GOOD;
            case "rollback" -> Paint.WARN;
            default -> Paint.PLAIN;
        };
    }
}
