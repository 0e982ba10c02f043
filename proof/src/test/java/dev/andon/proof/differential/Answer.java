package dev.andon.proof.differential;

import dev.andon.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/** What an application gets. */
sealed interface Answer {
    /** Whether applications see the same: which default they get doesn't say why. */
    boolean same(Answer other);

    record Served(String variant, Json value) implements Answer {
        public Served {
            value = plain(value);
        }

        @Override
        public boolean same(Answer other) {
            return equals(other);
        }

        @Override
        public String toString() {
            return "\"" + variant + "\" = " + value.text();
        }
    }

    /** The application's own default. */
    record Default(String why) implements Answer {
        @Override
        public boolean same(Answer other) {
            return other instanceof Default;
        }

        @Override
        public String toString() {
            return "the caller's default: " + why;
        }
    }

    /** Numbers by value: 1 and 1.0 are the same to an application. */
    private static Json plain(Json value) {
        return switch (value) {
            case Json.Whole whole when Math.abs((double) whole.value()) < 1L << 53 -> Json.of((double) whole.value());
            case Json.Decimal decimal -> Json.of(decimal.value() + 0.0);
            case Json.Array array ->
                Json.array(array.items().stream().map(Answer::plain).toList());
            case Json.Members object -> {
                Map<String, Json> members = new LinkedHashMap<>();
                object.members().forEach((name, member) -> members.put(name, plain(member)));
                yield new Json.Members(members);
            }
            default -> value;
        };
    }
}
