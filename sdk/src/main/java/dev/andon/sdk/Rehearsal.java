package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Place;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.HeldState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The way of a kill through this process, gone once beforehand with a flag that nobody has: an emergency isn't the time to
 * load classes. Nothing in force is touched.
 */
final class Rehearsal {
    private static final AtomicBoolean DONE = new AtomicBoolean();
    private static final String NAME = "rehearsal";

    private Rehearsal() {}

    /** The first call in a process rehearses. */
    static void once() {
        if (DONE.compareAndSet(false, true)) {
            run();
        }
    }

    /** What the flag answers once it was killed. */
    static Evaluation run() {
        Image image = image();
        EnvironmentImage environment = image.environment(NAME).orElseThrow();
        HeldState state = HeldState.EMPTY
                .apply((Frame.Snapshot) sent(new Frame.Snapshot(
                        image.provenance(), environment.digest().toString(), image.events(environment), List.of())))
                .next();
        HeldState next = state.apply((Frame.Kills) sent(new Frame.Kills(List.of(kill()))))
                .next();
        Ruleset ruleset = Ruleset.of(next.image(), NAME, new Place(Optional.of(NAME), Optional.empty()))
                .withKills(next.carried());
        FrameCodec.encode(new Frame.Ack(next.held(), next.carriedIds(), 0));
        return ruleset.evaluate(NAME, ValueType.BOOLEAN, Context.EMPTY);
    }

    private static Frame sent(Frame frame) {
        return FrameCodec.decode(FrameCodec.encode(frame), FrameCodec.FROM_SERVER);
    }

    private static Image image() {
        Flag flag = Flag.read(Fields.lenient(Json.object()
                .put("key", NAME)
                .put("type", "boolean")
                .put("owner", NAME)
                .build()));
        Configuration configuration = Configuration.read(Fields.lenient(Json.object()
                .put("variants", Json.object().put("on", true).put("off", false))
                .put("safeVariant", "off")
                .put("on", true)
                .put("fallThrough", Json.object().put("variant", "on"))
                .build()));
        return new ImageDelta(Image.EMPTY)
                .apply(1, new Event.EnvironmentSaved(new Environment(NAME, "")))
                .apply(1, new Event.FlagSaved(flag))
                .apply(1, new Event.ConfigurationSaved(NAME, NAME, configuration))
                .buildForClient(new Provenance("0".repeat(32), 1, 1));
    }

    private static StandingKill kill() {
        Kill kill = new Kill(
                new KillId("00000000", 1),
                NAME,
                new Target.OneFlag(NAME),
                new TreeSet<>(List.of(NAME)),
                Optional.empty(),
                List.of(),
                List.of(),
                NAME,
                NAME,
                Origin.HUMAN,
                Instant.EPOCH,
                NAME,
                Optional.empty());
        return new StandingKill(new SignedKill(kill.toJson().text(), "", kill), kill.flags());
    }
}
