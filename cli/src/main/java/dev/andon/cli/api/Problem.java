package dev.andon.cli.api;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.Optional;

/** Why a request was refused, as the server's RFC 9457 problem says it. */
public record Problem(int status, Json json) {

    /** Whether an error's body is a problem, and not what some other service answers. */
    static boolean isProblem(Json body) {
        return body instanceof Json.Members object && object.members().containsKey("title");
    }

    /** What to do next, if the server knows. */
    public Optional<String> next() {
        return member("next");
    }

    /** The problem on one line: {@code field: value (expected: …)} where a field is to blame, else title and detail. */
    public String line() {
        Optional<String> field = member("field");
        Optional<String> expected = member("expected");
        if (field.isPresent() && expected.isPresent()) {
            String value = member("value").orElse("nothing");
            return field.get() + ": " + value + " (expected: " + expected.get() + ")";
        }
        String title = member("title").orElse("refused with status " + status);
        return member("detail").filter(detail -> !detail.equals(title)).orElse(title);
    }

    private Optional<String> member(String name) {
        Fields fields = Fields.lenient(json);
        if (!fields.has(name)) {
            return Optional.empty();
        }
        Json value = fields.json(name);
        return Optional.of(value instanceof Json.Text text ? text.value() : value.text());
    }
}
