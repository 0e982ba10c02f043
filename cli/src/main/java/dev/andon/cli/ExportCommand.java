package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description = "Write flags as other products describe them.",
        subcommands = ExportCommand.Flagd.class,
        footer = {"", "Example:", "  andon export flagd --env production --out flags.json"})
final class ExportCommand {

    @Command(
            name = "flagd",
            description = "Write an environment's flags as a flagd document, standing kills included.",
            footer = {
                "",
                "A flag that flagd's language can't express is left out and named; the exit code is 3 then.",
                "",
                "Examples:",
                "  andon export flagd --env production --out flags.json",
                "  andon export flagd --env production --yaml > flags.yaml"
            })
    static final class Flagd extends ApiCommand {
        @Mixin
        private final InEnvironment environment = new InEnvironment();

        @Option(names = "--yaml", description = "Write YAML rather than JSON.")
        private boolean yaml;

        @Option(names = "--out", paramLabel = "FILE", description = "Where to; standard output unless given.")
        private Optional<String> out = Optional.empty();

        Flagd(Shell shell) {
            super(shell);
        }

        @Override
        Outcome run(ApiClient api) {
            ApiRequest request = ApiRequest.get("environments", environment.key, "flagd");
            Json answer =
                    api.send(yaml ? request.query("format", "yaml") : request).body();
            Fields fields = Fields.lenient(answer);
            String document = fields.json("document") instanceof Json.Text text
                    ? text.value()
                    : fields.json("document").pretty() + "\n";
            out.ifPresent(file -> write(shell.directory().resolve(file), document));
            List<String> leftOut = new ArrayList<>();
            List<String> warnings = new ArrayList<>();
            for (Json item : fields.items("flags")) {
                Fields flag = Fields.lenient(item);
                boolean left = flag.text("result").equals("left-out");
                flag.texts("warnings")
                        .forEach(warning -> (left ? leftOut : warnings)
                                .add((left ? "left out: " : "warning: ") + flag.text("key") + ": " + warning));
            }
            warnings.forEach(line -> shell.note(shell.paint(Paint.WARN, Glyphs.printable(line))));
            leftOut.forEach(line -> shell.note(shell.paint(Paint.BAD, Glyphs.printable(line))));
            shell.note(summary(fields, leftOut.size()));
            return Outcome.of(leftOut.isEmpty() ? Exit.DONE : Exit.BAD, answer, () -> out.isPresent() ? "" : document);
        }

        private String summary(Fields answer, int leftOut) {
            int all = answer.items("flags").size();
            List<String> kills = answer.texts("kills");
            String stopped = kills.isEmpty()
                    ? "No kill stands."
                    : "What these kills stop is stopped in the document, too: " + String.join(", ", kills) + ".";
            return "Exported %d of %d flags of %s as of version %s%s. %s"
                    .formatted(
                            all - leftOut,
                            all,
                            environment.key,
                            Words.of(answer, "version"),
                            out.map(file -> " to " + file).orElse(""),
                            stopped);
        }

        /** Under another name until it is complete: what is cut off must not be there in its place. */
        private static void write(Path target, String document) {
            Path part = target.resolveSibling(target.getFileName() + ".part");
            try {
                try {
                    Files.writeString(part, document, StandardCharsets.UTF_8);
                    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(part);
                }
            } catch (IOException e) {
                throw CommandFailure.usage(
                        "--out",
                        target.toString(),
                        "a place that can be written: " + e.getMessage(),
                        "Nothing that could be taken for an export was left there.");
            }
        }
    }
}
