package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "receipt",
        description = "Show who has applied a kill, and who is silent or unreachable.",
        footer = {"", "Example:", "  andon receipt 9f86d081-17 --wait 10s"})
final class ReceiptCommand extends ApiCommand {
    @Parameters(paramLabel = "ID", description = "The kill's id, as 'andon kill' and 'andon log' show it.")
    private String id = "";

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            description = "Wait so long, such as 10s, until it is proven; exit code 5 if it isn't.")
    private Optional<String> wait = Optional.empty();

    ReceiptCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        var longest = wait.map(text -> Times.duration("--wait", text));
        Json kill = api.send(ApiRequest.get("kills", id)).body();
        if (longest.isEmpty()) {
            return Outcome.done(kill, () -> text(kill));
        }
        Json last = new ReceiptWatch(shell, json).await(api, kill, longest.get());
        boolean proven = Receipt.Kill.read(last).receipt().proven();
        return Outcome.of(proven ? Exit.DONE : Exit.NOT_PROVEN, last, () -> text(last));
    }

    private String text(Json kill) {
        return ReceiptText.of(Receipt.Kill.read(kill), shell.terminal());
    }
}
