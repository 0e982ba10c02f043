package dev.andon.proof.differential;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What documents are made of means the same to all engines: a version of one that reads it otherwise fails here by name. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class EnginesTest {
    private static final String V = "{\"var\":\"a\"}";
    private static final String LISTED = "[\"x\",7,true,0,-0.0]";
    private static final String DIGITS = "\"-0123456789\"";

    /** Of every type, and none. */
    private static final List<String> VALUES = List.of(
            "\"x\"",
            "\"xy\"",
            "\"\"",
            "\"7\"",
            "\"7.1.0\"",
            "\"true\"",
            "\"-1\"",
            "\"1.2.3\"",
            "\"1.2.4-rc.1\"",
            "\"10.0.0\"",
            "\"v1.2.3\"",
            "\" 1.2.3\"",
            "\"1.2.3\\n\"",
            "\"01.2.3\"",
            "\"1.2.3.4\"",
            "\"1.2.3-01\"",
            "\"🌵x\"",
            "7",
            "7.0",
            "7.5",
            "0",
            "-0.0",
            "-1",
            "1e300",
            "-1e300",
            "2147483648",
            "9007199254740991",
            "true",
            "false",
            "[\"x\"]",
            "[]",
            "[7]",
            "[0]",
            "[null]",
            "[null,true]",
            "[\"y\",[\"x\"]]",
            "[[7]]",
            "{\"x\":1}",
            "{}",
            "null");

    /** A construct that documents contain, and when it holds; of values that it isn't asked of, nothing is said. */
    @SuppressWarnings("ImmutableEnumChecker") // Predicates without state.
    enum Construct {
        EXISTS("{\"!==\":[V,null]}", value -> true, value -> value != Json.Null.NULL),
        NO_LIST("{\"in\":[V,{\"merge\":[V]}]}", Construct::exists, value -> !(value instanceof Json.Array)),
        TEXT("{\"===\":[V,{\"cat\":[V]}]}", Construct::existsAlone, value -> value instanceof Json.Text),
        NO_TEXT("{\"!==\":[V,{\"cat\":[V]}]}", Construct::existsAlone, value -> !(value instanceof Json.Text)),
        NUMBER(
                "{\"and\":[{\"!==\":[V,{\"cat\":[V]}]},{\"in\":[{\"substr\":[{\"cat\":[V]},0,1]}," + DIGITS + "]}]}",
                Construct::existsAlone,
                Construct::isNumber),
        BOOLEAN("{\"in\":[V,[true,false]]}", Construct::exists, value -> value instanceof Json.Bool),
        LISTED_ALONE("{\"in\":[V," + LISTED + "]}", Construct::existsAlone, Construct::isListed),
        LISTED_AMONG(
                "{\"some\":[V,{\"in\":[{\"var\":\"\"}," + LISTED + "]}]}",
                value -> value instanceof Json.Array,
                value -> ((Json.Array) value).items().stream().anyMatch(Construct::isListed)),
        STARTS_WITH(
                "{\"starts_with\":[V,\"x\"]}",
                Construct::isText,
                value -> text(value).startsWith("x")),
        ENDS_WITH(
                "{\"ends_with\":[V,\"x\"]}",
                Construct::isText,
                value -> text(value).endsWith("x")),
        CONTAINS("{\"in\":[\"x\",V]}", Construct::isText, value -> text(value).contains("x")),
        LESS("{\"<\":[V,7]}", Construct::isNumber, value -> number(value) < 7),
        AT_MOST("{\"<=\":[V,7]}", Construct::isNumber, value -> number(value) <= 7),
        GREATER("{\">\":[V,7]}", Construct::isNumber, value -> number(value) > 7),
        AT_LEAST("{\">=\":[V,7]}", Construct::isNumber, value -> number(value) >= 7),
        WHOLE("{\"===\":[{\"%\":[V,1]},0]}", Construct::isNumber, value -> number(value) == Math.rint(number(value))),
        FIRST_IS_V(
                "{\"===\":[{\"substr\":[V,0,1]},\"v\"]}",
                Construct::isText,
                value -> text(value).startsWith("v")),
        /** Behind a text's end there is an exception, in Java. */
        DOT_BEHIND(
                "{\"in\":[\".\",{\"substr\":[V,2]}]}",
                value -> isText(value) && text(value).length() >= 2,
                value -> text(value).indexOf('.', 2) > 0),
        VERSION_EQUAL("{\"sem_ver\":[V,\"=\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) == 0),
        VERSION_OTHER("{\"sem_ver\":[V,\"!=\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) != 0),
        VERSION_BEFORE("{\"sem_ver\":[V,\"<\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) < 0),
        VERSION_UP_TO("{\"sem_ver\":[V,\"<=\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) <= 0),
        VERSION_BEHIND("{\"sem_ver\":[V,\">\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) > 0),
        VERSION_FROM("{\"sem_ver\":[V,\">=\",\"1.2.3\"]}", Construct::isVersion, value -> order(value) >= 0),
        VERSION_MAJOR(
                "{\"sem_ver\":[V,\"^\",\"1.0.0\"]}",
                Construct::isVersion,
                value -> text(value).strip().matches("v?1\\..*")),
        VERSION_MINOR(
                "{\"sem_ver\":[V,\"~\",\"1.2.0\"]}",
                Construct::isVersion,
                value -> text(value).strip().matches("v?1\\.2\\..*")),
        NO_VERSION(
                "{\"sem_ver\":[V,\">=\",\"0.0.0\"]}",
                value -> isText(value)
                        && List.of("01.2.3", "1.2.3.4", "1.2.3-01", "x", "").contains(text(value)),
                value -> false),
        NOT_NOTHING(
                "{\"!\":{\"starts_with\":[V,\"x\"]}}",
                Construct::existsAlone,
                value -> !isText(value) || !text(value).startsWith("x")),
        AND(
                "{\"and\":[{\"!==\":[V,null]},{\"in\":[V,{\"merge\":[V]}]},{\"===\":[V,{\"cat\":[V]}]}]}",
                value -> true,
                Construct::isText),
        OR(
                "{\"or\":[{\"starts_with\":[V,\"x\"]},{\"in\":[V,[true,false]]}]}",
                Construct::existsAlone,
                value -> value instanceof Json.Bool
                        || (isText(value) && text(value).startsWith("x"))),
        CHAIN(
                "{\"if\":[{\"!==\":[V,null]},{\"if\":[{\"in\":[V,{\"merge\":[V]}]},true,false]},false]}",
                value -> true,
                Construct::existsAlone),
        ALWAYS("true", value -> true, value -> true),
        NEVER("false", value -> true, value -> false);

        private final String logic;
        private final Predicate<Json> asked;
        private final Predicate<Json> holds;

        Construct(String logic, Predicate<Json> asked, Predicate<Json> holds) {
            this.logic = logic.replace("V", V);
            this.asked = asked;
            this.holds = holds;
        }

        private static boolean exists(Json value) {
            return value != Json.Null.NULL;
        }

        private static boolean existsAlone(Json value) {
            return exists(value) && !(value instanceof Json.Array);
        }

        private static boolean isText(Json value) {
            return value instanceof Json.Text;
        }

        private static boolean isNumber(Json value) {
            return value instanceof Json.Whole || value instanceof Json.Decimal;
        }

        private static boolean isListed(Json value) {
            return switch (value) {
                case Json.Text text -> text.value().equals("x");
                case Json.Bool bool -> bool.value();
                default -> isNumber(value) && (number(value) == 7 || number(value) == 0);
            };
        }

        private static String text(Json value) {
            return ((Json.Text) value).value();
        }

        private static double number(Json value) {
            return value instanceof Json.Whole whole ? whole.value() : ((Json.Decimal) value).value();
        }

        private static boolean isVersion(Json value) {
            return isText(value)
                    && text(value).strip().matches("v?\\d+\\.\\d+\\.\\d+(-rc.1)?")
                    && !text(value).startsWith("0");
        }

        /** Of those among the values, to 1.2.3. */
        private static int order(Json value) {
            return switch (text(value).strip()) {
                case "1.2.3", "v1.2.3" -> 0;
                default -> 1;
            };
        }
    }

    private final Map<Construct, Map<Json, List<Answer>>> answers = new LinkedHashMap<>();

    @BeforeAll
    void askAll() {
        Json.Builder flags = Json.object();
        List<Engine.Question> questions = new ArrayList<>();
        List<Json> values = VALUES.stream().map(EnginesTest::json).toList();
        for (Construct construct : Construct.values()) {
            flags.put(
                    construct.name(),
                    Json.object()
                            .put("state", "ENABLED")
                            .put("variants", Json.object().put("holds", true).put("not", false))
                            .put("defaultVariant", "not")
                            .put(
                                    "targeting",
                                    Json.object().put("if", json(construct.logic), Json.of("holds"), Json.of("not"))));
            values.forEach(value ->
                    questions.add(new Engine.Question(construct.name(), ValueType.BOOLEAN, Map.of("a", value))));
        }
        String document = Json.object().put("flags", flags).build().text();
        try (Engine node = Engine.node();
                Engine java = Engine.java()) {
            for (Engine engine : List.of(node, java)) {
                engine.ask(document, questions);
                List<Answer> all = engine.answers();
                int next = 0;
                for (Construct construct : Construct.values()) {
                    for (Json value : values) {
                        answers.computeIfAbsent(construct, known -> new LinkedHashMap<>())
                                .computeIfAbsent(value, known -> new ArrayList<>())
                                .add(all.get(next++));
                    }
                }
            }
        }
    }

    @AfterAll
    void forget() {
        answers.clear();
    }

    @ParameterizedTest
    @EnumSource
    void everyEngineAnswersAlike(Construct construct) {
        answers.get(construct).forEach((value, said) -> {
            if (construct.asked.test(value)) {
                boolean holds = construct.holds.test(value);
                Answer expected = new Answer.Served(holds ? "holds" : "not", Json.of(holds));
                assertThat(said)
                        .as("%s of %s, in JavaScript and in Java", construct.logic, value.text())
                        .containsExactly(expected, expected);
            }
        });
    }

    private static Json json(String text) {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    }
}
