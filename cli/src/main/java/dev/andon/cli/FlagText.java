package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Flags as people read them. */
final class FlagText {
    private FlagText() {}

    /** A list of flags with their metadata. */
    static String list(List<Json> items, Terminal terminal) {
        Table table = new Table()
                .rigid("FLAG")
                .rigid("KIND")
                .rigid("TYPE")
                .column("OWNER")
                .column("DESCRIPTION");
        for (Json item : items) {
            Fields flag = metadata(item);
            boolean archived = flag.bool("archived", false);
            table.row(
                    Table.cell(flag.text("key", ""), archived ? Paint.DIM : Paint.PLAIN),
                    Table.cell(archived ? "archived" : flag.text("kind", "")),
                    Table.cell(flag.text("type", "")),
                    Table.cell(flag.text("owner", "")),
                    Table.cell(flag.text("description", ""), Paint.DIM));
        }
        return table.isEmpty()
                ? "There are no flags yet: andon flag create KEY --owner NAME --reason TEXT\n"
                : table.render(terminal);
    }

    /** The flags of one environment with what they serve there. */
    static String list(List<Json> items, Collection<String> killed, Terminal terminal) {
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
            String key = key(item);
            boolean on = configuration.bool("on", false);
            boolean stopped = killed.contains(key);
            table.row(
                    Table.cell(key),
                    stopped
                            ? Table.cell("KILLED", Paint.BAD)
                            : Table.cell(on ? "on" : "off", on ? Paint.GOOD : Paint.DIM),
                    Table.cell(on && !stopped ? serve(configuration.object("fallThrough")) : "safe variant"),
                    Table.cell(configuration.text("safeVariant", "")),
                    Table.cell("" + configuration.items("rules").size()),
                    Table.cell(Words.of(fields, "version")));
        }
        return table.isEmpty() ? "There are no flags in this environment yet.\n" : table.render(terminal);
    }

    /** A flag's metadata and what it does in each environment. */
    static String show(Json answer, Terminal terminal) {
        Fields fields = Fields.lenient(answer);
        Fields flag = metadata(answer);
        StringBuilder out = new StringBuilder();
        out.append(terminal.paint(Paint.BOLD, flag.text("key", "")));
        out.append("  ").append(flag.text("kind", "")).append(", ").append(flag.text("type", ""));
        out.append(flag.bool("archived", false) ? terminal.paint(Paint.WARN, ", archived") : "")
                .append('\n');
        fact(out, "owner", flag.text("owner", ""));
        fact(out, "about", flag.text("description", ""));
        fact(out, "tags", Words.list(flag.texts("tags")));
        fact(out, "lives", flag.has("lifetimeDays") ? Words.of(flag, "lifetimeDays") + " days" : "");
        for (Map.Entry<String, Json> environment : fields.map("environments").entrySet()) {
            out.append('\n');
            environment(out, environment.getKey(), Fields.lenient(environment.getValue()), terminal);
        }
        return out.toString();
    }

    /** A flag in one environment. */
    static String show(String flag, String environment, Json answer, Terminal terminal) {
        StringBuilder out = new StringBuilder(terminal.paint(Paint.BOLD, flag)).append('\n');
        environment(out, environment, Fields.lenient(answer), terminal);
        return out.toString();
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
            Fields rule = Fields.lenient(item);
            String name = rule.text("name", "");
            fact(
                    out,
                    "rule " + number++,
                    (name.isEmpty() ? "" : name + ": ") + rule.json("when").text() + " → "
                            + serve(rule.object("serve")));
        }
        fact(out, "else", serve(configuration.object("fallThrough")));
        configuration
                .optionalObject("whenBlind")
                .filter(blind -> blind.has("safeAfterSeconds"))
                .ifPresent(blind ->
                        fact(out, "blind", "safe after " + Words.of(blind, "safeAfterSeconds") + " s without contact"));
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

    static String key(Json item) {
        Fields fields = Fields.lenient(item);
        return fields.has("flag") && fields.json("flag") instanceof Json.Text(String key)
                ? key
                : metadata(item).text("key", "");
    }

    /** The metadata, be it the document itself or its member {@code flag}. */
    private static Fields metadata(Json item) {
        Fields fields = Fields.lenient(item);
        return fields.has("flag") && fields.json("flag") instanceof Json.Members ? fields.object("flag") : fields;
    }

    private static String percent(double share) {
        double percent = share * 100;
        return percent == Math.rint(percent)
                ? (long) percent + " %"
                : String.format(java.util.Locale.ROOT, "%.2f %%", percent);
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
