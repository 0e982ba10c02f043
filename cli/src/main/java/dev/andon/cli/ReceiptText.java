package dev.andon.cli;

import dev.andon.cli.Receipt.Instance;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.cli.text.Terminal;
import dev.andon.cli.text.Times;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A kill and its receipt as one page of text, fit for an incident channel: the verdict first, then who is missing. At most
 * {@value #MAX_LINES} lines of 100 columns, whatever there is to say; without a terminal, of 80.
 */
final class ReceiptText {
    static final int MAX_LINES = 60;

    private static final int MAX_NAMES = 10;
    private static final int MAX_GROUPS = 10;
    private static final int MAX_RELAPSES = 5;
    private static final int MAX_FACT_LINES = 4;
    private static final int TEXT_WIDTH = 100;
    private static final int PAGE_WIDTH = 80;

    private final Terminal terminal;
    private final StringBuilder out = new StringBuilder();

    private ReceiptText(Terminal terminal) {
        this.terminal = terminal.interactive() ? terminal : new Terminal(false, PAGE_WIDTH, terminal.colour());
    }

    static String of(Receipt.Kill kill, Terminal terminal) {
        ReceiptText text = new ReceiptText(terminal);
        text.verdict(kill);
        text.counts(kill);
        text.relapses(kill.receipt());
        text.groups(kill.receipt());
        text.facts(kill);
        return text.out.toString();
    }

    /** The state of a kill in a few words, for a line that is drawn again and again. */
    static String progress(Receipt receipt) {
        Receipt.Foreign foreign = receipt.foreign();
        String others = foreign.known() == 0 ? "" : foreign.confirmed() + " confirmed · " + foreign.sent() + " sent · ";
        return receipt.applied() + " of " + receipt.expected() + " applied · " + others + receipt.silent()
                + " silent · " + receipt.unreachable() + " unreachable";
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
            case "sent" -> line(Paint.WARN, "SENT, NOT PROVEN", what + " is killed; " + sent(receipt));
            case "requested" -> line(Paint.WARN, "REQUESTED", what + " is killed; no instance has applied it yet");
            case "nobody-live" ->
                line(Paint.WARN, "NOBODY LIVE", what + " is killed, but no instance is connected that could prove it");
            default -> line(Paint.WARN, receipt.verdict().toUpperCase(Locale.ROOT), what);
        }
    }

    /** Who of those that have no way to acknowledge is still in question. */
    private static String sent(Receipt receipt) {
        long sent = receipt.foreign().sent();
        if (sent == 0) {
            return "there are clients that aren't listed";
        }
        return sent == 1 ? "1 client hasn't confirmed it" : sent + " clients haven't confirmed it";
    }

    private void counts(Receipt.Kill kill) {
        Receipt receipt = kill.receipt();
        if (receipt.expected() > 0) {
            List<String> times = new ArrayList<>();
            receipt.p50Ms().ifPresent(ms -> times.add("p50 " + Times.shownMs(ms)));
            receipt.p99Ms().ifPresent(ms -> times.add("p99 " + Times.shownMs(ms)));
            receipt.maxMs().ifPresent(ms -> times.add("slowest " + Times.shownMs(ms)));
            Receipt.Foreign foreign = receipt.foreign();
            if (foreign.known() == 0) {
                out.append("  ").append(receipt.applied()).append(" of ");
                out.append(Words.count(receipt.expected(), "instance")).append(" applied it");
                out.append(times.isEmpty() ? "" : ": ");
            } else {
                out.append("  ").append(receipt.applied()).append(" applied, ");
                out.append(foreign.confirmed()).append(" confirmed, ").append(foreign.sent());
                out.append(" sent, of ").append(Words.count(receipt.expected(), "instance"));
                out.append(times.isEmpty() ? "" : "\n  applied after ");
            }
            out.append(String.join(", ", times)).append('\n');
        }
        missing(receipt.silent(), "silent: there, but without an acknowledgement", receipt.in("silent"));
        missing(
                receipt.unreachable(),
                "unreachable: vanished without a goodbye, may still serve the unsafe variant",
                receipt.in("unreachable"));
        if (!receipt.missingNodes().isEmpty()) {
            out.append("  ")
                    .append(terminal.paint(
                            Paint.BAD,
                            Words.count(receipt.missingNodes().size(), "server")
                                    + " can't be asked who its clients are: "
                                    + String.join(", ", receipt.missingNodes())))
                    .append('\n');
        }
        foreign(receipt);
        if (receipt.returned() > 0) {
            out.append("  ")
                    .append(receipt.returned())
                    .append(" of them returned: was away, and applied it before its first evaluation\n");
        }
        if (receipt.gone() > 0) {
            out.append("  ").append(receipt.gone()).append(" gone: said goodbye\n");
        }
    }

    private void foreign(Receipt receipt) {
        Receipt.Foreign foreign = receipt.foreign();
        String cannot = foreign.unconfirmable() == 0
                ? ""
                : foreign.unconfirmable() == foreign.sent()
                        ? " (flagd-sync clients can't confirm)"
                        : " (" + foreign.unconfirmable() + " can't confirm: flagd-sync)";
        listed(Paint.WARN, foreign.sent(), "sent: on its way to them, or there" + cannot, receipt.in("sent"));
        if (foreign.widened() > 0) {
            out.append("  ")
                    .append(foreign.widened())
                    .append(" hold the flag for everybody: their language can't say the audience\n");
        }
        if (foreign.unlisted() > 0) {
            out.append("  ")
                    .append(terminal.paint(
                            Paint.BAD, foreign.unlisted() + " or so aren't listed: there are too many clients"))
                    .append('\n');
        }
    }

    private void relapses(Receipt receipt) {
        receipt.relapses().filter(all -> all.count() > 0).ifPresent(all -> {
            String what =
                    "RELAPSE: " + Words.count(all.count(), "evaluation") + " served an unsafe variant under the kill";
            out.append("  ").append(terminal.paint(Paint.BAD, what)).append('\n');
            all.instances().stream()
                    .limit(MAX_RELAPSES)
                    .forEach(one -> out.append("    ")
                            .append(cut(one.instance() + ": " + one.variant() + " of " + one.flag() + ", "
                                    + Words.count(one.count(), "time")))
                            .append('\n'));
            more(all.instances().size(), MAX_RELAPSES);
        });
        receipt.inFlight()
                .filter(all -> all.count() > 0)
                .ifPresent(all -> out.append("  ")
                        .append(Words.count(all.count(), "evaluation"))
                        .append(" in flight: begun before the kill was in force there, reported ")
                        .append(Words.moment(all.from()))
                        .append(" to ")
                        .append(Words.moment(all.to()))
                        .append('\n'));
    }

    /** Only where there are several: the counts above say it all otherwise. */
    private void groups(Receipt receipt) {
        if (receipt.groups().size() < 2) {
            return;
        }
        out.append('\n');
        boolean others = receipt.foreign().known() > 0;
        Table table =
                new Table().column("SERVICE").column("REGION").column("SDK").number("APPLIED");
        if (others) {
            table.number("CONFIRMED").number("SENT");
        }
        table.number("OF").number("P50").number("SLOWEST");
        receipt.groups().stream()
                .sorted(Comparator.comparing(
                                (Receipt.Group group) -> group.silent() + group.unreachable(),
                                Comparator.reverseOrder())
                        .thenComparing(Receipt.Group::sent, Comparator.reverseOrder()))
                .limit(MAX_GROUPS)
                .forEach(group -> table.row(row(group, others)));
        Terminal indented = new Terminal(terminal.interactive(), terminal.width() - 2, terminal.colour());
        table.render(indented)
                .lines()
                .forEach(line -> out.append("  ").append(line).append('\n'));
        more(receipt.groups().size(), MAX_GROUPS);
    }

    private static Table.Cell[] row(Receipt.Group group, boolean others) {
        List<Table.Cell> cells = new ArrayList<>();
        cells.add(Table.cell(group.service()));
        cells.add(Table.cell(group.region()));
        cells.add(Table.cell(group.sdk()));
        cells.add(Table.cell("" + group.applied(), group.missing() > 0 ? Paint.BAD : Paint.DIM));
        if (others) {
            cells.add(Table.cell("" + group.confirmed()));
            cells.add(Table.cell("" + group.sent()));
        }
        cells.add(Table.cell("" + group.all()));
        cells.add(Table.cell(shown(group.p50Ms())));
        cells.add(Table.cell(shown(group.maxMs())));
        return cells.toArray(new Table.Cell[0]);
    }

    private static String shown(OptionalDouble ms) {
        return ms.isPresent() ? Times.shownMs(ms.getAsDouble()) : "";
    }

    private void more(int all, int shown) {
        if (all > shown) {
            out.append("    and ").append(all - shown).append(" more: --json has all\n");
        }
    }

    private String cut(String text) {
        return Glyphs.cut(Glyphs.printable(text), Math.min(terminal.width(), TEXT_WIDTH) - 4);
    }

    private void missing(long count, String what, List<Instance> instances) {
        listed(Paint.BAD, count, what, instances);
    }

    private void listed(Paint paint, long count, String what, List<Instance> instances) {
        if (count == 0) {
            return;
        }
        out.append("  ").append(terminal.paint(paint, count + " " + what)).append('\n');
        instances.stream()
                .limit(MAX_NAMES)
                .forEach(instance ->
                        out.append("    ").append(cut(instance.name())).append('\n'));
        more(instances.size(), MAX_NAMES);
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
        kill.receipt().last().ifPresent(last -> {
            String where = last.version().isEmpty() ? "on its way" : "version " + last.version();
            fact("receipt", last.outcome() + ", in the ledger: " + where + ", " + Words.moment(last.at()));
            fact("sha-256", last.digest());
        });
        if (kill.repeated()) {
            fact("note", "It was killed before: no second kill was made.");
        }
        if (!settled) {
            fact("note", "The ledger hasn't taken it yet. The kill stands all the same and settles by itself.");
        }
        if (settled && kill.maybeLostWithPrimary()) {
            fact(
                    "note",
                    "The store has no synchronous standby: a fail-over may lose the entry. The kill would stand all the"
                            + " same, and be written anew.");
        }
        kill.tokenRevokedAt()
                .ifPresent(at -> fact(
                        "WARNING",
                        "The token that ordered it was revoked " + Words.moment(at) + ". It stands all the same."));
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
        List<String> lines = Glyphs.wrap(Glyphs.printable(value), width);
        for (int i = 0; i < Math.min(lines.size(), MAX_FACT_LINES); i++) {
            boolean cut = i == MAX_FACT_LINES - 1 && lines.size() > MAX_FACT_LINES;
            out.append(label)
                    .append(cut ? Glyphs.cut(lines.get(i), width - 1) + "…" : lines.get(i))
                    .append('\n');
            label = " ".repeat(label.length());
        }
    }
}
