package dev.andon.cli.demo;

import dev.andon.cli.api.ApiClient;
import dev.andon.cli.api.ApiRequest;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Times;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * A feature is rolled out in steps, begins to fail, is stopped and proven stopped; what led there is undone; the log shows
 * it all. Used by one thread.
 */
final class Story {
    /** The feature that goes wrong. */
    static final String FEATURE = "one-page-checkout";

    private static final String PRODUCTION = "production";
    private static final Duration STEP = Duration.ofSeconds(3);
    private static final Duration MOMENT = Duration.ofMillis(1_500);
    private static final Duration LONGEST_START = Duration.ofSeconds(90);
    private static final Duration LONGEST_BUG = Duration.ofSeconds(20);
    private static final Duration LONGEST_RECOVERY = Duration.ofSeconds(10);
    private static final double ALARMING = 0.10;

    private final Screen screen;
    private final Commands commands;
    private final ApiClient api;
    private final Traffic traffic;
    private final Pulse pulse;
    private final InstantSource clock;
    private final Measured measured;

    Story(
            Screen screen,
            Commands commands,
            ApiClient api,
            Traffic traffic,
            Pulse pulse,
            InstantSource clock,
            Measured measured) {
        this.screen = screen;
        this.commands = commands;
        this.api = api;
        this.traffic = traffic;
        this.pulse = pulse;
        this.clock = clock;
        this.measured = measured;
    }

    /** Gives the services' key. */
    String key() {
        Json.Builder token = Json.object()
                .put("name", "shop")
                .put("role", "sdk")
                .put("environment", PRODUCTION)
                .put("reason", "the shop's services");
        return api.send(ApiRequest.post("tokens").body(token)).fields().text("secret");
    }

    /** Creates what the services ask for. */
    void prepare(String flags) {
        run("import", "flagd", flags, "--env", PRODUCTION, "--owner", "shop", "--reason", "the shop's flags");
        run(
                "flag",
                "create",
                FEATURE,
                "--owner",
                "checkout",
                "--description",
                "Checkout on one page",
                "--reason",
                "built, tested, switched off");
    }

    /** Waits until all of the services' instances are connected. */
    void open(int instances, long startedMicros) {
        pulse.require(
                LONGEST_START,
                () -> traffic.live() == instances,
                () -> traffic.live() + " of " + instances + " instances are connected",
                () -> new DemoFailure(
                        DemoFailure.DEFECT,
                        "instances: " + traffic.live() + " connected after " + Times.shown(LONGEST_START)
                                + " (expected: " + instances + ")"));
        measured.between(
                "processes started → all " + instances + " instances connected",
                "connectedMs",
                startedMicros,
                Moments.now(clock));
        screen.say("All " + instances + " instances are connected, and customers come.");
        pulse.watch(MOMENT);
    }

    /** From the roll-out to the log. */
    void tell() {
        long before = rollOut();
        Kill kill = stop();
        undo(before, kill);
        screen.chapter("On record");
        run("log", "--env", PRODUCTION, "--flag", FEATURE, "--limit", "10");
    }

    private record Kill(long orderedAt) {}

    private long rollOut() {
        screen.chapter("Roll out");
        screen.say("The new checkout goes live: for a tenth, for half, for everyone.");
        long before = version();
        for (int percent : List.of(10, 50, 100)) {
            String split = "on=" + percent + ",off=" + (100 - percent);
            run("flag", "set", FEATURE, "--env", PRODUCTION, "--on", "--split", split, "--reason", percent + " %");
            if (percent < 100) {
                pulse.watch(STEP);
            }
        }
        screen.chapter("It goes wrong");
        screen.say("Each order takes a connection from a pool, and the new code forgets to give it back.");
        pulse.require(
                LONGEST_BUG,
                () -> pulse.now().failureShare() > ALARMING,
                () -> new DemoFailure(
                        DemoFailure.DEFECT,
                        "errors: " + share() + " (expected: above " + Measured.percent(ALARMING) + ")"));
        pulse.watch(MOMENT);
        return before;
    }

