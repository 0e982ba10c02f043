package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Segment;
import dev.andon.core.model.ValueType;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Invariant;
import dev.andon.server.node.KnownKills;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What an environment that flagd's clients sync takes. */
class ExpressibleTest {
    private static final String NESTED = "{'attribute': 'user.plan', 'in': ['vip']}";
    private static final String PLAIN = "{'attribute': 'plan', 'in': ['vip']}";
    private static final String OFF = "{'variants': {'on': true, 'off': false}, 'safeVariant': 'off', 'on': false,"
            + " 'rules': [{'when': " + NESTED + ", 'serve': {'variant': 'on'}}], 'fallThrough': {'variant': 'off'}}";

    private final Invariant rule = new Expressible();

    private void check(Invariant invariant, Written before, List<Event> events) {
        Image image = before.image();
        ImageDelta delta = new ImageDelta(image);
        events.forEach(event -> delta.apply(2, event));
        Image after = delta.build(new Provenance("a".repeat(32), 1, 2));
        invariant.check(new Committed(2, Instant.EPOCH, image, after, events), new KnownKills(image, Map.of()));
    }

    private static List<Event> saved(Written written) {
        return written.events().subList(1, written.events().size());
    }

    @Test
    void whatCantBeWrittenIsRefusedWithItsPlace() {
        assertThatThrownBy(() ->
                        check(rule, Written.served(), saved(Written.served().when("f", NESTED))))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("rules[0].when.attribute: \"user.plan\" (expected: ")
                .hasMessageContaining("environment production is served to flagd's clients");
    }

    @Test
    void otherEnvironmentsTakeIt() {
        assertThatCode(() -> check(rule, new Written(), saved(new Written().when("f", NESTED))))
                .doesNotThrowAnyException();
    }

    @Test
    void anEnvironmentWithFlagsThatCantBeWrittenIsNotServed() {
        Written before = new Written().when("f", NESTED).when("g", PLAIN).when("h", NESTED);
        List<Event> serving = Written.served().events();
        assertThatThrownBy(() -> check(rule, before, serving))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("flags.f.rules[0].when.attribute: \"user.plan\" (expected: ")
                .hasMessageContaining("2 flags can't be written: f, h");
        assertThatCode(() -> check(rule, new Written().when("g", PLAIN), serving))
                .doesNotThrowAnyException();
    }

    @Test
    void aSegmentIsRefusedForTheFlagThatNamesIt() {
        Written before = Written.served().segment("vips", PLAIN).when("f", "{'segment': 'vips'}");
        Event spoiled = new Event.SegmentSaved(Written.ENVIRONMENT, new Segment("vips", "", Written.condition(NESTED)));
        assertThatThrownBy(() -> check(rule, before, List.of(spoiled)))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("flags.f.segments.vips.when.attribute: \"user.plan\"");
    }

    @Test
    void whatCouldntBeWrittenBeforeMayStaySo() {
        Written before = Written.served().when("f", NESTED);
        assertThatCode(() -> check(
                        rule,
                        before,
                        saved(Written.served().when("f", NESTED).kill("9f86d081-1", "f", Optional.empty()))))
                .doesNotThrowAnyException();
        assertThatCode(() -> check(rule, before, saved(Written.served().when("g", PLAIN))))
                .doesNotThrowAnyException();
    }

    @Test
    void aFlagThatIsOffMayHaveAnyRulesUntilItIsTurnedOn() {
        Written before = Written.served().flag("f", ValueType.BOOLEAN, OFF);
        assertThatCode(() -> check(rule, Written.served(), saved(before))).doesNotThrowAnyException();
        assertThatThrownBy(() -> check(
                        rule,
                        before,
                        saved(Written.served().flag("f", ValueType.BOOLEAN, OFF.replace("'on': false", "'on': true")))))
                .isInstanceOf(InvalidInput.class);
    }
}
