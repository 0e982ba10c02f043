package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.ledger.PublicKeys;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "ledger",
        description = "Export and verify the record of all changes; see whether it is sound; go on after damage.",
        subcommands = {
            LedgerCommand.Status.class,
            LedgerExportCommand.class,
            LedgerVerifyCommand.class,
            LedgerCommand.Key.class,
            LedgerCommand.Continue.class
        },
        footer = {
            "",
            "Examples:",
            "  andon ledger key > andon.pub",
            "  andon ledger export ledger.ndjson",
            "  andon ledger verify ledger.ndjson --key andon.pub"
        })
final class LedgerCommand {

    @Command(
            name = "status",
            description = "Show how sound the ledger is, as far as the answering node knows.",
            footer = {"", "Exit codes: 0 sound as far as known, 3 broken.", "", "Example:", "  andon ledger status"})
    static final class Status extends ApiCommand {
        Status(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json state = api.send(ApiRequest.get("ledger")).body();
            Fields fields = Fields.lenient(state);
            return Outcome.of(fields.has("broken") ? Exit.BAD : Exit.DONE, state, () -> text(fields));
        }

        private String text(Fields state) {
            StringBuilder out = new StringBuilder();
            if (state.has("broken")) {
                Fields broken = state.object("broken");
                String entry = Words.of(broken, "entry");
                out.append(shell.paint(Paint.BAD, "BROKEN"))
                        .append("  entry ")
                        .append(entry)
                        .append(", found ")
                        .append(Words.moment(broken, "since"))
                        .append("\n  ")
                        .append(Glyphs.printable(broken.text("reason", "")))
                        .append("\n  Flags are served and kills are taken. Other changes are refused until you restore"
                                + " a backup or,\n  having looked at it, go on: andon ledger continue --entry ")
                        .append(entry)
                        .append("\n");
            } else {
                out.append(shell.paint(Paint.GOOD, "SOUND")).append("  as far as this node has checked\n");
            }
            fact(out, "ledger", Words.of(state, "ledger") + ", epoch " + Words.of(state, "epoch"));
            fact(out, "version", Words.of(state, "version"));
            fact(out, "hash", Words.of(state, "hash"));
            fact(out, "node", Words.of(state, "node"));
            fact(out, "checked", upTo(state.object("checked")));
            if (state.has("signed")) {
                fact(out, "signed", upTo(state.object("signed")));
            }
            return out.toString();
        }

        private static String upTo(Fields fields) {
            String at = fields.has("at") ? ", " + Words.moment(fields, "at") : ", not yet to the end";
            return "up to version " + Words.of(fields, "version") + at;
        }

        private static void fact(StringBuilder out, String name, String value) {
            out.append("  ").append(Glyphs.pad(name, 8)).append(value).append('\n');
        }
    }

    @Command(
            name = "key",
            description = "Print the public key that the answering node signs the ledger with, in PEM.",
            footer = {
                "",
                "Whoever verifies exports keeps it apart from them, and gets it from somebody to be trusted.",
                "",
                "Example:",
                "  andon ledger key > andon.pub"
            })
    static final class Key extends ApiCommand {
        @Option(names = "--all", description = "The keys of all nodes that ever joined.")
        private boolean all;

        Key(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json keys = api.all(ApiRequest.get("ledger", "keys"));
            return Outcome.done(keys, () -> pem(Fields.lenient(keys).items("items")));
        }

        private String pem(List<Json> items) {
            StringBuilder out = new StringBuilder();
            for (Json item : items) {
                Fields key = Fields.lenient(item);
                if (all || key.bool("answering", false)) {
                    out.append("node ").append(key.text("node")).append('\n');
                    out.append(PublicKeys.pem(key.text("publicKey")));
                }
            }
            return out.toString();
        }
    }

    @Command(
            name = "continue",
            description = "Go on after a broken entry, in a new epoch. What the answering node holds is what counts"
                    + " from then on.",
            footer = {
                "",
                "Look first: 'andon ledger status', an export, and a backup. Restoring a backup is better, if it",
                "has the entry as it was. What is broken stays so, for everyone who verifies an export.",
                "",
                "Example:",
                "  andon ledger continue --entry 57 --reason \"disk error, no backup has it\""
            })
    static final class Continue extends ApiCommand {
        @Option(
                names = "--entry",
                required = true,
                paramLabel = "VERSION",
                description = "The broken entry, as 'andon ledger status' names it.")
        private long entry;

        @Mixin
        private final Change change = new Change();

        Continue(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json answer = api.send(ApiRequest.post("ledger", "epochs")
                            .body(change.body().put("entry", entry))
                            .dryRun(change.dryRun))
                    .body();
            return Outcome.done(
                    answer,
                    () -> new ChangedText(shell, change)
                            .of("CONTINUED", "WOULD CONTINUE", "after entry " + entry, answer));
        }
    }
}