    private Kill stop() {
        screen.chapter("Pull the cord");
        measured.share(
                "errors when the cord was pulled", "errorShare", pulse.now().failureShare());
        long orderedAt = Moments.now(clock);
        int exitCode = commands.run(
                List.of("kill", FEATURE, "--env", PRODUCTION, "--reason", "orders fail", "--yes", "--wait", "10s"));
        long returnedAt = Moments.now(clock);
        if (exitCode != 0) {
            throw new DemoFailure(exitCode, "kill: exit code " + exitCode + " (expected: 0, proven)");
        }
        receipt();
        measured.between("command given → proven", "provenMs", orderedAt, returnedAt);
        screen.say("Proven. Now watch the errors, as the services themselves report them.");
        pulse.require(
                LONGEST_RECOVERY,
                () -> recovered(returnedAt),
                () -> new DemoFailure(DemoFailure.NOT_PROVEN, "errors: " + share() + " (expected: none)"));
        if (traffic.lastUnsafeAt() > returnedAt) {
            throw new DemoFailure(
                    DemoFailure.NOT_PROVEN,
                    "last evaluation that gave \"on\": " + (traffic.lastUnsafeAt() - returnedAt) / 1_000 + " ms"
                            + " after it was proven that there is none (expected: before)");
        }
        measured.between(
                "command given → last evaluation that gave \"on\"", "lastUnsafeMs", orderedAt, traffic.lastUnsafeAt());
        measured.between(
                "command given → last request that failed", "lastFailureMs", orderedAt, traffic.lastFailureAt());
        screen.say(Paint.GOOD, "No request fails any more.");
        return new Kill(orderedAt);
    }

    /** A whole second without a failure, of which every instance has told. */
    private boolean recovered(long since) {
        Traffic.Second second = pulse.now();
        return second.requests() > 0
                && second.failures() == 0
                && second.unsafe() == 0
                && traffic.allReportedSince(since + 1_000_000);
    }

    private void receipt() {
        Json kills = api.all(ApiRequest.get("environments", PRODUCTION, "kills"));
        List<Json> standing = Fields.lenient(kills).items("items");
        String id = Fields.lenient(standing.getLast()).text("id");
        Fields kill = api.send(ApiRequest.get("kills", id)).fields();
        Fields receipt = kill.object("receipt");
        measured.ms("kill taken → half of the instances acknowledged", "p50Ms", receipt.number("p50Ms"));
        measured.ms("kill taken → all acknowledged", "maxMs", receipt.number("maxMs"));
        measured.count(
                "instances in the receipt",
                "instances",
                receipt.items("instances").size());
        measured.count("instances that acknowledged", "applied", receipt.whole("applied", 0, Long.MAX_VALUE));
    }

    private void undo(long before, Kill kill) {
        screen.chapter("Undo, then let go");
        screen.say(
                "The kill is an overlay: the configuration under it still says 100 %. Back to version " + before + ":");
        run("rollback", FEATURE, "--env", PRODUCTION, "--to", "" + before, "--reason", "back to before the roll-out");
        run("restore", FEATURE, "--env", PRODUCTION, "--reason", "rolled back; fix is on its way");
        long restoredAt = Moments.now(clock);
        pulse.watch(STEP);
        if (traffic.lastUnsafeAt() > restoredAt || traffic.lastFailureAt() > restoredAt) {
            throw new DemoFailure(DemoFailure.DEFECT, "new checkout: on again after the rollback (expected: off)");
        }
        measured.between("command given → rolled back and restored", "undoneMs", kill.orderedAt(), restoredAt);
        measured.count("requests served", "requests", traffic.requests());
        measured.count("requests that failed", "failures", traffic.failures());
    }

    private long version() {
        return api.send(ApiRequest.get("environments", PRODUCTION, "flags", FEATURE))
                .fields()
                .whole("version", 1, Long.MAX_VALUE);
    }

    private void run(String... words) {
        int exitCode = commands.run(new ArrayList<>(List.of(words)));
        if (exitCode != 0) {
            throw new DemoFailure(exitCode, words[0] + ": exit code " + exitCode + " (expected: 0)");
        }
    }

    private String share() {
        return Measured.percent(pulse.now().failureShare());
    }
}
