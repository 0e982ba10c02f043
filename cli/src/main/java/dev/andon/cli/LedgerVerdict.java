package dev.andon.cli;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import dev.andon.core.ledger.ExportVerdict;

/** What verifying an export came to, for people, for programs and as an exit code. */
record LedgerVerdict(ExportVerdict verdict) {

    int exitCode() {
        return verdict instanceof ExportVerdict.Good ? Exit.DONE : Exit.BAD;
    }

    String text(Shell shell) {
        return switch (verdict) {
            case ExportVerdict.Good good -> good(shell, good);
            case ExportVerdict.Bad bad ->
                shell.paint(Paint.BAD, "BAD") + "  line " + bad.line() + ", " + about(bad) + "\n  "
                        + Glyphs.printable(bad.reason()) + "\n";
        };
    }

    private static String about(ExportVerdict.Bad bad) {
        return bad.entry() == 0 ? "the header" : "entry " + bad.entry();
    }

    private static String good(Shell shell, ExportVerdict.Good good) {
        long last = good.end().version();
        String entries = last == good.after() ? "no entries" : "entries " + (good.after() + 1) + " to " + last;
        String text = shell.paint(Paint.GOOD, "GOOD") + "  " + entries + " of ledger "
                + good.end().ledger() + "\n  signed by node " + good.end().node() + " at "
                + Times.moment(good.end().at()) + ", in epoch " + good.end().epoch() + "; "
                + Words.count(good.checkpoints(), "checkpoint") + "\n";
        return good.expectedKey()
                ? text
                : text + "  It is undamaged. Whether it is forged shows only with the node's key: --key.\n";
    }

    Json json() {
        return switch (verdict) {
            case ExportVerdict.Good good ->
                Json.object()
                        .put("verdict", "good")
                        .put("ledger", good.end().ledger())
                        .put("after", good.after())
                        .put("version", good.end().version())
                        .put("hash", good.end().hash().hex())
                        .put("epoch", good.end().epoch())
                        .put("node", good.end().node())
                        .put("at", good.end().at().toString())
                        .put("checkpoints", good.checkpoints())
                        .put("expectedKey", good.expectedKey())
                        .build();
            case ExportVerdict.Bad bad ->
                Json.object()
                        .put("verdict", "bad")
                        .put("line", bad.line())
                        .put("entry", bad.entry())
                        .put("reason", bad.reason())
                        .build();
        };
    }
}
