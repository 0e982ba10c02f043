package dev.andon.server.ofrep;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class EncodedAnswersTest {
    private static final String ENVIRONMENT = "production";

    private final EncodedAnswers answers = new EncodedAnswers();

    /** With outcomes of its own. */
    private static Ruleset ruleset(int valueChars) {
        Flag flag = new Flag(
                "flag",
                FlagKind.OPS,
                ValueType.STRING,
                "team",
                "",
                Collections.emptySortedSet(),
                OptionalInt.empty(),
                false);
        Configuration configuration = new Configuration(
                Map.of("on", Json.of("x".repeat(valueChars))),
                "on",
                true,
                List.of(),
                List.of(),
                new Serve.Fixed("on"),
                new WhenBlind.Keep());
        ImageDelta delta = new ImageDelta(Image.EMPTY);
        delta.apply(1, new Event.EnvironmentSaved(new Environment(ENVIRONMENT, "")));
        delta.apply(2, new Event.FlagSaved(flag));
        delta.apply(3, new Event.ConfigurationSaved(ENVIRONMENT, "flag", configuration));
        return Ruleset.of(delta.build(new Provenance("ledger", 1, 3)), ENVIRONMENT);
    }

    private static byte[] answer(EncodedAnswers.OfState state, Ruleset ruleset) {
        CompiledFlag flag = ruleset.flags().iterator().next();
        return state.of(flag, ruleset.evaluate(flag, Context.EMPTY));
    }

    @Test
    void anOutcomeIsEncodedOnceInAState() {
        Ruleset ruleset = ruleset(10);
        byte[] first = answer(answers.of(ENVIRONMENT, "1"), ruleset);
        assertThat(answer(answers.of(ENVIRONMENT, "1"), ruleset)).isSameAs(first);
        assertThat(answer(answers.of(ENVIRONMENT, "2"), ruleset)).isEqualTo(first);
    }

    @Test
    void largeOnesAreNotKept() {
        answer(answers.of(ENVIRONMENT, "1"), ruleset(EncodedAnswers.LARGEST_BYTES));
        assertThat(answers.bytes()).isZero();
    }

    @Test
    void theAnswersOfAStateGoWithIt() {
        EncodedAnswers.OfState first = answers.of(ENVIRONMENT, "1");
        for (int i = 0; i < 10; i++) {
            answer(first, ruleset(1_000));
        }
        assertThat(answers.bytes()).isGreaterThan(10_000);
        EncodedAnswers.OfState second = answers.of(ENVIRONMENT, "2");
        assertThat(answers.bytes()).isZero();
        answer(first, ruleset(1_000));
        assertThat(answers.bytes()).isZero();
        answer(second, ruleset(1_000));
        assertThat(answers.bytes()).isGreaterThan(1_000);
    }

    @Test
    void allThatIsKeptIsBoundedByBytes() {
        Ruleset ruleset = ruleset(15_000);
        for (int i = 0; i < 5_000; i++) {
            answer(answers.of("environment-" + i, "1"), ruleset);
            assertThat(answers.bytes()).isLessThanOrEqualTo(EncodedAnswers.MOST_BYTES);
        }
        assertThat(answers.bytes()).isPositive();
    }
}
