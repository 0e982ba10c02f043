package dev.andon.cli;

import dev.andon.cli.Receipt.Instance;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import dev.andon.cli.text.Times;
import java.util.List;
import java.util.Locale;

/** A kill and its receipt as one page of text, fit for an incident channel: the verdict first, then who is missing. */
final class ReceiptText {
    private static final int MAX_NAMES = 15;
    private static final int TEXT_WIDTH = 100;

    private final Terminal terminal;
    private final StringBuilder out = new StringBuilder();

    private ReceiptText(Terminal terminal) {
        this.terminal = terminal;
    }

    static String of(Receipt.Kill kill, Terminal terminal) {
        ReceiptText text = new ReceiptText(terminal);
        text.verdict(kill);
        text.counts(kill);
        text.facts(kill);
        return text.out.toString();
    }

    /** The state of a kill in a few words, for a line that is drawn again and again. */
    static String progress(Receipt receipt) {
        return receipt.applied() + " of " + receipt.expected() + " applied · " + receipt.silent() + " silent · "
                + receipt.unreachable() + " unreachable";
    }

    private void verdict(Receipt.Kill kill) {
        String what = kill.target() + " in " + kill.environment();
        Receipt receipt = kill.receipt();
        if (!kill.standing()) {
            line(Paint.WARN, "RESTORED", what + " was killed, and has been restored since");
            return;
        }
        switch (receipt.verdict()) {
            case "proven" -> line(Paint.GOOD, "PROVEN", what + " is stopped everywhere");
            case "partial" -> line(Paint.BAD, "NOT PROVEN", what + " is killed, but not every instance has applied it");
            case "requested" -> line(Paint.WARN, "REQUESTED", what + " is killed; no instance has applied it yet");
            case "nobody-live" ->
                line(Paint.WARN, "NOBODY LIVE", what + " is killed, but no instance is connected that could prove it");
            default -> line(Paint.WARN, receipt.verdict().toUpperCase(Locale.ROOT), what);
        }
    }

    private void counts(Receipt.Kill kill) {
        Receipt receipt = kill.receipt();
        if (receipt.expected() > 0) {
            StringBuilder times = new StringBuilder();
            receipt.p50Ms().ifPresent(ms -> times.append(": p50 ").append(Times.shownMs(ms)));
            receipt.p99Ms().ifPresent(ms -> times.append(", p99 ").append(Times.shownMs(ms)));
            receipt.maxMs().ifPresent(ms -> times.append(", slowest ").append(Times.shownMs(ms)));
            out.append("  ").append(receipt.applied()).append(" of ");
            out.append(Words.count(receipt.expected(), "instance"))
                    .append(" applied it")
                    .append(times)
                    .append('\n');
        }
        missing(receipt.silent(), "silent: connected, but without an acknowledgement", receipt.in("silent"));
        missing(
                receipt.unreachable(),
                "unreachable: vanished without a goodbye, may still serve the unsafe variant",
                receipt.in("unreachable"));
        if (receipt.gone() > 0) {
            out.append("  ").append(receipt.gone()).append(" gone: said goodbye\n");
        }
    }

    private void missing(long count, String what, List<Instance> instances) {
        if (count == 0) {
            return;
        }
        out.append("  ").append(terminal.paint(Paint.BAD, count + " " + what)).append('\n');
        instances.stream()
                .limit(MAX_NAMES)
                .forEach(instance -> out.append("    ")
                        .append(Glyphs.printable(instance.name()))
                        .append('\n'));
        if (instances.size() > MAX_NAMES) {
            out.append("    and ").append(instances.size() - MAX_NAMES).append(" more: --json names all\n");
        }
    }

    private void facts(Receipt.Kill kill) {
        out.append('\n');
        String version = kill.version().map(number -> ", version " + number).orElse("");
        boolean settled = kill.ledger().equals("settled");
        fact("kill", kill.id() + " (" + kill.ledger() + version + ")");
        kill.at().ifPresent(at -> fact("when", Words.moment(at)));
        kill.actor().ifPresent(actor -> fact("who", actor));
        kill.reason().ifPresent(reason -> fact("why", reason));
        if (!kill.flags().equals(List.of(kill.target())) && !kill.flags().isEmpty()) {
            List<String> shown = kill.flags().stream().limit(MAX_NAMES).toList();
            long more = kill.flagCount() - shown.size();
            fact("flags", Words.list(shown) + (more > 0 ? " and " + more + " more" : ""));
        }
        if (kill.repeated()) {
            fact("note", "It was killed before: no second kill was made.");
        }
        if (!settled) {
            fact("note", "The ledger hasn't taken it yet. The kill stands all the same and settles by itself.");
        }
        if (!kill.durable()) {
            fact(
                    "WARNING",
                    "The journal failed: the kill stands, but wouldn't survive the server's death until it settles.");
        }
    }

    private void line(Paint paint, String verdict, String rest) {
        out.append(terminal.paint(paint, verdict))
                .append("  ")
                .append(Glyphs.printable(rest))
                .append('\n');
    }

    private void fact(String name, String value) {
        String label = Glyphs.pad("  " + name, 10);
        int width = Math.min(terminal.width(), TEXT_WIDTH) - label.length();
        for (String line : Glyphs.wrap(Glyphs.printable(value), width)) {
            out.append(label).append(line).append('\n');
            label = " ".repeat(label.length());
        }
    }
}
