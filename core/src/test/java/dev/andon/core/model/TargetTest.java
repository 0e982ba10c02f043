package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.InvalidInput;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class TargetTest {
    private static final Flag FLAG = new Flag(
            "checkout",
            FlagKind.RELEASE,
            ValueType.BOOLEAN,
            "team a",
            "",
            new TreeSet<>(Set.of("vendor:stripe")),
            OptionalInt.empty(),
            false);

    @Test
    void a_label_reads_back_as_what_it_names() {
        for (Target target : List.of(
                new Target.OneFlag("checkout"),
                new Target.OneFlag("vendor:stripe"),
                new Target.OneFlag("everything"),
                new Target.OneFlag("flag:x"),
                new Target.OneFlag("tag:x"),
                new Target.OneFlag("owner:x"),
                new Target.OneFlag("kind:ops"),
                new Target.Tagged("vendor:stripe"),
                new Target.Tagged("tag:x"),
                new Target.OwnedBy("team a: b"),
                new Target.OfKind(FlagKind.KILL_SWITCH),
                new Target.Everything())) {
            assertThat(Target.parse(target.label())).as(target.label()).isEqualTo(target);
        }
    }

    @Test
    void a_flags_label_is_its_key_alone_unless_that_reads_as_something_else() {
        assertThat(new Target.OneFlag("checkout").label()).isEqualTo("checkout");
        assertThat(new Target.OneFlag("vendor:x").label()).isEqualTo("vendor:x");
        assertThat(new Target.OneFlag("everything").label()).isEqualTo("flag:everything");
        assertThat(new Target.OneFlag("tag:x").label()).isEqualTo("flag:tag:x");
    }

    @Test
    void what_names_nothing_is_refused() {
        assertThatThrownBy(() -> Target.parse("kind:releases"))
                .isInstanceOf(InvalidInput.class)
                .hasMessage("target.kind: \"releases\" (expected: one of release, kill-switch, experiment, ops,"
                        + " permission)");
        for (String none : List.of("", "flag:", "tag:", "owner:", "tag:two words", "-x")) {
            assertThatThrownBy(() -> Target.parse(none)).as(none).isInstanceOf(InvalidInput.class);
        }
    }

    @Test
    void a_target_matches_what_it_says() {
        for (String label : List.of(
                "checkout", "flag:checkout", "tag:vendor:stripe", "owner:team a", "kind:release", "everything")) {
            assertThat(Target.parse(label).matches(FLAG)).as(label).isTrue();
        }
        for (String label : List.of("check", "tag:vendor", "tag:vendor:stripe2", "owner:team", "kind:ops")) {
            assertThat(Target.parse(label).matches(FLAG)).as(label).isFalse();
        }
        assertThat(Target.parse("checkout").wide()).isFalse();
        assertThat(Target.parse("tag:vendor:stripe").wide()).isTrue();
    }
}
