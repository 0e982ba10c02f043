package dev.andon.server.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.InvalidInput;
import org.junit.jupiter.api.Test;

final class YamlTest {

    private static String json(String yaml) {
        return Yaml.read(yaml).text();
    }

    @Test
    void valuesAreOfTheCoreSchema() {
        String[][] cases = {
            {"yes", "\"yes\""},
            {"No", "\"No\""},
            {"on", "\"on\""},
            {"OFF", "\"OFF\""},
            {"true", "true"},
            {"FALSE", "false"},
            {"tRUE", "\"tRUE\""},
            {"~", "null"},
            {"a:", "{\"a\":null}"},
            {"0o17", "15"},
            {"0x1f", "31"},
            {"-12", "-12"},
            {"+12", "12"},
            {"0", "0"},
            {"1.50", "1.5"},
            {".5", "0.5"},
            {"1e3", "1000.0"},
            {"9223372036854775807", "9223372036854775807"},
            {"'010'", "\"010\""},
            {"!!str 010", "\"010\""},
            {"! 12", "\"12\""},
            {"'2026-01-01'", "\"2026-01-01\""},
            {"12:30:45", "\"12:30:45\""},
            {"1.2.3", "\"1.2.3\""},
            {">-\n  a\n  b", "\"a b\""},
            {"|\n  a\n  b\n", "\"a\\nb\\n\""},
            {"[a, {b: 1}]", "[\"a\",{\"b\":1}]"},
            {"{10: a, -3: b, true: c, 'x y': d}", "{\"10\":\"a\",\"-3\":\"b\",\"true\":\"c\",\"x y\":\"d\"}"},
            {"{on: 1, off: 2, y: 3}", "{\"on\":1,\"off\":2,\"y\":3}"},
            {"a: &x [1, 2]\nb: *x", "{\"a\":[1,2],\"b\":[1,2]}"},
            {"{&k a: 1, b: *k}", "{\"a\":1,\"b\":\"a\"}"},
            {"{\"a\": [1, 2.0, null, \"\\u00e9\"]}", "{\"a\":[1,2.0,null,\"\u00e9\"]}"},
            {"%YAML 1.2\n---\na: 1\n...", "{\"a\":1}"},
            {"# a comment\na: 1 # another", "{\"a\":1}"},
        };
        for (String[] one : cases) {
            assertThat(json(one[0])).as(one[0]).isEqualTo(one[1]);
        }
    }

    @Test
    void whatIsUnclearOrHostileIsRefusedWithItsPlace() {
        String[][] cases = {
            {"", "nothing"},
            {"a: 1\n---\nb: 2", "another document"},
            {"a: 1\na: 2", "a second \"a\" at line 2, column 1"},
            {"{1: a, '1': b}", "a second \"1\""},
            {"a: 010", "010 at line 1, column 4"},
            {"a: 1_000", "quotes around it"},
            {"a: 0b11", "quotes around it"},
            {"a: 2026-01-01", "readers differ on dates"},
            {"a: 2026-01-01T00:00:00Z", "readers differ on dates"},
            {"a: .inf", "finite"},
            {"a: .NaN", "finite"},
            {"a: 1e999", "finite"},
            {"a: 9223372036854775808", "64 bits"},
            {"a: " + "1".repeat(50_000), "at most 64"},
            {"a: " + "1_".repeat(25_000), "at most 64"},
            {"a: !!binary aGk=", "tag tag:yaml.org,2002:binary"},
            {"a: !!java.net.URL [x]", "tag"},
            {"a: !!map {}", "tag"},
            {"a: !local 1", "tag !local"},
            {"? [a]\n: 1", "a key that isn't a plain value"},
            {"*x : 1", "a key that isn't a plain value"},
            {"~: 1", "quotes around it"},
            {"1.0: 1", "quotes around it"},
            {"0x1: 1", "quotes around it"},
            {"a: &x {b: 1}\nc:\n  <<: *x", "merge keys"},
            {"a: *x", "*x at line 1, column 4"},
            {"a: &x [*x]", "ends before it is used"},
            {"a: \"\\ud800\"", "surrogate"},
            {"a: [1", "line 1"},
            {"a:\n\t- 1", "line 2"},
            {"a: \u0007", "document"},
            {"@a", "line 1"},
            {"%YAML 2.0\n---\na", "document"},
            {"[".repeat(100_000), "nesting of 65"},
            {"- ".repeat(1_000), "nesting of 65"},
            {"{a: ".repeat(1_000), "nesting of 65"},
        };
        for (String[] one : cases) {
            assertThatThrownBy(() -> Yaml.read(one[0]))
                    .as(one[0].substring(0, Math.min(40, one[0].length())))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageStartingWith("document: ")
                    .hasMessageContaining(one[1]);
        }
    }

    @Test
    void aliasesCountAsOftenAsTheyAreUsed() {
        StringBuilder laughs = new StringBuilder("a0: &a0 [lol]\n");
        for (int i = 1; i < 30; i++) {
            String before = "*a" + (i - 1);
            laughs.append(
                    "a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", java.util.Collections.nCopies(9, before))));
        }
        assertThatThrownBy(() -> Yaml.read(laughs.toString()))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("a long document");
        String text = "a: &a " + "x".repeat(1 << 19) + "\nb: [" + "*a, ".repeat(20) + "]";
        assertThatThrownBy(() -> Yaml.read(text)).hasMessageContaining("a long document");
        assertThatThrownBy(() -> Yaml.read("a: " + "x".repeat((1 << 20) + 1)))
                .hasMessageContaining("a string of 1048577");
        assertThatThrownBy(() -> Yaml.read("a: 1 #" + "x".repeat(5 << 20))).isInstanceOf(InvalidInput.class);
    }
}
