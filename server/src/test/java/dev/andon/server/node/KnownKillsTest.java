package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What commands are told of kills that are on their way. */
final class KnownKillsTest {
    private static final Configuration CONFIGURATION = new Configuration(
            Map.of("off", Json.of(false)),
            "off",
            false,
            List.of(),
            List.of(),
            new Serve.Fixed("off"),
            new WhenBlind.Keep());

    @Test
    void a_flag_that_has_lost_its_tag_is_held_before_the_kill_path_knows_of_that() {
        Image before = image(Image.EMPTY, new Event.EnvironmentSaved(new Environment("production", "")), flag("x"));
        Image configured = image(before, new Event.ConfigurationSaved("production", "a", CONFIGURATION));
        StandingKill kill = kill();
        Image joined = image(configured, flag("x", "vendor"));
        Image now = image(joined, flag("x"));

        KnownKills.Waiting waiting = new KnownKills.Waiting(joined, Map.of(kill.id(), kill));
        assertThat(KnownKills.of(now, waiting).holding("production", "a")).hasSize(1);
        assertThat(KnownKills.of(now, waiting.kills()).holding("production", "a"))
                .isEmpty();
    }

    private static Image image(Image base, Event... events) {
        long version = base.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(base);
        for (Event event : events) {
            delta.apply(version, event);
        }
        return delta.build(new Provenance("ledger", 1, version));
    }

    private static Event flag(String... tags) {
        return new Event.FlagSaved(new Flag(
                "a",
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(Set.of(tags)),
                OptionalInt.empty(),
                false));
    }

    private static StandingKill kill() {
        Kill kill = new Kill(
                new KillId("9f86d081", 1),
                "production",
                new Target.Tagged("vendor"),
                new TreeSet<>(),
                Optional.empty(),
                List.of(),
                List.of(),
                "errors",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty(),
                new Kill.Resolved(1, 2, true));
        return new StandingKill(new SignedKill(kill.toJson().text(), "signed", kill), kill.flags());
    }
}
