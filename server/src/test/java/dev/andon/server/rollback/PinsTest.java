package dev.andon.server.rollback;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.MemoryPlane;
import dev.andon.server.http.Chosen;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.Decision;
import dev.andon.server.node.Moment;
import dev.andon.server.node.Outcome;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What kills keep, case by case. */
final class PinsTest {
    private static final String ENVIRONMENT = "e";
    private static final String KILL = "0123456789abcdef-1";
    private static final CommandContext CONTEXT = new CommandContext("t", "why", "c", Optional.empty(), false);

    private final MemoryPlane plane = new MemoryPlane(() -> Instant.EPOCH);

    @BeforeEach
    void start() {
        plane.append("start", List.of(new Event.EnvironmentSaved(new Environment(ENVIRONMENT, ""))));
        save(new Event.FlagSaved(RandomRules.flag("f")));
        save(new Event.FlagSaved(RandomRules.flag("g")));
    }

    private long save(Event... events) {
        plane.execute((image, kills, now) -> Decision.of("change", List.of(events), done -> done), CONTEXT);
        return plane.image().provenance().version();
    }

    private static Event configured(String flag, String safeValue, List<Prerequisite> requires, List<Rule> rules) {
        Map<String, Json> variants = new TreeMap<>();
        variants.put("on", Json.of("yes"));
        variants.put("off", Json.of(safeValue));
        return new Event.ConfigurationSaved(
                ENVIRONMENT,
                flag,
                new Configuration(variants, "off", true, requires, rules, new Serve.Fixed("on"), new WhenBlind.Keep()));
    }

    private static Event configured(String flag, String safeValue, String required) {
        return configured(flag, safeValue, List.of(new Prerequisite(required, List.of("on"))), List.of());
    }

    private static Event configured(String flag, String safeValue) {
        return configured(flag, safeValue, List.of(), List.of());
    }

    private static Event reading(String flag, String safeValue, String segment) {
        return configured(
                flag,
                safeValue,
                List.of(),
                List.of(new Rule("", new Condition.InSegment(segment), new Serve.Fixed("off"))));
    }

    private static Event segment(String key) {
        return new Event.SegmentSaved(ENVIRONMENT, new Segment(key, "", new Condition.Exists("x")));
    }

    private void kill(String flag) {
        Kill kill = new Kill(
                KillId.parse("kill", KILL),
                ENVIRONMENT,
                new Target.OneFlag(flag),
                new TreeSet<>(List.of(flag)),
                Optional.empty(),
                List.of(),
                List.of(),
                "bad",
                "me",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty());
        plane.stand(new StandingKill(new SignedKill(kill.toJson().text(), "", kill), kill.flags()));
    }

    /** What was skipped: the key, what of it, and for which kills. */
    private List<String> rollBack(long to) {
        EnvironmentImage then = plane.imageAt(to).environment(ENVIRONMENT).orElseThrow();
        Past past = new Past(new Chosen(new Moment(to, Instant.EPOCH, false), Optional.empty()), then);
        Outcome<Json> outcome =
                plane.execute(new Rollback(ENVIRONMENT, new Scope.Whole(), past, OptionalLong.empty()), CONTEXT);
        Json reply = switch (outcome) {
            case Outcome.Done<Json> done -> done.reply();
            case Outcome.Unchanged<Json> unchanged -> unchanged.reply();
            default -> throw new AssertionError(outcome);
        };
        List<String> skipped = new ArrayList<>();
        for (Json item : Fields.lenient(reply).items("skipped")) {
            Fields fields = Fields.lenient(item);
            skipped.add(fields.text("flag", "") + fields.text("segment", "") + " " + fields.text("what") + " "
                    + fields.texts("kills") + ": " + fields.text("why"));
        }
        return skipped;
    }

    private Configuration configuration(String flag) {
        return plane.image()
                .environment(ENVIRONMENT)
                .orElseThrow()
                .configurations()
                .get(flag)
                .value();
    }

    @Test
    void aFlagThatWasNotThereStaysWithTheSegmentThatItReads() {
        long then = save(configured("g", "no"));
        save(segment("late"), reading("f", "no", "late"));
        kill("f");
        assertThat(rollBack(then))
                .containsExactly(
                        "f all [" + KILL + "]: it wasn't there at version " + then + ", and is held by kill " + KILL,
                        "late all []: flag f stays, and reads it");
    }

    @Test
    void aSafeVariantWithAnotherValueKeepsItsFlagAndWhatThatRequires() {
        long then = save(configured("f", "no"));
        save(configured("g", "no"), configured("f", "never", "g"));
        kill("f");
        assertThat(rollBack(then))
                .containsExactly(
                        "f all [" + KILL + "]: at version " + then
                                + " its safe variant didn't have this value, and it is" + " held by kill " + KILL,
                        "g all []: flag f stays, and requires it");
        assertThat(configuration("f").prerequisites()).hasSize(1);
    }

    @Test
    void aCircleThroughAFlagThatStaysIsNotMade() {
        long then = save(configured("f", "no"), configured("g", "no", "f"));
        save(configured("g", "no"));
        save(configured("f", "never", "g"));
        kill("f");
        assertThat(rollBack(then))
                .containsExactly(
                        "f all [" + KILL + "]: at version " + then
                                + " its safe variant didn't have this value, and it is" + " held by kill " + KILL,
                        "g all []: with what a kill holds, evaluation would go too far");
        assertThat(configuration("g").prerequisites()).isEmpty();
    }

    @Test
    void whoRequiredWhatIsTheSafeVariantNowStaysBehind() {
        Event off = configured("f", "no");
        long then = save(off, configured("g", "no", "f"));
        save(configured("g", "no"));
        Configuration was = configuration("f");
        save(new Event.ConfigurationSaved(
                ENVIRONMENT,
                "f",
                new Configuration(
                        was.variants(), "on", false, List.of(), List.of(), new Serve.Fixed("off"), was.whenBlind())));
        kill("f");
        assertThat(rollBack(then))
                .containsExactly(
                        "f safe-variant [" + KILL + "]: its safe variant stays on, as it is held by kill " + KILL,
                        "g all []: it requires f, of which a kill holds a part");
        assertThat(configuration("f").safeVariant()).isEqualTo("on");
        assertThat(configuration("f").on()).isTrue();
        assertThat(configuration("f").fallThrough()).isEqualTo(new Serve.Fixed("on"));
    }

    @Test
    void aKillOfWhatDoesNotChangeKeepsNothing() {
        long then = save(configured("f", "no"), configured("g", "no"));
        save(configured("f", "no", "g"));
        kill("f");
        assertThat(rollBack(then)).isEmpty();
        assertThat(configuration("f").prerequisites()).isEmpty();
    }
}
