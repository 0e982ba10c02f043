package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.core.ledger.ExportCheck;
import dev.andon.core.ledger.ExportVerifier;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "export",
        description = "Write all entries, as they are stored, to a file: strict NDJSON, which anybody can verify.",
        footer = {
            "",
            "The export is verified on its way; if it is bad, it is written all the same and the exit code is 3.",
            "It holds the hashes of tokens' secrets: keep it for those who may see them.",
            "",
            "Examples:",
            "  andon ledger export ledger.ndjson",
            "  andon ledger export | gzip > ledger.ndjson.gz"
        })
final class LedgerExportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "Where to; standard output unless given.")
    private Optional<String> file = Optional.empty();

    @Option(names = "--after", paramLabel = "VERSION", description = "Begin after this version (default: 0, with all).")
    private long after;

    @Option(names = "--json", description = "Print the verdict on the file as one JSON document.")
    private boolean json;

    @Mixin
    private final Connection connection = new Connection();

    private final Shell shell;

    LedgerExportCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() {
        if (json && file.isEmpty()) {
            throw CommandFailure.usage(
                    "--json",
                    "beside an export to standard output",
                    "a FILE for the export, as standard output takes one document",
                    "Nothing has been exported.");
        }
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of()));
        try (ApiClient api = connection.open(shell)) {
            if (file.isEmpty()) {
                download(api, shell.out(), check);
                shell.out().flush();
            } else {
                toFile(api, shell.directory().resolve(file.get()), check);
            }
        } catch (IOException e) {
            throw CommandFailure.usage(
                    "FILE",
                    file.orElse("standard output"),
                    "a place that can be written: " + e.getMessage(),
                    "Nothing that could be taken for an export was left there.");
        }
        LedgerVerdict verdict = new LedgerVerdict(check.end());
        if (json) {
            shell.print(verdict.json().text() + "\n");
        } else {
            verdict.text(shell).lines().forEach(shell::note);
        }
        return verdict.exitCode();
    }

    /** Under another name until it is complete: what is cut off must not be there in its place. */
    private void toFile(ApiClient api, Path target, ExportCheck check) throws IOException {
        Path part = target.resolveSibling(target.getFileName() + ".part");
        try {
            Files.deleteIfExists(part);
            FileAttribute<?>[] ownerOnly =
                    part.getFileSystem().supportedFileAttributeViews().contains("posix")
                            ? new FileAttribute<?>[] {
                                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                            }
                            : new FileAttribute<?>[0];
            Files.createFile(part, ownerOnly);
            try (OutputStream out = Files.newOutputStream(part, StandardOpenOption.WRITE)) {
                download(api, out, check);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private void download(ApiClient api, OutputStream out, ExportCheck check) throws IOException {
        ApiRequest request = ApiRequest.get("ledger", "export");
        api.download(after == 0 ? request : request.query("after", "" + after), (bytes, count) -> {
            out.write(bytes, 0, count);
            check.take(bytes, 0, count);
        });
    }
}
