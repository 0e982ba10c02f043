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
import java.util.Optional;
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
            append(out, "    ", side(change, "before"), side(change, "after"), terminal);
        }
        return out.toString();
    }

    /** What is different between two states of one object; empty if nothing is. */
    static String between(Json before, Json after, Terminal terminal) {
        StringBuilder out = new StringBuilder();
        append(out, "  ", before, after, terminal);
        return out.toString();
    }

    private static Json side(Fields change, String name) {
        return change.has(name) ? change.json(name) : Json.Null.NULL;
    }

    private static void append(StringBuilder out, String indent, Json before, Json after, Terminal terminal) {
        if (before == Json.Null.NULL && after instanceof Json.Members(Map<String, Json> members)) {
            whole(out, indent + "+ ", members, terminal);
        } else if (after == Json.Null.NULL && before instanceof Json.Members(Map<String, Json> members)) {
            whole(out, indent + "- ", members, terminal);
        } else {
            append(out, indent, differences(before, after), terminal);
        }
    }

    /** An object that wasn't there before, or isn't there any more. */
    private static void whole(StringBuilder out, String indent, Map<String, Json> members, Terminal terminal) {
        int width = Math.min(terminal.width(), MAX_WIDTH);
        members.forEach((name, value) -> {
            String text = shown(value);
            if (!text.isEmpty()) {
                out.append(Glyphs.cut(Glyphs.printable(indent + name + ": " + text), width))
                        .append('\n');
            }
        });
    }

    private static void append(StringBuilder out, String indent, List<Difference> differences, Terminal terminal) {
        int width = Math.min(terminal.width(), MAX_WIDTH);
        differences.stream().limit(MAX_LINES).forEach(difference -> {
            String before = shown(difference.before());
            String after = shown(difference.after());
            String line = Glyphs.printable(indent + difference.path() + ": " + before + " → " + after);
            if (Glyphs.width(line) <= width) {
                out.append(line).append('\n');
            } else {
                out.append(indent).append(difference.path()).append(":\n");
                out.append(terminal.paint(Paint.DIM, Glyphs.cut(Glyphs.printable(indent + "  - " + before), width)));
                out.append('\n')
                        .append(Glyphs.cut(Glyphs.printable(indent + "  + " + after), width))
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
        if (isRule(value)) {
            return FlagText.rule(Fields.lenient(value));
        }
        return value == Json.Null.NULL ? "nothing" : Words.of(value);
    }

    private static boolean isRule(Json value) {
        return value instanceof Json.Members(Map<String, Json> members)
                && members.containsKey("when")
                && members.containsKey("serve");
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
        if (serves(before) || serves(after) || isRule(before) || isRule(after)) {
            found.add(new Difference(path, before, after));
        } else if (before instanceof Json.Members left && after instanceof Json.Members right) {
            Set<String> names = new LinkedHashSet<>(left.members().keySet());
            names.addAll(right.members().keySet());
            for (String name : names) {
                collect(path.isEmpty() ? name : path + "." + name, member(left, name), member(right, name), found);
            }
        } else if (items(before).isPresent() && items(after).isPresent()) {
            collect(path, items(before).get(), items(after).get(), found);
        } else {
            found.add(new Difference(path, before, after));
        }
    }

    private static void collect(String path, List<Json> before, List<Json> after, List<Difference> found) {
        for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
            Json left = i < before.size() ? before.get(i) : Json.Null.NULL;
            Json right = i < after.size() ? after.get(i) : Json.Null.NULL;
            collect(path + "[" + i + "]", left, right, found);
        }
    }

    /** A list of objects; what is absent counts as an empty one. */
    private static Optional<List<Json>> items(Json value) {
        if (value == Json.Null.NULL) {
            return Optional.of(List.of());
        }
        return value instanceof Json.Array(List<Json> items) && items.stream().allMatch(Json.Members.class::isInstance)
                ? Optional.of(items)
                : Optional.empty();
    }

    private static Json member(Json.Members object, String name) {
        Map<String, Json> members = object.members();
        return members.getOrDefault(name, Json.Null.NULL);
    }
}
