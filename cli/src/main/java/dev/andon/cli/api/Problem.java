package dev.andon.cli.api;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.Optional;

/** Why a request was refused, as the server's RFC 9457 problem says it. */
public record Problem(int status, Json json) {
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    /** Whether an error's body is a problem, and not what some other service answers. */
    static boolean isProblem(Json body) {
        return body instanceof Json.Members object && object.members().containsKey("title");
    }

    /** Which flag is said to be unknown, if that is the problem. */
    public Optional<String> unknownFlag() {
        boolean aboutFlag = member("field")
                .filter(field -> field.equals("flag") || field.endsWith(".flag"))
                .isPresent();
        return status == NOT_FOUND && aboutFlag ? member("value") : Optional.empty();
    }

    /** What is to blame, if it is one field. */
    public Optional<String> field() {
        return member("field");
    }

    /** Whether it takes the confirmation of a dry run. */
    public boolean isUnconfirmed() {
        return member("code").filter("unconfirmed"::equals).isPresent();
    }

    /** What to do next, if the server knows. */
    public Optional<String> next() {
        return member("next");
    }

    /** The problem on one line: {@code field: value (expected: …)} where a field is to blame, else title and detail. */
    public String line() {
        if (status == PRECONDITION_FAILED) {
            return member("detail").orElse("it isn't the version that was expected");
        }
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
