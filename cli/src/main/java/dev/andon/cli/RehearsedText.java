package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a kill would do, on a page. What the server doesn't tell is left out. */
final class RehearsedText {
    private static final int MAX_NAMES = 10;

    private final Fields fields;
    private final Terminal terminal;
    private final StringBuilder out = new StringBuilder();

    private RehearsedText(Fields fields, Terminal terminal) {
        this.fields = fields;
        this.terminal = terminal;
    }

    static String of(Aim aim, String environment, Json rehearsed, Terminal terminal) {
        Fields answer = Fields.lenient(rehearsed);
        RehearsedText text = new RehearsedText(answer.has("result") ? answer.object("result") : answer, terminal);
        text.head(aim, environment);
        text.touched();
        text.traffic();
        text.exercise();
        text.standing();
        text.limits(aim);
        return text.out.toString();
    }

    private void head(Aim aim, String environment) {
        out.append(terminal.paint(Paint.WARN, "WOULD KILL"));
        out.append("  ").append(Glyphs.printable(aim.label())).append(" in ").append(environment);
        if (aim.target().wide() && fields.has("flagCount")) {
            long count = count("flagCount");
            out.append(": ").append(Words.count(count, "flag")).append(count == 0 ? "" : ", all that are ");
            out.append(count == 0 ? "" : Glyphs.printable(fields.text("why", "there")));
        }
        out.append('\n');
    }

    private void touched() {
        names("flags that would serve their safe variant", fields.texts("flags"), "flagCount");
        names("flags that require them and would follow", fields.texts("dependents"), "dependentCount");
        names("services that would be touched", fields.texts("services"), "");
        if (fields.has("instances")) {
            out.append("  connected instances: ").append(Words.of(fields, "instances"));
            long unreachable = count("unreachable");
            out.append(unreachable == 0 ? "" : ", and " + unreachable + " unreachable")
                    .append('\n');
        }
        List<String> owners = new ArrayList<>();
        for (Json item : fields.items("owners")) {
            Fields owner = Fields.lenient(item);
            owners.add(owner.text("owner") + flagsOf(owner.whole("flags", 0, Long.MAX_VALUE)));
        }
        names("owners to tell", owners, "");
    }

    private String flagsOf(long flags) {
        return count("flagCount") > 1 ? " (" + Words.count(flags, "flag") + ")" : "";
    }

    private void traffic() {
        if (!fields.has("traffic")) {
            return;
        }
        Fields traffic = fields.object("traffic");
        long evaluations = traffic.whole("evaluations", 0, Long.MAX_VALUE);
        String time = Math.round(traffic.number("seconds")) + " s";
        if (evaluations == 0) {
            out.append("  evaluations in the last ").append(time).append(": none reported\n");
            return;
        }
        String most = traffic.bool("atMost", false) ? "at most " : "";
        out.append("  evaluations in the last ").append(time).append(": ");
        out.append(most).append(evaluations).append(", ");
        out.append(decimal(traffic.number("perSecond"))).append(" a second, ");
        out.append(percent(traffic.number("share"))).append(" of all\n");
        List<Json> busiest = traffic.items("busiest");
        for (Json item : busiest.subList(0, Math.min(MAX_NAMES, busiest.size()))) {
            flagTraffic(Fields.lenient(item));
        }
        if (!traffic.bool("complete", true)) {
            out.append("    too many flags in too many services: some aren't counted\n");
        }
    }

    private void flagTraffic(Fields flag) {
        List<String> shares = new ArrayList<>();
        for (Json item : flag.items("variants")) {
            Fields variant = Fields.lenient(item);
            shares.add(percent(variant.number("share")) + " " + variant.text("variant")
                    + (variant.bool("safe") ? " (safe)" : ""));
        }
        out.append("    ").append(Glyphs.printable(flag.text("flag"))).append(": ");
        out.append(decimal(flag.number("perSecond"))).append(" a second, ");
        out.append(Glyphs.printable(Words.list(shares))).append('\n');
    }

