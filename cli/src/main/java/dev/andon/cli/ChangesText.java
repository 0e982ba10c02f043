package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What changed, member by member: {@code fallThrough.variant: on → off}. */
final class ChangesText {
    private static final int MAX_LINES = 40;
    private static final int MAX_WIDTH = 100;

    private ChangesText() {}

    /** One difference; an absent side is {@link Json.Null}. */
    record Difference(String path, Json before, Json after) {}

    /** The {@code changes} of an answer: each a subject with its state before and after. */
    static String of(Fields answer, Terminal terminal) {
        StringBuilder out = new StringBuilder();
        for (Json item : answer.items("changes")) {
            Fields change = Fields.lenient(item);
            out.append("  ")
                    .append(terminal.paint(Paint.BOLD, Glyphs.printable(change.text("subject"))))
                    .append('\n');
            append(out, "    ", differences(side(change, "before"), side(change, "after")), terminal);
        }
        return out.toString();
    }

    /** What is different between two states of one object; empty if nothing is. */
    static String between(Json before, Json after, Terminal terminal) {
        StringBuilder out = new StringBuilder();
        append(out, "  ", differences(before, after), terminal);
        return out.toString();
    }

    private static Json side(Fields change, String name) {
        return change.has(name) ? change.json(name) : Json.Null.NULL;
    }

    private static void append(StringBuilder out, String indent, List<Difference> differences, Terminal terminal) {
        int width = Math.min(terminal.width(), MAX_WIDTH);
        differences.stream().limit(MAX_LINES).forEach(difference -> {
            String path = difference.path().isEmpty() ? "" : difference.path() + ": ";
            String before = shown(difference.before());
            String after = shown(difference.after());
            String line = Glyphs.printable(indent + path + before + " → " + after);
            if (Glyphs.width(line) <= width) {
                out.append(line).append('\n');
            } else {
                out.append(Glyphs.cut(Glyphs.printable(indent + path), width)).append('\n');
                out.append(terminal.paint(Paint.DIM, Glyphs.cut(Glyphs.printable(indent + "- " + before), width)))
                        .append('\n');
                out.append(Glyphs.cut(Glyphs.printable(indent + "+ " + after), width))
                        .append('\n');
            }
        });
        if (differences.size() > MAX_LINES) {
            out.append(indent)
                    .append("and ")
                    .append(differences.size() - MAX_LINES)
                    .append(" more: --json shows all\n");
        }
    }

    private static String shown(Json value) {
        if (serves(value)) {
            return FlagText.serve(Fields.lenient(value));
        }
        return value == Json.Null.NULL ? "nothing" : Words.of(value);
    }

    /** Whether it is what a rule or the fall-through serves, which reads better as a whole. */
    private static boolean serves(Json value) {
        return value instanceof Json.Members(Map<String, Json> members)
                && (members.containsKey("split") || members.keySet().equals(Set.of("variant")));
    }

    /** The members in which two documents differ, down to where only one of them has any. */
    static List<Difference> differences(Json before, Json after) {
        List<Difference> found = new ArrayList<>();
        collect("", before, after, found);
        return found;
    }

    private static void collect(String path, Json before, Json after, List<Difference> found) {
        if (before.equals(after)) {
            return;
        }
        if (serves(before) || serves(after)) {
            found.add(new Difference(path, before, after));
        } else if (before instanceof Json.Members left && after instanceof Json.Members right) {
            Set<String> names = new LinkedHashSet<>(left.members().keySet());
            names.addAll(right.members().keySet());
            for (String name : names) {
                collect(path.isEmpty() ? name : path + "." + name, member(left, name), member(right, name), found);
            }
        } else if (before instanceof Json.Array(List<Json> left)
                && after instanceof Json.Array(List<Json> right)
                && left.size() == right.size()) {
            for (int i = 0; i < left.size(); i++) {
                collect(path + "[" + i + "]", left.get(i), right.get(i), found);
            }
        } else {
            found.add(new Difference(path, before, after));
        }
    }

    private static Json member(Json.Members object, String name) {
        Map<String, Json> members = object.members();
        return members.getOrDefault(name, Json.Null.NULL);
    }
}
