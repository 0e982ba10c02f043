package dev.andon.proof.differential;

import dev.andon.core.evaluate.Attributes;
import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Attributes, and what contexts have and conditions ask for: small pools, so that these meet. */
final class Pools {
    /** What an attribute holds, mostly. */
    enum Kind {
        TEXT,
        NUMBER,
        BOOLEAN,
        VERSION,
        MOMENT,
        LIST;

        List<String> names() {
            return switch (this) {
                case TEXT -> List.of("country", "plan name", "constructor", "ключ", "a\\b");
                case NUMBER -> List.of("age", "length", "0", "a\"b");
                case BOOLEAN -> List.of("beta", "valueOf");
                case VERSION -> List.of("version", "app-version");
                case MOMENT -> List.of("since", "at:hour");
                case LIST -> List.of("tags", "$ref", "hasOwnProperty");
            };
        }
    }

    static final String KEY = "targetingKey";

    static final List<String> TEXTS = List.of(
            "",
            "DE",
            "AT",
            "de",
            "user-1",
            "user-2",
            "beta user",
            "päÄ",
            "🌵",
            "$&",
            "a\\b",
            "\"q\"",
            "7",
            "1.0",
            "true",
            "null",
            "constructor",
            " x",
            "x ",
            "1.2.3",
            "-5",
            "0",
            "[]",
            "{\"$ref\":\"s\"}");

    /** What texts begin with, end with or contain. */
    static final List<String> PARTS =
            List.of("", "D", "u", "user", "1", "2", "e", "🌵", "Ä", "\\", "\"", "$", " ", "true", "3", "l");

    static final List<Json> NUMBERS = Stream.concat(
                    Stream.of(
                                    0L,
                                    1L,
                                    -1L,
                                    7L,
                                    18L,
                                    65L,
                                    1_000L,
                                    2_147_483_647L,
                                    2_147_483_648L,
                                    -4_000_000_000L,
                                    (1L << 53) - 1)
                            .map(Json::of),
                    Stream.of(-0.0, 0.5, -0.5, 7.0, 18.5, 1e300, -1e300, 1e-7, 0.1, 1e15, 123456.789, 1e21)
                            .map(Json::of))
            .toList();

    static final List<String> VERSIONS = List.of(
            "0.0.0",
            "0.9.9",
            "1.0.0",
            "1.2.3",
            "1.2.3",
            "1.2.3",
            "1.2.3",
            "1.2.4",
            "1.2.4-rc.1",
            "1.2.4-rc.2",
            "1.2.4-rc.10",
            "1.2.4-alpha",
            "1.2.4-1",
            "1.2.4-1.a",
            "1.2.3+build",
            "2.0.0",
            "2.0.0+build.7",
            "2.1.0",
            "10.0.0",
            "2026.11.26",
            "1.10.0");

    static final List<String> NEARLY_VERSIONS = List.of(
            "v1.2.3",
            "V1.2.3",
            " 1.2.3",
            "=1.2.3",
            "1.2.3 ",
            "1.2",
            "1",
            "01.2.3",
            "1.2.3.4",
            "1.2.x",
            "1.2.3-01",
            "1.2.3-",
            "",
            "latest",
            "v",
            "1.",
            "v1.",
            "v1.2",
            "12345.6.7",
            " v1.2.3",
            "1..3",
            "1.2.3-ä",
            "99999999999999999999.0.0",
            "1e5");

    static final List<Long> MOMENTS =
            List.of(0L, -1L, 1_000L, 1_700_000_000_000L, 1_700_000_000_001L, 1_800_000_000_000L, -62_000_000_000_000L);

    private Pools() {}

    /** An attribute that mostly holds what the kind says. */
    static String name(Dice dice, Kind kind) {
        return dice.percent(6)
                ? dice.one(dice.one(List.of(Kind.values())).names())
                : kind == Kind.TEXT && dice.percent(25) ? KEY : dice.one(kind.names());
    }

    static Json of(Dice dice, Kind kind) {
        return switch (kind) {
            case TEXT -> Json.of(dice.one(TEXTS));
            case NUMBER -> dice.one(NUMBERS);
            case BOOLEAN -> Json.of(dice.percent(50));
            case VERSION -> Json.of(dice.one(dice.percent(70) ? VERSIONS : NEARLY_VERSIONS));
            case MOMENT -> Json.of(dice.one(MOMENTS) + (dice.percent(20) ? dice.below(3) - 1 : 0));
            case LIST -> Json.array(dice.some(0, 3, () -> any(dice, 1)));
        };
    }

    static Json any(Dice dice, int depth) {
        return switch (dice.below(depth > 0 ? 9 : 7)) {
            case 0 -> Json.Null.NULL;
            case 1 -> Json.of(dice.percent(50));
            case 2, 3 -> Json.of(dice.one(TEXTS));
            case 4 -> dice.one(NUMBERS);
            case 5 -> of(dice, Kind.VERSION);
            case 6 -> Json.of(dice.one(MOMENTS));
            case 7 -> Json.array(dice.some(0, 3, () -> any(dice, depth - 1)));
            default -> {
                Json.Builder object = Json.object();
                dice.some(0, 2, () -> dice.one(List.of("a", "", "0")))
                        .forEach(name -> object.put(name, any(dice, depth - 1)));
                yield object.build();
            }
        };
    }

    /** Whom a flag is asked for: some attributes are missing, some are of the wrong type. */
    static Map<String, Json> context(Dice dice) {
        Map<String, Json> context = new LinkedHashMap<>();
        if (dice.percent(85)) {
            context.put(KEY, Json.of(dice.percent(50) ? dice.one(TEXTS) : "user-" + dice.below(10_000)));
        }
        for (Kind kind : Kind.values()) {
            for (String name : kind.names()) {
                int lot = dice.below(100);
                if (lot < 76) {
                    context.put(name, of(dice, kind));
                } else if (lot < 88) {
                    context.put(name, any(dice, 2));
                }
            }
        }
        return context;
    }

    /** As Andon's own clients take it. */
    static Context andon(Map<String, Json> attributes) {
        Attributes context = Context.EMPTY;
        for (Map.Entry<String, Json> attribute : attributes.entrySet()) {
            if (attribute.getValue() != Json.Null.NULL) {
                context = context.with(attribute.getKey(), plain(attribute.getValue()));
            }
        }
        return context;
    }

    private static Object plain(Json json) {
        return switch (json) {
            case Json.Text text -> text.value();
            case Json.Bool bool -> bool.value();
            case Json.Whole whole -> whole.value();
            case Json.Decimal decimal -> decimal.value();
            case Json.Array array -> {
                List<Object> elements = new ArrayList<>();
                for (Json item : array.items()) {
                    elements.add(item == Json.Null.NULL ? Map.of() : plain(item));
                }
                yield elements;
            }
            case Json.Members object -> Map.of("an object", object.text());
            case Json.Null nothing -> Map.of();
        };
    }
}
