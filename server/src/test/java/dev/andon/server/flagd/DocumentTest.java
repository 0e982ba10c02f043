package dev.andon.server.flagd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.KillId;
import dev.andon.core.model.ValueType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What flagd's clients get to hold. That engines make of it what Andon serves is shown by the differential tests. */
class DocumentTest {
    private static final String SAFE_ON = "{'attribute': 'plan', 'in': ['vip']}";
    private static final String KILL = "9f86d081-17";

    private static String bool(String rest) {
        return "{'variants': {'on': true, 'off': false}, 'safeVariant': 'off', " + rest + "}";
    }

    @Test
    void aFlagThatServesTheSameToEveryoneHasNoTargeting() {
        Fields flag = new Written()
                .flag("f", ValueType.BOOLEAN, bool("'on': true, 'fallThrough': {'variant': 'on'}"))
                .flag("f");
        assertThat(flag.text("state")).isEqualTo("ENABLED");
        assertThat(flag.text("defaultVariant")).isEqualTo("on");
        assertThat(flag.has("targeting")).isFalse();
        assertThat(flag.object("metadata").text("version")).isEqualTo("1");
    }

    @Test
    void offServesTheSafeVariantAsAValue() {
        Fields flag = new Written()
                .flag("f", ValueType.BOOLEAN, bool("'on': false, 'fallThrough': {'variant': 'on'}"))
                .flag("f");
        assertThat(flag.text("state")).isEqualTo("ENABLED");
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.has("targeting")).isFalse();
    }

    @Test
    void aKillIsAnExplicitValue() {
        Fields flag = new Written()
                .when("f", SAFE_ON)
                .kill(KILL, "f", Optional.empty())
                .flag("f");
        assertThat(flag.text("state")).isEqualTo("ENABLED");
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.has("targeting")).isFalse();
        assertThat(flag.object("metadata").text("killId")).isEqualTo(KILL);
    }

    @Test
    void aKillForSomeComesBeforeTheRules() {
        Fields flag = new Written()
                .when("f", "{'attribute': 'a', 'exists': true}")
                .kill(KILL, "f", Optional.of("{'attribute': 'b', 'exists': true}"))
                .flag("f");
        assertThat(flag.json("targeting"))
                .isEqualTo(Written.json("{'if': [{'!==': [{'var': 'b'}, null]}, 'off',"
                        + " {'!==': [{'var': 'a'}, null]}, 'on', 'off']}"));
    }

    @Test
    void aKillWhoseAudienceCantBeWrittenStopsEveryone() {
        Document document = new Written()
                .when("f", SAFE_ON)
                .kill(KILL, "f", Optional.of("{'attribute': 'user.plan', 'in': ['vip']}"))
                .document();
        Fields flag =
                Fields.lenient(Fields.lenient(document.json()).map("flags").get("f"));
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.has("targeting")).isFalse();
        assertThat(document.widenedKills()).containsExactly(KillId.parse("id", KILL));
    }

    @Test
    void whatCantBeWrittenIsLeftOutAndNamed() {
        Document document = new Written()
                .when("f", "{'all': [{'attribute': 'user.plan', 'in': ['vip']}]}")
                .when("g", SAFE_ON)
                .document();
        assertThat(Fields.lenient(document.json()).map("flags")).containsOnlyKeys("g");
        assertThat(document.left()).containsOnlyKeys("f");
        assertThat(document.left().get("f"))
                .hasMessageStartingWith("rules[0].when.all[0].attribute: \"user.plan\" (exp");
    }

    @Test
    void aKillReachesAFlagThatIsLeftOutOtherwise() {
        Document document = new Written()
                .when("f", "{'attribute': 'user.plan', 'in': ['vip']}")
                .kill(KILL, "f", Optional.empty())
                .document();
        assertThat(document.left()).isEmpty();
        assertThat(Fields.lenient(document.json()).map("flags")).containsOnlyKeys("f");
    }

    @Test
    void aKillForSomeHoldsEveryoneWhereTheRestCantBeWritten() {
        Document document = new Written()
                .when("f", "{'attribute': 'user.plan', 'in': ['vip']}")
                .kill(KILL, "f", Optional.of("{'attribute': 'country', 'in': ['DE']}"))
                .document();
        Fields flag =
                Fields.lenient(Fields.lenient(document.json()).map("flags").get("f"));
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.has("targeting")).isFalse();
        assertThat(document.widenedKills()).containsExactly(KillId.parse("id", KILL));
    }

    @Test
    void aKillReachesAFlagWhoseOtherValuesCantBeWritten() {
        Fields flag = new Written()
                .flag(
                        "f",
                        ValueType.INTEGER,
                        "{'variants': {'on': 3000000000, 'off': 0}, 'safeVariant': 'off', 'on': true,"
                                + " 'fallThrough': {'variant': 'on'}}")
                .kill(KILL, "f", Optional.empty())
                .flag("f");
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.json("variants")).isEqualTo(Written.json("{'off': 0}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'attribute': '__proto__', 'exists': true} | rules[0].when.attribute",
                "{'attribute': '$flagd', 'exists': true} | rules[0].when.attribute",
                "{'attribute': 'a', 'in': [9007199254740992]} | rules[0].when.in",
                "{'attribute': 'a', 'before': '2026-01-01T00:00:00.0001Z'} | rules[0].when.before"
            })
    void conditionsThatEnginesDontAgreeAboutAreNamed(String condition, String path) {
        assertThat(new Written().when("f", condition).document().left().get("f").path())
                .isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'variants': {'a': [1]}, 'safeVariant': 'a', 'on': true, 'fallThrough': {'variant': 'a'}}",
                "{'variants': {'a': {}}, 'safeVariant': 'a', 'on': true, 'fallThrough': {'variant': 'a'},"
                        + " 'whenBlind': {'safeAfterSeconds': 30}}"
            })
    void whatClientsDontHaveIsNamed(String configuration) {
        assertThat(new Written()
                        .flag("f", ValueType.OBJECT, configuration)
                        .document()
                        .left())
                .containsOnlyKeys("f");
    }

    @Test
    void numbersAreWrittenAsSuch() {
        Fields flag = new Written()
                .flag(
                        "f",
                        ValueType.NUMBER,
                        "{'variants': {'a': 1, 'b': 2.5}, 'safeVariant': 'a', 'on': true, 'fallThrough': {'variant':"
                                + " 'a'}}")
                .flag("f");
        assertThat(flag.json("variants")).isEqualTo(Written.json("{'a': 1.0, 'b': 2.5}"));
    }

    @Test
    void aSplitHasItsSeedAsTextAndNamesWhatIsMissing() {
        Fields flag = new Written()
                .flag(
                        "f",
                        ValueType.BOOLEAN,
                        bool("'on': true, 'fallThrough': {'split': [{'variant': 'on', 'weight': 25},"
                                + " {'variant': 'off', 'weight': 75}]}"))
                .flag("f");
        assertThat(flag.json("targeting"))
                .isEqualTo(Written.json("{'if': [{'!==': [{'var': 'targetingKey'}, null]},"
                        + " {'fractional': [{'cat': ['f', {'var': 'targetingKey'}]}, ['on', 25], ['off', 75]]},"
                        + " 'missing:targetingKey']}"));
    }

    @Test
    void aSegmentIsWrittenOnce() {
        Document document = new Written()
                .segment("vips", "{'attribute': 'a', 'exists': true}")
                .when("f", "{'segment': 'vips'}")
                .when("g", "{'not': {'segment': 'vips'}}")
                .document();
        Fields json = Fields.lenient(document.json());
        assertThat(json.json("$evaluators")).isEqualTo(Written.json("{'vips': {'!==': [{'var': 'a'}, null]}}"));
        assertThat(Fields.lenient(json.map("flags").get("g")).json("targeting"))
                .isEqualTo(Written.json("{'if': [{'!': [{'$ref': 'vips'}]}, 'on', 'off']}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "a.b | {'attribute': 'a', 'exists': true}",
                "dollar | {'attribute': 'a', 'startsWith': ['$&']}",
                "quote | {'attribute': 'a', 'startsWith': ['\\\\']}",
                "always | {'all': []}"
            })
    void aSegmentThatReplacingTextWouldSpoilIsWrittenOut(String key, String condition) {
        Fields json = Fields.lenient(new Written()
                .segment(key, condition)
                .when("f", "{'segment': '" + key + "'}")
                .document()
                .json());
        assertThat(json.has("$evaluators")).isFalse();
        assertThat(json.map("flags").get("f").text()).doesNotContain("$ref");
    }

    @Test
    void segmentsWithinSegmentsAreWrittenOut() {
        Fields json = Fields.lenient(new Written()
                .segment("inner", "{'attribute': 'a', 'exists': true}")
                .segment("outer", "{'not': {'segment': 'inner'}}")
                .when("f", "{'segment': 'outer'}")
                .document()
                .json());
        assertThat(json.json("$evaluators"))
                .isEqualTo(Written.json("{'outer': {'!': [{'!==': [{'var': 'a'}, null]}]}}"));
    }

    @Test
    void prerequisitesThatMultiplyHaveALimit() {
        Written written = new Written();
        String attribute = "{'when': {'attribute': 'a', 'exists': true}, 'serve': {'variant': 'on'}}";
        for (int level = 0; level < 20; level++) {
            String needs = level == 0
                    ? ""
                    : "'prerequisites': [{'flag': 'f" + (level - 1) + "', 'variants': ['on']}," + " {'flag': 'f"
                            + (level - 1) + "', 'variants': ['on', 'off']}], ";
            written.flag(
                    "f" + level,
                    ValueType.BOOLEAN,
                    bool("'on': true, " + needs + "'rules': [" + attribute + "], 'fallThrough': {'variant': 'off'}"));
        }
        Document document = written.document();
        assertThat(document.left()).containsKey("f19").doesNotContainKey("f5");
        assertThat(document.left().get("f19")).hasMessageContaining("prerequisites");
    }

    @Test
    void aKilledPrerequisiteIsntMet() {
        Fields flag = new Written()
                .flag("base", ValueType.BOOLEAN, bool("'on': true, 'fallThrough': {'variant': 'on'}"))
                .flag(
                        "f",
                        ValueType.BOOLEAN,
                        bool("'on': true, 'prerequisites': [{'flag': 'base', 'variants': ['on', 'off']}],"
                                + " 'fallThrough': {'variant': 'on'}"))
                .kill(KILL, "base", Optional.empty())
                .flag("f");
        assertThat(flag.text("defaultVariant")).isEqualTo("off");
        assertThat(flag.has("targeting")).isFalse();
    }

    @Test
    void conditionsThatNestTooDeeplyForClientsAreNamed() {
        Written written = new Written().segment("s0", "{'attribute': 'a', 'exists': true}");
        for (int level = 1; level <= 3; level++) {
            String condition = "{'segment': 's" + (level - 1) + "'}";
            for (int i = 0; i < 40; i++) {
                condition = "{'not': " + condition + "}";
            }
            written.segment("s" + level, condition).when("f" + level, "{'segment': 's" + level + "'}");
        }
        Document document = written.document();
        assertThat(document.left()).containsOnlyKeys("f3");
        assertThat(document.left().get("f3").path()).isEqualTo("rules");
    }

    @Test
    void metadataNamesTheEnvironment() {
        Json json = new Written().document().json();
        assertThat(json).isEqualTo(Written.json("{'flags': {}, 'metadata': {'flagSetId': 'production'}}"));
    }

    @Test
    void whatNestsDeepCanBeReadBack() {
        StringBuilder deep = new StringBuilder("{'attribute': 'a', 'exists': true}");
        for (int i = 0; i < 18; i++) {
            deep.insert(0, "{'not': {'all': [{'attribute': 'b', 'exists': true}, ")
                    .append("]}}");
        }
        Document document = new Written().when("f", deep.toString()).document();
        assertThat(document.left()).isEmpty();
        assertThat(Logic.depth(document.json())).isGreaterThan(JsonLimits.SNAPSHOT.depth());
    }

    @ParameterizedTest
    @ValueSource(strings = {"5000000000", "-2147483649"})
    void anIntegerThatOneClientCantHoldIsLeft(String value) {
        Document document = new Written()
                .flag(
                        "f",
                        ValueType.INTEGER,
                        "{'variants': {'off': 0, 'on': " + value + "}, 'safeVariant': 'off', 'on': true, 'fallThrough':"
                                + " {'variant': 'on'}}")
                .document();
        assertThat(document.left().get("f"))
                .hasMessageContaining("variants.on: " + value + " (expected: a number of 32 bits");
    }

    @Test
    void aLargeNumberWithinAnObjectIsLeft() {
        Document document = new Written()
                .flag(
                        "f",
                        ValueType.OBJECT,
                        "{'variants': {'off': {'a': [{'b': 9007199254740993}]}}, 'safeVariant': 'off', 'on': true,"
                                + " 'fallThrough': {'variant': 'off'}}")
                .document();
        assertThat(document.left().get("f")).hasMessageContaining("variants.off.a.b: ");
    }

    @Test
    void aSplitWithASeedOutsideAsciiIsLeft() {
        Document document = new Written()
                .flag(
                        "f",
                        ValueType.BOOLEAN,
                        bool("'on': true, 'fallThrough': {'split': [{'variant': 'on', 'weight': 1}, {'variant': 'off',"
                                + " 'weight': 1}], 'seed': 'grün'}"))
                .document();
        assertThat(document.left().get("f"))
                .hasMessageContaining("fallThrough.seed: \"grün\" (expected: characters of ASCII");
    }

    @Test
    void zeroIsWrittenAsBothZeros() {
        Fields flag =
                new Written().when("f", "{'attribute': 'a', 'in': [1, 0]}").flag("f");
        assertThat(flag.json("targeting").text()).contains("[1,0,-0.0]");
    }
}
