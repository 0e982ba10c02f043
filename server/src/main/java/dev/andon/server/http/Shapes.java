package dev.andon.server.http;

import dev.andon.core.model.Environment;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Role;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.List;

/** The shapes of what people configure, for the API document. What is accepted is decided by the model's own readers. */
public final class Shapes {
    private static final String KEY_FORM = "Letters, digits, `.`, `_`, `-` and `:`, beginning with a letter or digit";
    private static final Schema ATTRIBUTE = Schema.text("The attribute's name; `targetingKey` is the targeting key");

    public static final Schema KEY = Schema.text(1, Keys.KEY_CHARS, KEY_FORM);
    public static final Schema VERSION =
            Schema.whole(0, Long.MAX_VALUE, "The ledger's version that last changed it; also the ETag");
    public static final Schema TIME = Schema.format("date-time", "A time in UTC");
    public static final Schema KILLS =
            Schema.array(Schema.text("A kill's id"), "The kills that hold the flag in this environment");

    public static final Schema PROTOCOLS = Schema.array(
            Schema.words(Environment.PROTOCOLS, "A protocol"),
            "Protocols whose clients evaluate by themselves here; what one of them can't express is refused when it is"
                    + " saved");

    public static final Schema ENVIRONMENT = Schema.object()
            .required("key", KEY)
            .optional("description", Schema.text(0, Keys.TEXT_CHARS, "What it is for"))
            .optional("protocols", PROTOCOLS)
            .named("Environment");

    public static final Schema FLAG = Schema.object()
            .required("key", KEY)
            .optional("kind", Schema.words(FlagKind.WORDS.keySet(), "What the flag is for; `release` unless given"))
            .required("type", Schema.words(ValueType.WORDS.keySet(), "The type of all its values"))
            .required("owner", Schema.text(1, Keys.KEY_CHARS, "The team or person to tell"))
            .optional("description", Schema.text(0, Keys.TEXT_CHARS, "What it does"))
            .optional("tags", Schema.array(KEY, "Tags"))
            .optional(
                    "lifetimeDays",
                    Schema.whole(1, 36_500, "How long it is expected to live; missing if it is to stay"))
            .optional("archived", Schema.bool("Out of use; the key stays taken"))
            .named("Flag");

    public static final Schema CONDITION = condition();

    public static final Schema SERVE = Schema.oneOf(
                    List.of(
                            Schema.object()
                                    .required("variant", Schema.text("The variant that everyone gets"))
                                    .build(),
                            Schema.object()
                                    .required(
                                            "split",
                                            Schema.array(
                                                    Schema.object()
                                                            .required("variant", Schema.text("A variant"))
                                                            .required(
                                                                    "weight",
                                                                    Schema.whole(0, Integer.MAX_VALUE, "Its share"))
                                                            .build(),
                                                    "Variants by weight"))
                                    .optional("attribute", ATTRIBUTE)
                                    .optional(
                                            "seed", Schema.text("Hashed before the value; the flag's key unless given"))
                                    .build()),
                    "What is served: one variant, or a split")
            .as("Serve");

    public static final Schema CONFIGURATION = configuration(true);

    /** As it is taken when a flag is created: off unless it says otherwise. */
    public static final Schema FIRST_CONFIGURATION = configuration(false);

    public static final Schema SEGMENT = Schema.object()
            .required("key", KEY)
            .optional("description", Schema.text(0, Keys.TEXT_CHARS, "Whom it describes"))
            .required("when", CONDITION)
            .named("Segment");

    public static final Schema TOKEN = Schema.object()
            .required("id", Schema.text("The token's id"))
            .required("name", Schema.text("Whose it is; the log's actor"))
            .required("role", Schema.words(Role.WORDS.keySet(), "What it may do"))
            .optional("environment", Schema.text("The one environment of an SDK or client key"))
            .required(
                    "secrets",
                    Schema.array(
                            Schema.object()
                                    .optional("until", Schema.format("date-time", "When it stops being accepted"))
                                    .build(),
                            "The secrets that are or were accepted, newest last; never what they are"))
            .required("createdAt", TIME)
            .optional("revokedAt", TIME)
            .optional("version", VERSION)
            .named("Token");

    private Shapes() {}

    private static Schema configuration(boolean onRequired) {
        Schema.Members members = Schema.object()
                .required("variants", Schema.map(Schema.anything("A value of the flag's type"), "Values by variant"))
                .required("safeVariant", Schema.text("What a kill, and off, serves"));
        Schema on = Schema.bool("Off serves the safe variant to everyone");
        return (onRequired ? members.required("on", on) : members.optional("on", on))
                .optional(
                        "prerequisites",
                        Schema.array(
                                Schema.object()
                                        .required("flag", KEY)
                                        .required(
                                                "variants",
                                                Schema.array(Schema.text("A variant"), "One of these must be served"))
                                        .build(),
                                "Flags that must serve certain variants; else the safe variant is served"))
                .optional(
                        "rules",
                        Schema.array(
                                Schema.object()
                                        .optional("name", Schema.text("What people call it"))
                                        .required("when", CONDITION)
                                        .required("serve", SERVE)
                                        .build(),
                                "Tried in order; the first whose condition holds decides"))
                .required("fallThrough", SERVE)
                .optional(
                        "whenBlind",
                        Schema.oneOf(
                                List.of(
                                        Schema.object()
                                                .required(
                                                        "keep",
                                                        Schema.bool("Always true: the last state stays in force"))
                                                .build(),
                                        Schema.object()
                                                .required(
                                                        "safeAfterSeconds",
                                                        Schema.whole(
                                                                1,
                                                                31_536_000,
                                                                "Seconds without contact until the safe variant is"
                                                                        + " served; at once in a process that begins"
                                                                        + " without"))
                                                .build()),
                                "What a process does that has lost contact"))
                .named(onRequired ? "Configuration" : "FirstConfiguration");
    }

    private static Schema condition() {
        Schema nested = Schema.named("Condition");
        Schema texts = Schema.array(Schema.text("A text"), "Texts; one must match");
        Schema limit = Schema.number("The limit");
        Schema moment = Schema.format("date-time", "The moment");
        List<Schema> shapes = new ArrayList<>();
        shapes.add(one("all", Schema.array(nested, "All hold")));
        shapes.add(one("any", Schema.array(nested, "At least one holds")));
        shapes.add(one("not", nested));
        shapes.add(one("segment", Schema.text("The segment's key")));
        shapes.add(about("in", Schema.array(Schema.anything("A string, number or boolean"), "One must equal")));
        for (String operator : List.of("startsWith", "endsWith", "contains")) {
            shapes.add(about(operator, texts));
        }
        for (String operator : List.of("lessThan", "atMost", "greaterThan", "atLeast")) {
            shapes.add(about(operator, limit));
        }
        shapes.add(about("semver", Schema.text("`=`, `!=`, `<`, `<=`, `>`, `>=`, `^` or `~`, and a version")));
        for (String operator : List.of("before", "after")) {
            shapes.add(about(operator, moment));
        }
        shapes.add(about("exists", Schema.bool("Whether the context has the attribute")));
        return Schema.oneOf(shapes, "A question about an evaluation context").as("Condition");
    }

    private static Schema one(String name, Schema value) {
        return Schema.object().required(name, value).build();
    }

    private static Schema about(String operator, Schema value) {
        return Schema.object()
                .required("attribute", ATTRIBUTE)
                .required(operator, value)
                .build();
    }
}
