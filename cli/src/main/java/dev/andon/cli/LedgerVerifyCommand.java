package dev.andon.cli;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.ledger.ExportCheck;
import dev.andon.core.ledger.ExportVerdict;
import dev.andon.core.ledger.ExportVerifier;
import dev.andon.core.ledger.PublicKeys;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Verify an export without a server: every byte of it. Names the first entry that is wrong.",
        footer = {
            "",
            "Exit codes: 0 good, 3 bad.",
            "",
            "Example:",
            "  andon ledger verify ledger.ndjson --key andon.pub"
        })
final class LedgerVerifyCommand implements Callable<Integer> {
    private static final int BUFFER_BYTES = 64 << 10;

    @Parameters(paramLabel = "FILE", description = "The export; - for standard input.")
    private String file = "";

    @Option(
            names = "--key",
            paramLabel = "PUB",
            description = "Node's public key, or a file with some, as 'andon ledger key' prints them: one of them"
                    + " must have signed the end. Without it, damage is found and forgery is not.")
    private List<String> keys = List.of();

    @Option(names = "--json", description = "Print one JSON document instead of text.")
    private boolean json;

    private final Shell shell;

    LedgerVerifyCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        LedgerVerdict verdict = new LedgerVerdict(verdict(keys()));
        shell.print(json ? verdict.json().text() + "\n" : verdict.text(shell));
        return verdict.exitCode();
    }

    private ExportVerdict verdict(Set<String> expected) {
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(expected));
        try (InputStream in = open()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            int count = in.read(buffer);
            while (count >= 0 && !check.isBroken()) {
                check.take(buffer, 0, count);
                count = in.read(buffer);
            }
            return check.end();
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("FILE", file, "a file that exists", "Nothing has been verified.");
        } catch (IOException e) {
            throw CommandFailure.usage(
                    "FILE", file, "a file that can be read: " + e.getMessage(), "Nothing has been verified.");
        }
    }

    private InputStream open() throws IOException {
        return file.equals("-")
                ? shell.standardInput()
                : Files.newInputStream(shell.directory().resolve(file));
    }

    private Set<String> keys() {
        Set<String> all = new LinkedHashSet<>();
        for (String key : keys) {
            try {
                Path path = shell.directory().resolve(key);
                all.addAll(PublicKeys.read(Files.isRegularFile(path) ? Files.readString(path) : key));
            } catch (InvalidInput | IOException e) {
                throw CommandFailure.usage(
                        "--key",
                        key,
                        "a file with an Ed25519 public key in PEM, or the key in Base64",
                        "'andon ledger key' prints it. Nothing has been verified.");
            }
        }
        return all;
    }
}
