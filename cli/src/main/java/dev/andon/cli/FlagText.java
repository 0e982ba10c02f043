package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.cli.text.Table.Cell;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Flags as people read them. */
final class FlagText {
    private FlagText() {}

    /** All flags, with their state in every environment. */
    static String list(List<Json> items, Terminal terminal) {
        Set<String> environments = new LinkedHashSet<>();
        items.forEach(item ->
                environments.addAll(Fields.lenient(item).map("environments").keySet()));
        Table table = new Table().rigid("FLAG").rigid("KIND").rigid("TYPE").column("OWNER");
        environments.forEach(key -> table.column(key.toUpperCase(Locale.ROOT)));
        for (Json item : items) {
            Fields flag = metadata(item);
            List<Cell> cells = new ArrayList<>();
            cells.add(Table.cell(flag.text("key", "")));
            cells.add(Table.cell(flag.text("kind", ""), Paint.DIM));
            cells.add(Table.cell(flag.text("type", ""), Paint.DIM));
            cells.add(Table.cell(flag.text("owner", "")));
            Map<String, Json> states = Fields.lenient(item).map("environments");
            environments.forEach(key ->
                    cells.add(states.containsKey(key) ? state(Fields.lenient(states.get(key))) : Table.cell("-")));
            table.row(cells.toArray(Cell[]::new));
        }
        return table.isEmpty()
                ? "There are no flags yet: andon flag create KEY --owner NAME --reason TEXT\n"
                : table.render(terminal);
    }

    private static Cell state(Fields fields) {
        if (!fields.items("kills").isEmpty()) {
            return Table.cell("KILLED", Paint.BAD);
        }
        boolean on = fields.has("configuration")
                ? fields.object("configuration").bool("on", false)
                : fields.bool("on", false);
        return on ? Table.cell("on", Paint.GOOD) : Table.cell("off", Paint.DIM);
    }

    /** The flags of one environment with what they serve there. */
    static String here(List<Json> items, Terminal terminal) {
        Table table = new Table()
                .rigid("FLAG")
                .rigid("STATE")
                .column("SERVES")
                .column("SAFE")
                .number("RULES")
                .number("VERSION");
        for (Json item : items) {
            Fields fields = Fields.lenient(item);
            Fields configuration = fields.object("configuration");
            String safe = configuration.text("safeVariant", "");
            boolean decides =
                    configuration.bool("on", false) && fields.items("kills").isEmpty();
            table.row(
                    Table.cell(fields.text("key", "")),
                    state(fields),
                    Table.cell(decides ? serve(configuration.object("fallThrough")) : safe),
                    Table.cell(safe, Paint.DIM),
                    Table.cell("" + configuration.items("rules").size()),
                    Table.cell(Words.of(fields, "version")));
        }
        return table.isEmpty() ? "There are no flags in this environment yet.\n" : table.render(terminal);
    }

    /** A flag's metadata and what it does in each environment. */
    static String show(Json answer, Terminal terminal) {
        Fields fields = Fields.lenient(answer);
        StringBuilder out = head(answer, terminal);
        for (Map.Entry<String, Json> environment : fields.map("environments").entrySet()) {
            out.append('\n');
            environment(out, environment.getKey(), Fields.lenient(environment.getValue()), terminal);
        }
        return out.toString();
    }

    /** A flag's metadata and what it does in one environment. */
    static String show(String environment, Json answer, Terminal terminal) {
        StringBuilder out = head(answer, terminal).append('\n');
        environment(out, environment, Fields.lenient(answer), terminal);
        return out.toString();
    }

