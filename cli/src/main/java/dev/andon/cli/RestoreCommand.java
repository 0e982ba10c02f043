package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Target;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "restore",
        description = {
            "Release the kills that are aimed at a flag or another target: configuration decides again.",
            "Needs the ledger. A flag that a wider kill holds, too, stays stopped; the answer says so."
        },
        footer = {
            "",
            "Examples:",
            "  andon restore new-checkout --env production --reason \"fixed in 2.4.1\"",
            "  andon restore tag:vendor:stripe --env production --reason \"Stripe is back\""
        })
final class RestoreCommand extends ApiCommand {
    @Parameters(
            paramLabel = "TARGET",
            arity = "0..1",
            description = "What the kills are aimed at: a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything.")
    private Optional<String> typed = Optional.empty();

    @Option(names = "--kill", paramLabel = "ID", description = "Release this one kill only.")
    private Optional<String> kill = Optional.empty();

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Mixin
    private final Change change = new Change();

    RestoreCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        if (typed.isPresent() == kill.isPresent()) {
            throw CommandFailure.usage(
                    "TARGET",
                    typed.isPresent() ? "beside --kill" : "nothing",
                    Aim.FORM + ", or --kill ID",
                    "Nothing was restored.");
        }
        Optional<Aim> aim = typed.map(Aim::read);
        Json.Builder body = change.body().put("kill", kill);
        aim.ifPresent(one -> {
            switch (one.target()) {
                case Target.OneFlag flag -> body.put("flag", flag.flag());
                case Target wide -> body.put("target", wide.toJson());
            }
        });
        try {
            Json answer = api.send(ApiRequest.post("environments", environment.key, "restores")
                            .body(body)
                            .dryRun(change.dryRun))
                    .body();
            return Outcome.done(answer, () -> text(answer));
        } catch (ApiException.Refused refused) {
            throw aim.map(one -> one.refused(refused)).orElse(refused);
        }
    }

    private String text(Json answer) {
        Fields fields = Fields.lenient(answer);
        Fields result = fields.has("result") ? fields.object("result") : fields;
        List<String> released =
                result.items("released").stream().map(this::name).toList();
        List<String> stopping =
                result.items("stillStopped").stream().map(this::name).toList();
        String what = typed.or(() -> kill).orElse("") + " in " + environment.key;
        StringBuilder out = new StringBuilder();
        if (released.isEmpty()) {
            out.append("NOTHING TO RESTORE  no kill of ").append(what).append(" stands\n");
        } else {
            out.append(shell.paint(Paint.GOOD, change.dryRun ? "WOULD RESTORE" : "RESTORED"));
            out.append("  ").append(what);
            out.append(fields.has("version") && !change.dryRun ? ", version " + Words.of(fields, "version") : "");
            out.append('\n')
                    .append("  released: ")
                    .append(Glyphs.printable(Words.list(released)))
                    .append('\n');
        }
        if (!stopping.isEmpty()) {
            out.append(shell.paint(Paint.WARN, "  still stopped by: " + Glyphs.printable(Words.list(stopping))));
            out.append('\n');
        }
        for (Json item : result.items("cascade")) {
            Fields one = Fields.lenient(item);
            String line = "  still off: " + one.text("flag") + " requires " + one.text("requires") + ", which kill "
                    + one.text("kill") + " holds";
            out.append(shell.paint(Paint.WARN, Glyphs.printable(line))).append('\n');
        }
        for (Json item : result.items("local")) {
            out.append(shell.paint(Paint.WARN, "  still stopped in one process: " + Words.localStop(item)))
                    .append('\n');
        }
        return out.toString();
    }

    /** A kill's id, be it given alone or as the kill itself; with what it is aimed at, if that isn't what was typed. */
    private String name(Json item) {
        if (!(item instanceof Json.Members)) {
            return Words.of(item);
        }
        Fields one = Fields.lenient(item);
        String target = one.text("target", "");
        long flags = one.whole("flagCount", 0, Long.MAX_VALUE, 1);
        boolean plain = target.isEmpty() || (flags == 1 && target.equals(typed.orElse(target)));
        return one.text("id") + (plain ? "" : " (" + target + ", " + Words.count(flags, "flag") + ")");
    }
}
