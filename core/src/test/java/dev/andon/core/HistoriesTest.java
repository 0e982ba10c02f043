package dev.andon.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Flag;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A generator that never makes the interesting case proves nothing. */
class HistoriesTest {
    @Test
    void histories_hold_everything_that_can_happen() {
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = 0; seed < 25; seed++) {
            Image before = Image.EMPTY;
            for (Histories.Written entry : Histories.sound(seed, 32)) {
                for (Event event : entry.events()) {
                    count(seen, before, event);
                }
                Image image = Histories.next(before, entry);
                image.environments().values().forEach(environment -> count(seen, image, environment));
                before = image;
            }
        }
        assertThat(seen)
                .containsOnlyKeys(
                        "archive",
                        "configuration",
                        "configuration-deleted",
                        "environment",
                        "flag",
                        "flag held by two kills",
                        "flag that a kill keeps",
                        "flag that joined a kill",
                        "kill",
                        "node",
                        "prerequisites",
                        "request",
                        "restore",
                        "return",
                        "segment",
                        "segment-deleted",
                        "segments used",
                        "token");
        assertThat(seen).allSatisfy((what, times) -> assertThat(times).as(what).isGreaterThan(5));
    }

    private static void count(Map<String, Integer> seen, Image before, Event event) {
        seen.merge(event instanceof Event.FlagSaved saved ? what(before, saved.flag()) : event.type(), 1, Integer::sum);
    }

    private static String what(Image before, Flag flag) {
        Versioned<Flag> known = before.flags().get(flag.key());
        boolean was = known != null && known.value().archived();
        return flag.archived() ? "archive" : was ? "return" : "flag";
    }

    private static void count(Map<String, Integer> seen, Image image, EnvironmentImage environment) {
        environment.configurations().values().forEach(configuration -> {
            if (!configuration.value().prerequisites().isEmpty()) {
                seen.merge("prerequisites", 1, Integer::sum);
            }
            if (!configuration.value().segments().isEmpty()) {
                seen.merge("segments used", 1, Integer::sum);
            }
        });
        for (String flag : Samples.FLAGS) {
            List<StandingKill> holding = environment.kills().values().stream()
                    .map(Versioned::value)
                    .filter(kill -> kill.holds(image, flag))
                    .toList();
            if (holding.size() > 1) {
                seen.merge("flag held by two kills", 1, Integer::sum);
            }
            for (StandingKill kill : holding) {
                boolean matches = image.flag(flag)
                        .filter(kill.signed().kill().target()::matches)
                        .isPresent();
                boolean listed = kill.signed().kill().flags().contains(flag);
                if (matches && !kill.flags().contains(flag)) {
                    seen.merge("flag that joined a kill", 1, Integer::sum);
                } else if (!matches && !listed) {
                    seen.merge("flag that a kill keeps", 1, Integer::sum);
                }
            }
        }
    }
}
