package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "kill",
        description = "Stop a flag everywhere: every instance serves its safe variant until someone restores it.",
        footer = {
            "",
            "Exit codes: 0 taken (with --wait: proven), 3 refused, 4 no server reached, 5 not proven in time.",
            "",
            "Example:",
            "  andon kill new-checkout --env production --reason \"payment errors\" --wait 10s"
        })
final class KillCommand extends ApiCommand {
    private static final String GUARDED = "production";

    @Parameters(paramLabel = "FLAG", description = "Key of the flag to stop.")
    private String flag = "";

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Mixin
    private final Change change = new Change();

    @Option(
            names = {"-y", "--yes"},
            description = "Don't ask for the flag's name in production.")
    private boolean yes;

    @Option(names = "--wait", paramLabel = "TIME", description = "Wait so long, such as 10s, until it is proven.")
    private Optional<String> wait = Optional.empty();

    @Option(names = "--service", paramLabel = "NAME", description = "Stop it in this service only; may be repeated.")
    private List<String> services = new ArrayList<>();

    @Option(names = "--region", paramLabel = "NAME", description = "Stop it in this region only; may be repeated.")
    private List<String> regions = new ArrayList<>();

    KillCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Optional<Duration> longest = wait.map(text -> Times.duration("--wait", text));
        ApiRequest kill = request();
        if (change.dryRun) {
            Json rehearsed = api.send(kill.dryRun(true)).body();
            return Outcome.done(rehearsed, () -> RehearsedText.of(flag, environment.key, rehearsed, shell.terminal()));
        }
        if (environment.key.equals(GUARDED) && !yes && shell.terminal().interactive()) {
            confirm(api.send(kill.dryRun(true)).body());
        }
        Json taken = api.send(kill).body();
        if (longest.isEmpty()) {
            return Outcome.done(taken, () -> text(taken));
        }
        Json last = new ReceiptWatch(shell, json).await(api, taken, longest.get());
        boolean proven = Receipt.Kill.read(last).receipt().proven();
        return Outcome.of(proven ? Exit.DONE : Exit.NOT_PROVEN, last, () -> text(last) + next(last, proven));
    }

    private ApiRequest request() {
        Json.Builder body = change.body().put("target", Json.object().put("flag", flag));
        if (!services.isEmpty()) {
            body.put("services", Json.texts(services));
        }
        if (!regions.isEmpty()) {
            body.put("regions", Json.texts(regions));
        }
        return ApiRequest.post("environments", environment.key, "kills").body(body);
    }

    private void confirm(Json rehearsed) {
        shell.err().print(RehearsedText.of(flag, environment.key, rehearsed, shell.terminal()));
        shell.err().print("Type the flag's name to stop it in " + environment.key + ": ");
        shell.err().flush();
        Optional<String> typed = shell.readLine().map(String::strip);
        if (typed.isEmpty() || !typed.get().equals(flag)) {
            throw CommandFailure.of(
                    Exit.USAGE,
                    "not confirmed",
                    "confirmation: \"" + typed.orElse("") + "\" (expected: " + flag + ")",
                    "Nothing has been killed. --yes kills without asking.");
        }
    }

    private String text(Json kill) {
        return ReceiptText.of(Receipt.Kill.read(kill), shell.terminal());
    }

    private static String next(Json kill, boolean proven) {
        String id = Fields.lenient(kill).text("id");
        return proven ? "" : "\nLook again with: andon receipt " + id + " --wait 10s\n";
    }
}
