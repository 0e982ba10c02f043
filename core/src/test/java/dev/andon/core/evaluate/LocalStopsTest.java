package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Serve;
import dev.andon.core.model.Target;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process stops by itself. */
class LocalStopsTest {
    private static final String PRODUCTION = "production";

    private Image image = extended(
            Image.EMPTY,
            new Event.EnvironmentSaved(new Environment(PRODUCTION, "")),
            flag("checkout", "vendor:stripe"),
            on("checkout"),
            flag("search"),
            on("search"),
            flag("child"),
            on("child", "checkout"));

    @ParameterizedTest
    @ValueSource(strings = {"checkout", "tag:vendor:stripe", "owner:team", "kind:release", "everything"})
    void every_target_gives_the_safe_variant_and_stops_what_requires_it(String target) {
        Ruleset ruleset = Ruleset.of(image, PRODUCTION).withLocalStops(List.of(stop(target)));
        Evaluation stopped = ruleset.evaluate("checkout", Context.EMPTY);
        assertThat(stopped.reason()).isEqualTo(Reason.KILLED_LOCALLY);
        assertThat(stopped.variant()).isEqualTo("off");
        assertThat(stopped.message()).isEqualTo("stopped in this process by its environment: because");
        assertThat(ruleset.evaluate("child", Context.EMPTY).variant()).isEqualTo("off");
        assertThat(ruleset.explain("checkout", Context.EMPTY).steps())
                .singleElement()
                .satisfies(step -> assertThat(step.kind()).isEqualTo("local stop"));
    }

    @Test
    void a_dependent_of_what_is_stopped_says_so() {
        Ruleset ruleset = Ruleset.of(image, PRODUCTION).withLocalStops(List.of(stop("checkout")));
        assertThat(ruleset.evaluate("child", Context.EMPTY).reason()).isEqualTo(Reason.PREREQUISITE);
        assertThat(ruleset.evaluate("search", Context.EMPTY).variant()).isEqualTo("on");
    }

    @Test
    void without_any_state_the_default_applies_and_the_reason_says_why() {
        Ruleset ruleset = Ruleset.EMPTY.withLocalStops(List.of(stop("checkout")));
        Evaluation stopped = ruleset.evaluate("checkout", Context.EMPTY);
        assertThat(stopped.usesDefault()).isTrue();
        assertThat(stopped.reason()).isEqualTo(Reason.KILLED_LOCALLY);
        assertThat(stopped.error()).isNull();
        assertThat(ruleset.evaluate("search", Context.EMPTY).reason()).isEqualTo(Reason.DEFAULT);
        assertThat(Ruleset.EMPTY
                        .withLocalStops(List.of(stop("everything")))
                        .evaluate("search", Context.EMPTY)
                        .reason())
                .isEqualTo(Reason.KILLED_LOCALLY);
    }

    @Test
    void a_flag_that_comes_later_is_stopped_from_birth() {
        Ruleset ruleset = Ruleset.of(image, PRODUCTION).withLocalStops(List.of(stop("tag:new"), stop("named")));
        Ruleset later = advance(ruleset, flag("named"), on("named"), flag("tagged", "new"), on("tagged"));
        assertThat(later.evaluate("named", Context.EMPTY).reason()).isEqualTo(Reason.KILLED_LOCALLY);
        assertThat(later.evaluate("tagged", Context.EMPTY).reason()).isEqualTo(Reason.KILLED_LOCALLY);
    }

    @Test
    void what_it_holds_it_holds_when_the_tag_goes_until_it_is_lifted() {
        Ruleset ruleset = Ruleset.of(image, PRODUCTION).withLocalStops(List.of(stop("tag:vendor:stripe")));
        Ruleset later = advance(ruleset, flag("checkout"));
        assertThat(later.evaluate("checkout", Context.EMPTY).reason()).isEqualTo(Reason.KILLED_LOCALLY);
        assertThat(later.held(stop("tag:vendor:stripe"))).isEqualTo(1);
        Ruleset lifted = later.withLocalStops(List.of(stop("search")));
        assertThat(lifted.evaluate("checkout", Context.EMPTY).variant()).isEqualTo("on");
        assertThat(lifted.evaluate("search", Context.EMPTY).variant()).isEqualTo("off");
        assertThat(lifted.withLocalStops(List.of())
                        .evaluate("search", Context.EMPTY)
                        .variant())
                .isEqualTo("on");
    }

    @Test
    void another_reason_and_another_stop_that_ends_let_nothing_go() {
        Ruleset ruleset =
                Ruleset.of(image, PRODUCTION).withLocalStops(List.of(stop("owner:team"), stop("tag:vendor:stripe")));
        Ruleset later = advance(
                ruleset,
                new Event.FlagSaved(new Flag(
                        "checkout",
                        FlagKind.RELEASE,
                        ValueType.BOOLEAN,
                        "others",
                        "",
                        new TreeSet<>(),
                        OptionalInt.empty(),
                        false)));
        LocalStop reworded = new LocalStop(LocalStop.Source.ENVIRONMENT, Target.parse("tag:vendor:stripe"), "INC-7");
        Ruleset one = later.withLocalStops(List.of(reworded));
        assertThat(one.evaluate("checkout", Context.EMPTY).message()).endsWith("INC-7");
        assertThat(one.held(reworded)).isEqualTo(1);
    }

    private Ruleset advance(Ruleset ruleset, Event... events) {
        ImageDelta delta = new ImageDelta(image);
        long version = image.provenance().version() + 1;
        for (Event event : events) {
            delta.apply(version, event);
        }
        image = delta.build(new Provenance("ledger", 1, version));
        return ruleset.advance(image, delta.touched(PRODUCTION));
    }

    private static LocalStop stop(String target) {
        return new LocalStop(LocalStop.Source.ENVIRONMENT, Target.parse(target), "because");
    }

    private static Image extended(Image image, Event... events) {
        ImageDelta delta = new ImageDelta(image);
        for (Event event : events) {
            delta.apply(1, event);
        }
        return delta.build(new Provenance("ledger", 1, 1));
    }

    private static Event flag(String key, String... tags) {
        return new Event.FlagSaved(new Flag(
                key,
                FlagKind.RELEASE,
                ValueType.BOOLEAN,
                "team",
                "",
                new TreeSet<>(Set.of(tags)),
                OptionalInt.empty(),
                false));
    }

    private static Event on(String flag, String... required) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        for (String parent : required) {
            prerequisites.add(new Prerequisite(parent, List.of("on")));
        }
        return new Event.ConfigurationSaved(
                PRODUCTION,
                flag,
                new Configuration(
                        Map.of("off", Json.of(false), "on", Json.of(true)),
                        "off",
                        true,
                        prerequisites,
                        List.of(),
                        new Serve.Fixed("on"),
                        new WhenBlind.Keep()));
    }
}
