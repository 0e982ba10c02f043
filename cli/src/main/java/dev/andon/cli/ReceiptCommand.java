package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Json;
import dev.andon.core.model.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "receipt",
        description =
                "Show who has applied a kill, and who is silent or unreachable: one page, fit for an incident channel.",
        footer = {
            "",
            "The document that --document writes is what the digest is of: the ledger has the digest of the receipt's"
                    + " last word.",
            "",
            "Examples:",
            "  andon receipt 9f86d081-17 --wait 10s",
            "  andon receipt 9f86d081-17 --document receipt.json"
        })
final class ReceiptCommand extends ApiCommand {
    @Parameters(paramLabel = "ID", description = "The kill's id, as 'andon kill' and 'andon log' show it.")
    private String id = "";

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            description =
                    "Wait so long, such as 10s, until it is proven; exit code 5 if it isn't, 6 if some were only sent"
                            + " it.")
    private Optional<String> wait = Optional.empty();

    @Option(
            names = "--document",
            paramLabel = "FILE",
            description = "Write the whole receipt to a file, as it is kept: with every instance by name.")
    private Optional<String> document = Optional.empty();

    ReceiptCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        if (document.isPresent()) {
            write(api, document.get());
        }
        var longest = wait.map(text -> Times.duration("--wait", text));
        Json kill = api.send(ApiRequest.get("kills", id)).body();
        if (longest.isEmpty()) {
            return Outcome.done(kill, () -> text(kill));
        }
        Json last = new ReceiptWatch(shell, json).await(api, kill, longest.get());
        int exitCode = Receipt.Kill.read(last).receipt().exitCode();
        return Outcome.of(exitCode, last, () -> text(last));
    }

    private void write(ApiClient api, String file) {
        try {
            MessageDigest sha256 = Sha256.begin();
            try (OutputStream out = Files.newOutputStream(shell.directory().resolve(file))) {
                api.download(ApiRequest.get("kills", id, "receipt"), (bytes, count) -> {
                    out.write(bytes, 0, count);
                    sha256.update(bytes, 0, count);
                });
            }
            shell.note(file + ": written, SHA-256 " + HexFormat.of().formatHex(sha256.digest()));
        } catch (IOException e) {
            throw CommandFailure.usage(
                    "--document", file, "a place that can be written: " + e.getMessage(), "The receipt is as it was.");
        }
    }

    private String text(Json kill) {
        return ReceiptText.of(Receipt.Kill.read(kill), shell.terminal());
    }
}