    private static StringBuilder head(Json answer, Terminal terminal) {
        Fields flag = metadata(answer);
        StringBuilder out = new StringBuilder();
        out.append(terminal.paint(Paint.BOLD, flag.text("key", "")));
        out.append("  ")
                .append(flag.text("kind", ""))
                .append(", ")
                .append(flag.text("type", ""))
                .append('\n');
        fact(out, "owner", flag.text("owner", ""));
        fact(out, "about", flag.text("description", ""));
        fact(out, "tags", Words.list(flag.texts("tags")));
        fact(out, "lives", flag.has("lifetimeDays") ? Words.of(flag, "lifetimeDays") + " days" : "");
        return out;
    }

    private static void environment(StringBuilder out, String key, Fields fields, Terminal terminal) {
        Fields configuration = fields.object("configuration");
        boolean on = configuration.bool("on", false);
        List<Json> kills = fields.items("kills");
        out.append(terminal.paint(Paint.BOLD, key)).append("  ");
        out.append(terminal.paint(on ? Paint.GOOD : Paint.DIM, on ? "on" : "off"));
        out.append(fields.has("version") ? ", version " + Words.of(fields, "version") : "")
                .append('\n');
        for (Json kill : kills) {
            String id = kill instanceof Json.Members ? Words.of(Fields.lenient(kill), "id") : Words.of(kill);
            out.append(terminal.paint(Paint.BAD, "  KILLED"))
                    .append("  by ")
                    .append(Glyphs.printable(id))
                    .append('\n');
        }
        fact(
                out,
                "variants",
                configuration.map("variants").entrySet().stream()
                        .map(variant -> variant.getKey() + " = " + Words.of(variant.getValue()))
                        .collect(Collectors.joining(", ")));
        fact(out, "safe", configuration.text("safeVariant", ""));
        for (Json item : configuration.items("prerequisites")) {
            Fields prerequisite = Fields.lenient(item);
            fact(out, "needs", prerequisite.text("flag") + " to serve " + Words.list(prerequisite.texts("variants")));
        }
        int number = 1;
        for (Json item : configuration.items("rules")) {
            fact(out, "rule " + number++, rule(Fields.lenient(item)));
        }
        fact(out, "else", serve(configuration.object("fallThrough")));
        configuration
                .optionalObject("whenBlind")
                .filter(blind -> blind.has("safeAfterSeconds"))
                .ifPresent(blind ->
                        fact(out, "blind", "safe after " + Words.of(blind, "safeAfterSeconds") + " s without contact"));
    }

    /** {@code staff first: {"segment":"staff"} → on}. */
    static String rule(Fields rule) {
        String name = rule.text("name", "");
        String when = rule.json("when").text();
        return (name.isEmpty() ? "" : name + ": ") + when + " → " + serve(rule.object("serve"));
    }

    /** {@code on}, or {@code 20 % on, 80 % off}. */
    static String serve(Fields serve) {
        if (serve.has("variant")) {
            return serve.text("variant");
        }
        long total = 0;
        List<Fields> shares = new ArrayList<>();
        for (Json item : serve.items("split")) {
            Fields share = Fields.lenient(item);
            total += share.whole("weight", 0, Integer.MAX_VALUE);
            shares.add(share);
        }
        double whole = Math.max(1, total);
        return shares.stream()
                .map(share ->
                        percent(share.whole("weight", 0, Integer.MAX_VALUE) / whole) + " " + share.text("variant"))
                .collect(Collectors.joining(", "));
    }

    /** The metadata, be it the document itself or its member {@code flag}. */
    private static Fields metadata(Json item) {
        Fields fields = Fields.lenient(item);
        return fields.has("flag") && fields.json("flag") instanceof Json.Members ? fields.object("flag") : fields;
    }

    private static String percent(double share) {
        double percent = share * 100;
        return percent == Math.rint(percent) ? (long) percent + " %" : String.format(Locale.ROOT, "%.2f %%", percent);
    }

    private static void fact(StringBuilder out, String name, String value) {
        if (!value.isEmpty()) {
            out.append("  ")
                    .append(Glyphs.pad(name, 9))
                    .append(' ')
                    .append(Glyphs.printable(value))
                    .append('\n');
        }
    }
}
