package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.model.ValueType;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class FlagChangesTest {
    private static final String PAID = "{'attribute': 'plan', 'in': ['paid']}";
    private static final String FREE = "{'attribute': 'plan', 'in': ['free']}";
    private static final View ALL = new View(Written.ENVIRONMENT, Optional.empty());

    private static final String REQUIRES = "{'variants': {'on': true, 'off': false}, 'safeVariant': 'off', 'on': true,"
            + " 'prerequisites': [{'flag': 'FLAG', 'variants': ['on']}], 'fallThrough': {'variant': 'on'}}";

    /** Flags that build on each other: outer's segment, inside another one, and flags that require flags. */
    private static Written chain(String condition) {
        return new Written()
                .segment("inner", condition)
                .segment("outer", "{'segment': 'inner'}")
                .when("reads", "{'segment': 'outer'}")
                .flag("requires", ValueType.BOOLEAN, REQUIRES.replace("FLAG", "reads"))
                .flag("far", ValueType.BOOLEAN, REQUIRES.replace("FLAG", "requires"))
                .when("other", PAID);
    }

    private static SortedMap<String, String> changes(Written before, Written after) {
        return FlagChanges.between(ALL, before.state(), after.state());
    }

    @Test
    void nothingChangesWhereNothingDoes() {
        assertThat(changes(chain(PAID), chain(PAID))).isEmpty();
    }

    @Test
    void aSegmentReachesWhoeverReadsItAndWhoeverRequiresThem() {
        assertThat(changes(chain(PAID), chain(FREE)))
                .isEqualTo(Map.of("reads", "update", "requires", "update", "far", "update"));
    }

    @Test
    void aKillReachesWhoeverRequiresTheFlag() {
        Written killed = chain(PAID).kill("00000000000a-1", "requires", Optional.empty());
        assertThat(changes(chain(PAID), killed)).isEqualTo(Map.of("requires", "update", "far", "update"));
        assertThat(changes(killed, chain(PAID))).isEqualTo(Map.of("requires", "update", "far", "update"));
    }

    @Test
    void flagsComeAndGo() {
        Written more = chain(PAID).when("new", FREE);
        assertThat(changes(chain(PAID), more)).isEqualTo(Map.of("new", "write"));
        assertThat(changes(more, chain(PAID))).isEqualTo(Map.of("new", "delete"));
    }

    @Test
    void whatATagDoesntShowIsNoChange() {
        View tagged = new View(Written.ENVIRONMENT, Optional.of("checkout"));
        assertThat(FlagChanges.between(tagged, chain(PAID).state(), chain(FREE).state()))
                .isEmpty();
    }

    @Test
    void stopsExceedOthersWhereTheyHoldMore() {
        Stops none = Stops.of(chain(PAID).state());
        Stops one = Stops.of(
                chain(PAID).kill("00000000000a-1", "requires", Optional.empty()).state());
        assertThat(one.exceed(none)).isTrue();
        assertThat(none.exceed(one)).isFalse();
        assertThat(one.exceed(one)).isFalse();
    }
}
