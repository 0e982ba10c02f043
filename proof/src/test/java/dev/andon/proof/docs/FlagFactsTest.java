package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Role;
import dev.andon.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The pages' tables of words are the program's words. */
class FlagFactsTest {
    private static final Pattern EXAMPLE = Pattern.compile("(?m)^\\| `(\\{[^`…]*})`");
    private static final Pattern ROLE = Pattern.compile("(?m)^\\| `([a-z]+)` \\|");
    private static final Pattern OPERATOR = Pattern.compile("`([^`]+)`");
    private static final Pattern FIRST_WORDS = Pattern.compile("(?m)^\\| ((?:`[A-Z_]+`(?:, )?)+) \\|");

    private static String section(String page, String heading) {
        String text = Page.of(page).text();
        int from = text.indexOf("\n## " + heading + "\n");
        assertThat(from).as(heading).isNotNegative();
        int to = text.indexOf("\n## ", from + 1);
        return text.substring(from, to < 0 ? text.length() : to);
    }

    @Test
    void everyExampleOfAConditionIsOne() {
        List<String> examples = EXAMPLE.matcher(section("docs/guide/flags.md", "Conditions"))
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(examples).hasSizeGreaterThan(5).allSatisfy(example -> {
            Fields fields = Fields.strict(Json.parse(example.getBytes(StandardCharsets.UTF_8)));
            assertThat(Condition.read(fields)).isNotNull();
            fields.end();
        });
    }

    @Test
    void everyOperatorIsExplained() {
        String section = section("docs/guide/flags.md", "Conditions");
        Stream<String> words = Stream.of(
                        Arrays.stream(Condition.TextOperator.values()).map(Condition.TextOperator::word),
                        Arrays.stream(Condition.NumberOperator.values()).map(Condition.NumberOperator::word),
                        Arrays.stream(Condition.DateOperator.values()).map(Condition.DateOperator::word),
                        Arrays.stream(Condition.VersionOperator.values()).map(Condition.VersionOperator::word),
                        Stream.of("in", "exists", "segment", "all", "any", "not", "semver"))
                .flatMap(all -> all);
        assertThat(words)
                .allSatisfy(word -> assertThat(section).containsPattern("(`|\")" + Pattern.quote(word) + "(`|\")"));
    }

    @Test
    void everyReasonIsExplained() {
        assertThat(firstWords(section("docs/guide/sdk.md", "Defaults and reasons")))
                .isEqualTo(words(Reason.values()));
        String errors = section("docs/guide/sdk.md", "Defaults and reasons");
        assertThat(ErrorCode.values()).allSatisfy(code -> assertThat(errors).contains("`" + code + "`"));
    }

    @Test
    void everyErrorOfAStoreThatSomeoneCanMendIsExplained() {
        Set<String> known = words(StoreException.Code.values());
        known.removeAll(Set.of("LIMIT", "CLOSED", "FAILED"));
        assertThat(firstWords(section("docs/guide/stores.md", "When the store fails")))
                .isEqualTo(known);
    }

    @Test
    void everyRoleIsExplained() {
        for (String page : List.of("docs/guide/cli.md", "docs/guide/server.md")) {
            assertThat(ROLE.matcher(section(page, "Tokens")).results().map(role -> role.group(1)))
                    .as(page)
                    .containsExactlyElementsOf(Role.WORDS.keySet());
        }
    }

    private static Set<String> words(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).collect(Collectors.toSet());
    }

    /** The words in the first column of a table. */
    private static Set<String> firstWords(String section) {
        return FIRST_WORDS
                .matcher(section)
                .results()
                .map(MatchResult::group)
                .flatMap(row -> OPERATOR.matcher(row).results())
                .map(word -> word.group(1))
                .collect(Collectors.toSet());
    }
}
