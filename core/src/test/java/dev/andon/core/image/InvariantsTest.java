package dev.andon.core.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Samples;
import dev.andon.core.event.Event;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class InvariantsTest {
    private static final String PRODUCTION = "production";
    private static final StandingKill KILL = Samples.standing(PRODUCTION, "9f86d081-1", "parent");

    private final List<StandingKill> kills = new ArrayList<>();
    private Image image = Image.EMPTY;

    InvariantsTest() {
        save(
                new Event.EnvironmentSaved(new Environment(PRODUCTION, "")),
                new Event.EnvironmentSaved(new Environment("staging", "")),
                flag("parent"),
                flag("child"),
                flag("unconfigured"),
                configured("parent", configuration()),
                configured("child", requiring("parent", "on")),
                segment("staff", new Condition.Exists("staff")),
                segment("testers", new Condition.InSegment("staff")));
    }

    private void save(Event... events) {
        Image after = after(events);
        Invariants.check(image, after, List.of(events), kills);
        image = after;
    }

    private Image after(Event... events) {
        long version = image.provenance().version() + 1;
        ImageDelta delta = new ImageDelta(image);
        List.of(events).forEach(event -> delta.apply(version, event));
        return delta.build(new Provenance("l", 1, version));
    }

    private void assertRefused(String message, Event... events) {
        Image before = image;
        assertThatThrownBy(() -> save(events)).isInstanceOf(InvalidInput.class).hasMessage(message);
        assertThat(image).isSameAs(before);
    }

    private void assertAllowed(Event... events) {
        assertThatCode(() -> save(events)).doesNotThrowAnyException();
    }

    private static Event flag(String key) {
        return new Event.FlagSaved(flagOf(key, ValueType.BOOLEAN));
    }

    private static Flag flagOf(String key, ValueType type) {
        return new Flag(key, FlagKind.RELEASE, type, "team", "", new TreeSet<>(), OptionalInt.empty(), false);
    }

    private static Event archived(String key) {
        return new Event.FlagSaved(flagOf(key, ValueType.BOOLEAN).archive());
    }

    private static Event left(String key) {
        return new Event.ConfigurationDeleted(PRODUCTION, key);
    }

    private static Event configured(String flag, Configuration configuration) {
        return new Event.ConfigurationSaved(PRODUCTION, flag, configuration);
    }

    private static Event segment(String key, Condition when) {
        return new Event.SegmentSaved(PRODUCTION, new Segment(key, "", when));
    }

    private static Configuration configuration() {
        return configuration(List.of(), List.of());
    }

    private static Configuration requiring(String flag, String... variants) {
        return configuration(List.of(new Prerequisite(flag, List.of(variants))), List.of());
    }

    private static Configuration targeting(Condition when) {
        return configuration(List.of(), List.of(new Rule("", when, new Serve.Fixed("on"))));
    }

    private static Configuration configuration(List<Prerequisite> prerequisites, List<Rule> rules) {
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put("off", Json.of(false));
        variants.put("on", Json.of(true));
        variants.put("third", Json.of(true));
        return configuration(variants, "off", prerequisites, rules);
    }

    private static Configuration configuration(
            Map<String, Json> variants, String safe, List<Prerequisite> prerequisites, List<Rule> rules) {
        return new Configuration(
                variants, safe, true, prerequisites, rules, new Serve.Fixed(safe), new WhenBlind.Keep());
    }

    @Test
    void values_are_of_the_flags_type() {
        Configuration texts = configuration(Map.of("a", Json.of("x")), "a", List.of(), List.of());

        assertRefused("variants.a: \"x\" (expected: a value of type boolean)", configured("parent", texts));
    }

    @Test
    void only_flags_in_use_are_configured() {
        assertRefused(
                "flag: \"unknown\" (expected: a flag that is in use; create it first)",
                configured("unknown", configuration()));
        assertRefused(
                "flag: \"unconfigured\" (expected: a flag that is in use; create it first)",
                configured("unconfigured", configuration()),
                archived("unconfigured"));
    }

    @Test
    void a_prerequisite_is_in_use_and_configured_in_the_environment() {
        String expected = " (expected: a flag that is in use and configured in production; configure it there first)";

        assertRefused(
                "prerequisites[0].flag: \"unconfigured\"" + expected,
                configured("child", requiring("unconfigured", "on")));
        assertRefused("prerequisites[0].flag: \"gone\"" + expected, configured("child", requiring("gone", "on")));
        assertAllowed(
                configured("child", requiring("unconfigured", "on")), configured("unconfigured", configuration()));
    }

    @Test
    void a_prerequisite_asks_for_variants_that_exist() {
        assertRefused(
                "prerequisites[0].variants: \"blue\" (expected: variants of parent: off, on, third)",
                configured("child", requiring("parent", "on", "blue")));
    }

    @Test
    void a_prerequisite_does_not_ask_for_the_safe_variant() {
        assertRefused(
                "prerequisites[0].variants: \"off\", the safe variant of parent"
                        + " (expected: other variants: a kill of parent would switch this flag on)",
                configured("child", requiring("parent", "on", "off")));
    }

    @Test
    void a_required_flag_keeps_the_variants_that_are_asked_for() {
        Map<String, Json> without = Map.of("off", Json.of(false), "third", Json.of(true));

        assertRefused(
                "variants: without \"on\""
                        + " (expected: this variant too, as child requires it in production; change child first)",
                configured("parent", configuration(without, "off", List.of(), List.of())));
        assertAllowed(
                configured("parent", configuration(without, "off", List.of(), List.of())),
                configured("child", requiring("parent", "third")));
    }

    @Test
    void a_required_flag_does_not_get_a_safe_variant_that_is_asked_for() {
        Configuration turned = configuration(configuration().variants(), "on", List.of(), List.of());

        assertRefused(
                "safeVariant: \"on\" (expected: another variant, as child requires this one in production, and a kill"
                        + " would switch child on; change child first)",
                configured("parent", turned));
    }

    @Test
    void prerequisites_form_no_cycle() {
        assertRefused(
                "prerequisites: parent → child → parent (expected: no cycle; remove one of these references)",
                configured("parent", requiring("child", "on")));
        assertRefused(
                "prerequisites: parent → parent (expected: no cycle; remove one of these references)",
                configured("parent", requiring("parent", "on")));
    }

    @Test
    void chains_of_prerequisites_end_at_the_limit() {
        String last = "parent";
        for (int i = 2; i <= Reach.MAX_DEPTH; i++) {
            save(flag("f" + i), configured("f" + i, requiring(last, "on")));
            last = "f" + i;
        }
        String tooDeep = "prerequisites: more than 64 in a row (expected: at most 64";

        assertRefused(tooDeep + ")", flag("f65"), configured("f65", requiring(last, "on")));
        assertRefused(
                tooDeep + ", also in f64, which builds on parent)",
                flag("grandparent"),
                configured("grandparent", configuration()),
                configured("parent", requiring("grandparent", "on")));
    }

    @Test
    void diamonds_of_prerequisites_end_at_the_limit() {
        save(flag("a0"), flag("b0"), configured("a0", configuration()), configured("b0", configuration()));
        int level = 1;
        while (true) {
            Configuration both = configuration(
                    List.of(
                            new Prerequisite("a" + (level - 1), List.of("on")),
                            new Prerequisite("b" + (level - 1), List.of("on"))),
                    List.of());
            Event[] next = {
                flag("a" + level), configured("a" + level, both), flag("b" + level), configured("b" + level, both)
            };
            if (level == 16) {
                assertThatThrownBy(() -> save(next))
                        .isInstanceOf(InvalidInput.class)
                        .hasMessageStartingWith("prerequisites: more than 100000 steps for one evaluation");
                return;
            }
            save(next);
            level++;
        }
    }

    @Test
    void segments_exist_where_they_are_named() {
        assertRefused(
                "rules: segment \"gone\" (expected: a segment of production; save it there first)",
                configured("child", targeting(new Condition.InSegment("gone"))));
        assertRefused(
                "when: segment \"gone\" (expected: a segment of production; save it there first)",
                segment("testers", new Condition.Not(new Condition.InSegment("gone"))));
    }

    @Test
    void segments_form_no_cycle() {
        assertRefused(
                "segment: staff → testers → staff (expected: no cycle; remove one of these references)",
                segment("staff", new Condition.InSegment("testers")));
    }

    @Test
    void a_segment_in_use_is_not_deleted() {
        save(configured("child", targeting(new Condition.InSegment("testers"))));
        String expected = " (expected: a segment that none uses; change these first)";

        assertRefused(
                "segment: \"testers\" is used in production by flags child" + expected,
                new Event.SegmentDeleted(PRODUCTION, "testers"));
        save(configured("parent", targeting(new Condition.InSegment("staff"))));
        assertRefused(
                "segment: \"staff\" is used in production by flags parent and segments testers" + expected,
                new Event.SegmentDeleted(PRODUCTION, "staff"));
        assertAllowed(new Event.SegmentDeleted(PRODUCTION, "testers"), configured("child", requiring("parent", "on")));
    }

    @Test
    void a_segment_does_not_grow_beyond_what_the_flags_that_use_it_may_reach() {
        save(configured("child", targeting(new Condition.InSegment("testers"))));
        List<Condition> many = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            List<String> texts = new ArrayList<>();
            for (int j = 0; j < 10_000; j++) {
                texts.add("t" + j);
            }
            many.add(new Condition.TextMatch("a", Condition.TextOperator.CONTAINS, texts));
        }

        assertThatThrownBy(() -> save(segment("staff", new Condition.Any(many))))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("when: more than 100000 steps for one evaluation");
        Condition half = new Condition.Any(many.subList(0, 6));
        save(segment("staff", half));
        assertThatThrownBy(() -> save(segment(
                        "testers",
                        new Condition.Any(
                                List.of(new Condition.InSegment("staff"), new Condition.InSegment("staff"))))))
                .hasMessageContaining("more than 100000 steps");
    }

    @Test
    void a_flag_keeps_its_type() {
        assertRefused(
                "type: string (expected: boolean, as before; create a flag with another key for another type)",
                new Event.FlagSaved(flagOf("parent", ValueType.STRING)));
    }

    @Test
    void the_key_of_an_archived_flag_stays_taken() {
        save(archived("child"));

        assertRefused(
                "key: \"child\", the key of an archived flag"
                        + " (expected: a key that was never used; old code may still ask for this one)",
                new Event.FlagSaved(flagOf("child", ValueType.STRING)));
        assertAllowed(archived("child"));
    }

    @Test
    void an_archived_flag_comes_back_as_it_was() {
        save(archived("child"));

        assertAllowed(flag("child"), configured("child", requiring("parent", "on")));
        assertThat(image.flag("child")).isPresent();
    }

    @Test
    void a_flag_that_others_require_or_a_kill_holds_stays_in_the_environment() {
        assertRefused(
                "flag: \"parent\" is required in production by child"
                        + " (expected: a flag that none requires; take it out of their prerequisites first)",
                left("parent"));
        assertAllowed(left("child"));
        kills.add(KILL);
        assertRefused(
                "flag: \"parent\" is held by kill 9f86d081-1 in production"
                        + " (expected: a flag that no kill holds; restore it first)",
                left("parent"));
        kills.clear();
        assertAllowed(left("parent"));
        assertThat(image.flag("parent")).isPresent();
        assertThat(image.environments().get(PRODUCTION).configurations()).isEmpty();
    }

    @Test
    void a_required_flag_is_not_archived() {
        assertRefused(
                "archived: \"parent\" is required in production by child"
                        + " (expected: a flag that none requires; take it out of their prerequisites first)",
                archived("parent"));
        assertAllowed(archived("child"), archived("parent"));
    }

    @Test
    void a_flag_that_a_kill_holds_is_not_archived() {
        save(archived("child"));
        kills.add(KILL);

        assertRefused(
                "archived: \"parent\" is held by kill 9f86d081-1 in production"
                        + " (expected: a flag that no kill holds; restore it first)",
                archived("parent"));
    }

    @Test
    void the_safe_variant_is_pinned_while_a_kill_holds_the_flag() {
        kills.add(KILL);
        String expected =
                " (expected: \"off\" with its value, as long as kill 9f86d081-1 holds parent; restore it first)";
        Map<String, Json> turned = new LinkedHashMap<>(configuration().variants());
        turned.put("off", Json.of(true));

        assertRefused(
                "safeVariant: \"third\"" + expected,
                configured("parent", configuration(configuration().variants(), "third", List.of(), List.of())));
        assertRefused(
                "safeVariant: \"off\"" + expected,
                configured("parent", configuration(turned, "off", List.of(), List.of())));
        assertAllowed(configured("parent", targeting(new Condition.Exists("x"))));
        Configuration third = configuration(configuration().variants(), "third", List.of(), List.of());
        assertAllowed(new Event.ConfigurationSaved("staging", "parent", configuration()));
        assertAllowed(new Event.ConfigurationSaved("staging", "parent", third));
        assertAllowed(new Event.KillRestored(PRODUCTION, KILL.id()), configured("parent", third));
    }

    @Test
    void kills_and_restores_are_never_refused() {
        assertAllowed(new Event.KillStood(KILL.signed(), KILL.flags()));
        kills.add(KILL);
        assertAllowed(new Event.KillStood(KILL.signed(), new TreeSet<>(List.of("parent", "child", "unknown"))));
        assertAllowed(new Event.KillRestored(PRODUCTION, KILL.id()));
    }

    @Test
    void a_change_speaks_of_each_object_once() {
        assertRefused(
                "events: flag/child twice (expected: each object once in a change)", archived("child"), flag("child"));
    }

    @Test
    void flags_are_counted_with_the_archived_ones() {
        Map<String, Versioned<Flag>> flags = new HashMap<>(image.flags());
        Flag old = flagOf("old", ValueType.BOOLEAN).archive();
        for (int i = flags.size(); i < Invariants.MAX_FLAGS; i++) {
            flags.put("old-" + i, new Versioned<>(old, 1));
        }
        image = new Image(image.provenance(), flags, image.environments(), Map.of(), Map.of(), Map.of(), Marks.NONE);

        assertRefused("flags: 100001 (expected: at most 100000)", flag("one-more"));
        assertAllowed(flag("child"));
    }

    @Test
    void environments_are_counted() {
        for (int i = 2; i < Invariants.MAX_ENVIRONMENTS; i++) {
            save(new Event.EnvironmentSaved(new Environment("e" + i, "")));
        }
        assertRefused(
                "environments: 101 (expected: at most 100)",
                new Event.EnvironmentSaved(new Environment("one-more", "")));
        assertAllowed(new Event.EnvironmentSaved(new Environment("staging", "renamed")));
    }

    @Test
    void segments_are_counted_in_each_environment() {
        Event[] many = new Event[Invariants.MAX_SEGMENTS - 2];
        for (int i = 0; i < many.length; i++) {
            many[i] = segment("s" + i, new Condition.Exists("a"));
        }
        image = after(many);

        assertRefused("segments: 10001 (expected: at most 10000)", segment("one-more", new Condition.Exists("a")));
        assertAllowed(segment("s1", new Condition.Exists("b")));
    }
}
