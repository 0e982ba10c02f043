package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A rollback as people read it, before and after.
 *
 * @param names flags and segments; none for the whole environment
 */
record RollbackText(Shell shell, String environment, List<String> names) {
    /** How many objects a question shows before it is asked. */
    static final int SHOWN = 40;

    private static final List<Map.Entry<String, String>> COUNTED = List.of(
            Map.entry("flags", "flag"),
            Map.entry("removedFlags", "flag that leaves"),
            Map.entry("segments", "segment"),
            Map.entry("removedSegments", "segment that goes"));

    /** How many objects change. */
    static int changed(Fields result) {
        return COUNTED.stream()
                .mapToInt(counted -> result.items(counted.getKey()).size())
                .sum();
    }

    /** @param most how many changed objects are shown in full */
    String planned(Json answer, int most) {
        Fields fields = Fields.lenient(answer);
        if (!fields.has("result")) {
            return nothing(fields);
        }
        Fields result = fields.object("result");
        List<Json> changes = fields.items("changes");
        Json shown = Json.object()
                .put("changes", Json.array(changes.stream().limit(most).toList()))
                .build();
        StringBuilder out = headline(Paint.WARN, "WOULD ROLL BACK", result);
        out.append('\n').append(ChangesText.of(Fields.lenient(shown), shell.terminal()));
        if (changes.size() > most) {
            out.append("  and ").append(changes.size() - most).append(" more: --dry-run shows all\n");
        }
        return notes(out, result).toString();
    }

    /** @param log the entry that was written, if it is to be shown */
    String done(Json answer, Optional<Json> log) {
        Fields result = Fields.lenient(answer);
        if (result.has("repeated")) {
            return shell.paint(Paint.GOOD, "ROLLED BACK") + "  " + where() + ", as version "
                    + Words.of(result, "version") + ", by a try whose answer was lost\n";
        }
        if (changed(result) == 0) {
            return nothing(result);
        }
        StringBuilder out = headline(Paint.GOOD, "ROLLED BACK", result);
        out.append(", as version ").append(Words.of(result, "version")).append('\n');
        log.ifPresent(entry -> out.append(ChangesText.of(Fields.lenient(entry), shell.terminal())));
        return notes(out, result).toString();
    }

    private String nothing(Fields result) {
        StringBuilder out = new StringBuilder("NOTHING TO ROLL BACK  ").append(what(result));
        out.append(
                result.items("skipped").stream().allMatch(RollbackText::neededNothing) ? ": it is so already\n" : "\n");
        return notes(out, result).toString();
    }

    private static boolean neededNothing(Json skipped) {
        return Words.of(Fields.lenient(skipped), "what").equals("nothing");
    }

    private StringBuilder headline(Paint paint, String verb, Fields result) {
        StringBuilder out =
                new StringBuilder(shell.paint(paint, verb)).append("  ").append(what(result));
        if (names.isEmpty()) {
            List<String> counts = new ArrayList<>();
            COUNTED.forEach(counted -> {
                int count = result.items(counted.getKey()).size();
                if (count > 0) {
                    counts.add(count + " " + plural(counted.getValue(), count));
                }
            });
            out.append(": ").append(Words.list(counts));
        }
        return out;
    }

    private static String plural(String one, int count) {
        if (count == 1) {
            return one;
        }
        return one.startsWith("flag")
                ? one.replace("flag", "flags").replace("leaves", "leave")
                : one.replace("segment", "segments").replace("goes", "go");
    }

    private String what(Fields result) {
        return where() + " to version " + Words.of(result, "to") + " of " + Words.fineMoment(result, "toTime");
    }

    private String where() {
        return names.isEmpty() ? environment : Words.list(names) + " in " + environment;
    }

    private StringBuilder notes(StringBuilder out, Fields result) {
        for (Json item : result.items("skipped")) {
            Fields skipped = Fields.lenient(item);
            String what = skipped.has("flag") ? Words.of(skipped, "flag") : "segment " + Words.of(skipped, "segment");
            String how = neededNothing(item) ? "needs nothing: " : "skipped: ";
            note(out, how + what + " (" + Words.of(skipped, "why") + ")");
        }
        if (!result.texts("returnedFlags").isEmpty()) {
            out.append("  back from the archive: ")
                    .append(Words.list(result.texts("returnedFlags")))
                    .append('\n');
        }
        List<Json> dependencies = result.items("changedDependencies");
        String version = Words.of(result, "to");
        for (Json item : dependencies) {
            Fields changed = Fields.lenient(item);
            note(
                    out,
                    "different since version " + version + ": " + Words.of(changed, "subject") + " ("
                            + Words.of(changed, "change") + ")");
        }
        if (dependencies.stream().anyMatch(item -> !isTakenBack(item, result))) {
            out.append("  Evaluations may differ from those at version ").append(version);
            out.append("; --with-dependencies rolls these back, too.\n");
        }
        if (!result.texts("alsoAffected").isEmpty()) {
            out.append("  other flags that read what is rolled back: ");
            out.append(Words.list(result.texts("alsoAffected"))).append('\n');
        }
        return out;
    }

    private boolean isTakenBack(Json dependency, Fields result) {
        String subject = Words.of(Fields.lenient(dependency), "subject");
        List<String> taken = new ArrayList<>();
        result.texts("flags").forEach(flag -> taken.add(environment + "/flag/" + flag));
        result.texts("segments").forEach(segment -> taken.add(environment + "/segment/" + segment));
        return taken.contains(subject);
    }

    private void note(StringBuilder out, String line) {
        out.append("  ").append(shell.paint(Paint.WARN, Glyphs.printable(line))).append('\n');
    }
}
