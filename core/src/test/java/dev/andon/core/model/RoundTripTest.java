package dev.andon.core.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Samples;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Every object of the model is what its JSON form says, read strictly. */
class RoundTripTest {
    private static final int SEEDS = 500;

    @Test
    void configurations_and_conditions() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Samples samples = new Samples(seed);
            Condition condition = samples.condition(3);
            assertThat(strictly(condition.toJson(), Condition::read))
                    .as("seed %d", seed)
                    .isEqualTo(condition);
            Configuration configuration = samples.configuration(samples.type());
            assertThat(strictly(configuration.toJson(), Configuration::read))
                    .as("seed %d", seed)
                    .isEqualTo(configuration);
            assertThat(strictly(configuration.toJson(), Configuration::read)
                            .toJson()
                            .text())
                    .as("seed %d", seed)
                    .isEqualTo(configuration.toJson().text());
        }
    }

    @Test
    void the_rest() {
        for (long seed = 0; seed < SEEDS; seed++) {
            Samples samples = new Samples(seed);
            String what = "seed " + seed;
            Flag flag = samples.flag("a", samples.type());
            assertThat(strictly(flag.toJson(), Flag::read)).as(what).isEqualTo(flag);
            assertThat(strictly(flag.archive().toJson(), Flag::read)).as(what).isEqualTo(flag.archive());
            Segment segment = samples.segment("s");
            assertThat(strictly(segment.toJson(), Segment::read)).as(what).isEqualTo(segment);
            Environment environment = samples.environment("production");
            assertThat(strictly(environment.toJson(), Environment::read))
                    .as(what)
                    .isEqualTo(environment);
            Token token = samples.token("t1");
            assertThat(strictly(token.toJson(), Token::read)).as(what).isEqualTo(token);
            Kill kill = samples.kill(new KillId("9f86d081", 1 + seed), "production", new TreeSet<>(Set.of("a", "b")));
            assertThat(lenient(kill.toJson(), Kill::read)).as(what).isEqualTo(kill);
        }
        assertThat(strictly(Samples.node().toJson(), Node::read)).isEqualTo(Samples.node());
    }

    @Test
    void every_target() {
        for (Target target : new Target[] {
            new Target.OneFlag("a"),
            new Target.Tagged("vendor-x"),
            new Target.OwnedBy("team a"),
            new Target.OfKind(FlagKind.EXPERIMENT),
            new Target.Everything()
        }) {
            assertThat(strictly(target.toJson(), Target::read)).isEqualTo(target);
        }
    }

    @Test
    void a_member_that_nobody_knows_is_refused_by_name() {
        for (long seed = 0; seed < 100; seed++) {
            Samples samples = new Samples(seed);
            Json configuration = samples.configuration(samples.type()).toJson();
            Json.Builder copy = Json.object();
            ((Json.Members) configuration).members().forEach(copy::put);
            Json misspelt = copy.put("fallthrough", "on").build();
            assertThatThrownBy(() -> strictly(misspelt, Configuration::read))
                    .as("seed %d", seed)
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageStartingWith("fallthrough: \"on\" (expected: one of ");
        }
    }

    @Test
    void a_refusal_names_the_place() {
        Json json = Json.parse("""
            {"variants": {"on": true, "off": false}, "safeVariant": "off", "on": true,
             "rules": [{"when": {"all": [{"attribute": "age", "atLeast": "18"}]}, "serve": {"variant": "on"}}],
             "fallThrough": {"variant": "off"}}
            """.getBytes(java.nio.charset.StandardCharsets.UTF_8));

        assertThatThrownBy(() -> strictly(json, Configuration::read))
                .hasMessage("rules[0].when.all[0].atLeast: \"18\" (expected: a number)");
    }

    @Test
    void variants_that_do_not_exist_are_refused() {
        assertThatThrownBy(() -> new Configuration(
                        Map.of("on", Json.of(true)),
                        "off",
                        true,
                        java.util.List.of(),
                        java.util.List.of(),
                        new Serve.Fixed("on"),
                        new WhenBlind.Keep()))
                .hasMessage("safeVariant: \"off\" (expected: one of on)");
    }

    private static <T> T strictly(Json json, Function<Fields, T> read) {
        Fields fields = Fields.strict(Json.parse(json.utf8()));
        T value = read.apply(fields);
        fields.end();
        return value;
    }

    private static <T> T lenient(Json json, Function<Fields, T> read) {
        return read.apply(Fields.lenient(Json.parse(json.utf8())));
    }
}
