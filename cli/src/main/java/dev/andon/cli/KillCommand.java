package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiException;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "kill",
        description = {
            "Stop a flag everywhere: every instance serves its safe variant until someone restores it. Also",
            "stops all flags with a tag, of an owner, of a kind, or of the environment: those that match",
            "now, and those that will. Such a kill shows first what it would do, and takes --confirm."
        },
        footer = {
            "",
            "Exit codes: 0 taken (with --wait: proven), 2 not confirmed, 3 refused, 4 no server reached,",
            "5 not proven in time, 6 not proven, as some were only sent it.",
            "",
            "Examples:",
            "  andon kill new-checkout --env production --reason \"payment errors\" --wait 10s",
            "  andon kill tag:vendor:stripe --env production \\",
            "      --reason \"Stripe is down\" --confirm 42"
        })
final class KillCommand extends ApiCommand {
    @Parameters(
            paramLabel = "TARGET",
            description = {
                "What to stop: a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything.",
                "flag:KEY is a flag whose key reads as another target."
            })
    private String typed = "";

    @Mixin
    private final InEnvironment environment = new InEnvironment();

    @Mixin
    private final Change change = new Change();

    @Option(
            names = {"-y", "--yes"},
            description = "Don't ask for the flag's name in production.")
    private boolean yes;

    @Option(
            names = "--confirm",
            paramLabel = "COUNT",
            description = "How many flags it stops, as --dry-run shows it, give or take 10 %%. Needed for more than one"
                    + " flag.")
    private Optional<Long> confirmed = Optional.empty();

    @Option(names = "--wait", paramLabel = "TIME", description = "Wait so long, such as 10s, until it is proven.")
    private Optional<String> wait = Optional.empty();

    @Option(names = "--service", paramLabel = "NAME", description = "Stop it in this service only; may be repeated.")
    private List<String> services = new ArrayList<>();

    @Option(names = "--region", paramLabel = "NAME", description = "Stop it in this region only; may be repeated.")
    private List<String> regions = new ArrayList<>();

    @Option(names = "--segment", paramLabel = "KEY", description = "Stop it for this segment only, as it is now.")
    private Optional<String> segment = Optional.empty();

    @Option(
            names = "--audience",
            paramLabel = "JSON",
            description = "Stop it only where this condition holds, as JSON.")
    private Optional<String> audience = Optional.empty();

    KillCommand(Shell shell) {
        super(shell);
    }

    @Override
    Outcome run(ApiClient api) {
        Optional<Duration> longest = wait.map(text -> Times.duration("--wait", text));
        Aim aim = Aim.read(typed);
        try {
            if (change.dryRun) {
                Json rehearsed =
                        api.send(request(aim, Optional.empty()).dryRun(true)).body();
                return Outcome.done(rehearsed, () -> shown(aim, rehearsed));
            }
            return taken(api, take(api, aim), longest);
        } catch (ApiException.Refused refused) {
            throw aim.refused(refused);
        }
    }

    private Outcome taken(ApiClient api, Json taken, Optional<Duration> longest) {
        if (longest.isEmpty()) {
            return Outcome.done(taken, () -> text(taken));
        }
        Json last = new ReceiptWatch(shell, json).await(api, taken, longest.get());
        Receipt receipt = Receipt.Kill.read(last).receipt();
        return Outcome.of(receipt.exitCode(), last, () -> text(last) + next(last, receipt.saysNoMore()));
    }

    private Json take(ApiClient api, Aim aim) {
        KillGuard guard = new KillGuard(shell, aim, environment.key, yes);
        if (aim.target().wide() || confirmed.isPresent()) {
            return takeConfirmed(api, aim, guard);
        }
        if (guard.asksForName()) {
            shell.err()
                    .print(shown(
                            aim,
                            api.send(request(aim, Optional.empty()).dryRun(true))
                                    .body()));
            guard.askForName();
        }
        try {
            return api.send(request(aim, Optional.empty())).body();
        } catch (ApiException.Refused refused) {
            if (!refused.problem().isUnconfirmed()) {
                throw refused;
            }
            return takeConfirmed(api, aim, guard);
        }
    }

    /** What it would do is always shown before more than one flag is stopped; its token comes with it. */
    private Json takeConfirmed(ApiClient api, Aim aim, KillGuard guard) {
        Json rehearsed = api.send(request(aim, Optional.empty()).dryRun(true)).body();
        shell.err().print(shown(aim, rehearsed));
        shell.err().flush();
        Fields result = Fields.lenient(rehearsed).object("result");
        Optional<String> token = Optional.empty();
        if (!result.has("already")) {
            OptionalLong count = confirmed.map(OptionalLong::of).orElse(OptionalLong.empty());
            guard.confirm(result.whole("flagCount", 0, Long.MAX_VALUE), count);
            token = Optional.of(result.object("confirmation").text("token"));
            if (guard.asksForName()) {
                guard.askForName();
            }
        }
        return api.send(request(aim, token)).body();
    }

    private ApiRequest request(Aim aim, Optional<String> token) {
        Json.Builder body = change.body().put("target", aim.target().toJson());
        if (segment.isPresent() && audience.isPresent()) {
            throw CommandFailure.usage(
                    "--segment", "beside --audience", "one of --segment and --audience", "Nothing has been killed.");
        }
        segment.ifPresent(
                key -> body.put("audience", Json.object().put("segment", key).build()));
        audience.ifPresent(text -> body.put("audience", FromFile.parse("--audience", text)));
        if (!services.isEmpty()) {
            body.put("services", Json.texts(services));
        }
        if (!regions.isEmpty()) {
            body.put("regions", Json.texts(regions));
        }
        return ApiRequest.post("environments", environment.key, "kills").body(body.put("confirm", token));
    }

    private String shown(Aim aim, Json rehearsed) {
        return RehearsedText.of(aim, environment.key, rehearsed, shell.terminal());
    }

    private String text(Json kill) {
        return ReceiptText.of(Receipt.Kill.read(kill), shell.terminal());
    }

    private static String next(Json kill, boolean saysNoMore) {
        String id = Fields.lenient(kill).text("id");
        return saysNoMore ? "" : "\nLook again with: andon receipt " + id + " --wait 10s\n";
    }
}
