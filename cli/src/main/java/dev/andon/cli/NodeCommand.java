package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Table;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "node",
        description = "List the servers and relays of the ledger, and take one that is gone off the list.",
        subcommands = {NodeCommand.ListAll.class, NodeCommand.Retire.class},
        footer = {"", "Example:", "  andon node list"})
final class NodeCommand {

    @Command(
            name = "list",
            description = "List the servers and relays of the ledger, and how the one that answers is linked to them.",
            footer = {"", "Example:", "  andon node list"})
    static final class ListAll extends ApiCommand {
        ListAll(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            Json all = api.all(ApiRequest.get("nodes"));
            return Outcome.done(all, () -> table(Fields.lenient(all).items("items")));
        }

        private String table(List<Json> items) {
            Table table = new Table()
                    .rigid("NODE")
                    .column("ADDRESS")
                    .rigid("REGION")
                    .rigid("STATE")
                    .rigid("SINCE")
                    .column("NOTE");
            for (Json item : items) {
                Fields node = Fields.lenient(item);
                table.row(
                        Table.cell(node.text("node", "")),
                        Table.cell(node.text("address", "")),
                        Table.cell(region(node)),
                        state(node),
                        Table.cell(node.has("since") ? Words.moment(node, "since") : ""),
                        Table.cell(node.text("detail", ""), Paint.WARN));
            }
            return table.render(shell.terminal());
        }

        /** Only relays say where they are. */
        private static String region(Fields node) {
            return node.optionalObject("relay")
                    .map(relay -> relay.text("region"))
                    .orElse("");
        }

        private static Table.Cell state(Fields node) {
            if (node.bool("self", false)) {
                return Table.cell("answers", Paint.GOOD);
            }
            if (!node.has("connected")) {
                return Table.cell("not dialled", Paint.DIM);
            }
            if (node.has("via") && !node.text("via").equals(node.text("node"))) {
                return Table.cell("linked via " + node.text("via"), Paint.GOOD);
            }
            return node.bool("connected") ? Table.cell("linked", Paint.GOOD) : Table.cell("not linked", Paint.BAD);
        }
    }

    @Command(
            name = "retire",
            description = "Take a server that is gone for good off the list, so that the others dial it no more.",
            footer = {
                "",
                "Kills that it took stay valid. A server that is linked is refused; one that starts again is back on"
                        + " the list.",
                "",
                "Example:",
                "  andon node retire cae12797871a --reason \"its machine was taken down\""
            })
    static final class Retire extends ApiCommand {
        @Parameters(paramLabel = "NODE", description = "Its id, as 'andon node list' shows it.")
        private String id = "";

        @Mixin
        private final Change change = new Change();

        Retire(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            ApiRequest delete = ApiRequest.delete("nodes", id, "address").query("reason", change.reason());
            Json answer = api.send(delete.dryRun(change.dryRun)).body();
            return Outcome.done(answer, () -> new ChangedText(shell, change).of("RETIRED", "WOULD RETIRE", id, answer));
        }
    }
}
