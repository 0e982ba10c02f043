package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.List;

/** What a kill would do. */
final class RehearsedText {
    private RehearsedText() {}

    static String of(String flag, String environment, Json rehearsed, Terminal terminal) {
        Fields answer = Fields.lenient(rehearsed);
        Fields fields = answer.has("result") ? answer.object("result") : answer;
        StringBuilder out = new StringBuilder();
        out.append(terminal.paint(Paint.WARN, "WOULD KILL"));
        out.append("  ").append(flag).append(" in ").append(environment).append('\n');
        line(out, "flags that would serve their safe variant", fields.texts("flags"));
        line(out, "flags that require them and would follow", fields.texts("dependents"));
        line(out, "services that would be touched", fields.texts("services"));
        if (fields.has("instances")) {
            out.append("  connected instances: ")
                    .append(Words.of(fields, "instances"))
                    .append('\n');
        }
        if (fields.has("already")) {
            out.append("  It is killed already, by ")
                    .append(fields.text("already"))
                    .append(".\n");
        }
        if (!fields.bool("restorable", true)) {
            out.append(terminal.paint(
                    Paint.WARN,
                    "  The ledger is out of reach: it can be stopped now, but not restored before it is back.\n"));
        }
        return out.toString();
    }

    private static void line(StringBuilder out, String what, List<String> keys) {
        if (!keys.isEmpty()) {
            out.append("  ")
                    .append(what)
                    .append(": ")
                    .append(Glyphs.printable(Words.list(keys)))
                    .append('\n');
        }
    }
}
