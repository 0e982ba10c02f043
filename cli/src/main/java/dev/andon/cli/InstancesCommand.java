package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Target;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "instances",
        description = "Show which processes are connected, what they have applied, and which have vanished.",
        footer = {"", "Example:", "  andon instances --env production"})
final class InstancesCommand extends ApiCommand {
    private static final String ANDON = "andon";

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    InstancesCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Json all = api.all(ApiRequest.get("environments", environment.key, "instances"));
        return Outcome.done(all, () -> table(Fields.lenient(all).items("items")));
    }

    private String table(List<Json> items) {
        boolean others = items.stream()
                .anyMatch(item -> !Fields.lenient(item).text("protocol", ANDON).equals(ANDON));
        Table table = new Table()
                .column("SERVICE")
                .column("INSTANCE")
                .column("REGION")
                .column("SDK");
        if (others) {
            table.column("PROTOCOL");
        }
        table.rigid("STATE")
                .number("VERSION")
                .number("KILLS")
                .rigid("CONNECTED")
                .column("NOTE");
        for (Json item : items) {
            Fields instance = Fields.lenient(item);
            String state = instance.text("state", "");
            List<Table.Cell> cells = new ArrayList<>();
            for (String name : List.of("service", "instance", "region", "sdk")) {
                cells.add(Table.cell(instance.text(name, "")));
            }
            if (others) {
                cells.add(Table.cell(instance.text("protocol", "")));
            }
            cells.add(Table.cell(state, paint(state)));
            cells.add(Table.cell(Words.of(instance, "version")));
            cells.add(Table.cell("" + instance.items("pending").size()));
            cells.add(Table.cell(Words.moment(instance, "connectedAt")));
            cells.add(Table.cell(notes(instance), Paint.WARN));
            table.row(cells.toArray(new Table.Cell[0]));
        }
        return table.isEmpty()
                ? "No instance is connected to " + environment.key + ".\n"
                : table.render(shell.terminal());
    }

    /** What someone should look at. */
    private static String notes(Fields instance) {
        String divergent = Words.list(instance.map("divergentDefaults").keySet());
        List<String> notes = new ArrayList<>();
        instance.optionalText("divergence").ifPresent(divergence -> notes.add("evaluates differently: " + divergence));
        if (instance.bool("contested", false)) {
            notes.add("two processes use this name");
        }
        for (Json item : instance.items("localStops")) {
            Fields stop = Fields.lenient(item);
            notes.add(
                    "stops " + Target.read(stop.object("target")).label() + " by itself (" + stop.text("source") + ")");
        }
        notes.addAll(instance.texts("localProblems"));
        if (!divergent.isEmpty()) {
            notes.add("default isn't safe: " + divergent);
        }
        return String.join("; ", notes);
    }

    private static Paint paint(String state) {
        return switch (state) {
            case "live" -> Paint.GOOD;
            case "sent" -> Paint.WARN;
            case "silent", "unreachable" -> Paint.BAD;
            default -> Paint.DIM;
        };
    }
}