    /** A way that was never gone is worth a line before it is needed. */
    private void exercise() {
        if (!fields.has("exercise")) {
            return;
        }
        Fields exercise = fields.object("exercise");
        long never = exercise.whole("neverCount", 0, Long.MAX_VALUE);
        long flags = count("flagCount");
        if (flags > 0) {
            String what = never == flags ? "never" : never == 0 ? "yes" : (flags - never) + " of " + flags + " flags";
            String line = "  exercised by a kill before: " + what;
            out.append(never == 0 ? line : terminal.paint(Paint.WARN, line)).append('\n');
        }
        for (Json item : exercise.items("bySdk")) {
            Fields sdk = Fields.lenient(item);
            out.append("    ").append(Glyphs.printable(sdk.text("sdk"))).append(": ");
            out.append(sdk.has("oldest") ? last(sdk, flags) : "never").append('\n');
        }
    }

    private static String last(Fields sdk, long flags) {
        Fields oldest = sdk.object("oldest");
        long never = sdk.whole("neverCount", 0, Long.MAX_VALUE);
        long all = oldest.whole("applied", 0, Long.MAX_VALUE) + oldest.whole("missing", 0, Long.MAX_VALUE);
        return (never == 0 ? "" : "never for " + never + " of " + flags + "; ")
                + (flags > 1 ? "longest ago " : "last ")
                + Words.moment(oldest, "at") + ", kill " + oldest.text("kill") + ": "
                + Words.of(oldest, "applied") + " of " + all + " applied it, slowest "
                + Times.shownMs(oldest.number("slowestMs")) + ", " + oldest.text("verdict");
    }

    private void standing() {
        if (fields.has("already")) {
            out.append("  It is killed already, by ")
                    .append(fields.text("already"))
                    .append(".\n");
        }
        List<String> others = new ArrayList<>();
        for (Json item : fields.items("standing")) {
            Fields kill = Fields.lenient(item);
            if (!kill.text("id").equals(fields.text("already", ""))) {
                others.add(kill.text("id") + " of " + kill.text("target")
                        + (kill.bool("forSome", false) ? " for some" : ""));
            }
        }
        names("other kills that hold some of it", others, "");
        names(
                "processes that stop some of it by themselves",
                fields.items("local").stream().map(Words::localStop).toList(),
                "");
    }

    private void limits(Aim aim) {
        if (!fields.bool("known", true)) {
            out.append(terminal.paint(
                    Paint.WARN,
                    "  This server is cut off and doesn't know " + Glyphs.printable(aim.label())
                            + ": it may be mistyped, or newer than what the server knows.\n"));
        }
        if (!fields.bool("restorable", true)) {
            out.append(terminal.paint(
                    Paint.WARN,
                    "  The ledger is out of reach: it can be stopped now, but not restored before it is back.\n"));
        }
        boolean needed =
                fields.has("confirmation") && fields.object("confirmation").bool("required");
        if (needed && !fields.has("already")) {
            out.append("  It takes a confirmation: --confirm ")
                    .append(count("flagCount"))
                    .append('\n');
        }
    }

    private long count(String name) {
        return fields.whole(name, 0, Long.MAX_VALUE, 0);
    }

    /** @param countName the member with how many there are in all; of those that are named if there is none */
    private void names(String what, List<String> names, String countName) {
        if (names.isEmpty()) {
            return;
        }
        long all = countName.isEmpty() ? names.size() : fields.whole(countName, 0, Long.MAX_VALUE, names.size());
        List<String> shown = names.subList(0, Math.min(MAX_NAMES, names.size()));
        out.append("  ").append(what).append(": ").append(Glyphs.printable(Words.list(shown)));
        out.append(all > shown.size() ? " and " + (all - shown.size()) + " more" : "")
                .append('\n');
    }

    private static String decimal(double value) {
        return value >= 100 ? "" + Math.round(value) : String.format(Locale.ROOT, "%.1f", value);
    }

    private static String percent(double share) {
        double percent = share * 100;
        return (percent == 0 || percent >= 1 ? "" + Math.round(percent) : String.format(Locale.ROOT, "%.1f", percent))
                + " %";
    }
}
