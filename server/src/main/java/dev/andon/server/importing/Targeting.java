package dev.andon.server.importing;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.server.importing.JsonLogic.Operation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns flagd's targeting, an expression whose outcome is a variant, into rules and a fall-through: {@code if} becomes a
 * rule for each of its ways, {@code fractional} a split. Not thread-safe.
 */
final class Targeting {
    private static final int MAX_CASES = 1_000;

    private final JsonLogic logic;
    private final Map<String, Json> evaluators;
    private final Map<String, Json> variants;
    private final String defaultVariant;
    private final Set<String> expanding = new HashSet<>();

    /** One way through the expression; always, if there is no condition. */
    private record Case(Optional<Condition> when, Serve serve) {}

    /** What a flag's targeting comes to. */
    record Rules(List<Rule> rules, Serve fallThrough) {}

    Targeting(JsonLogic logic, Map<String, Json> evaluators, Map<String, Json> variants, String defaultVariant) {
        this.logic = logic;
        this.evaluators = evaluators;
        this.variants = variants;
        this.defaultVariant = defaultVariant;
    }

    Rules read(String path, Json targeting) {
        List<Rule> rules = new ArrayList<>();
        for (Case one : cases(path, targeting)) {
            if (one.when().isEmpty()) {
                return new Rules(rules, one.serve());
            }
            rules.add(new Rule("", one.when().get(), one.serve()));
        }
        return new Rules(rules, new Serve.Fixed(defaultVariant));
    }

    /** In order; the last one always holds. */
    private List<Case> cases(String path, Json json) {
        return switch (json) {
            case Json.Null nothing -> always(new Serve.Fixed(defaultVariant));
            case Json.Text variant -> always(new Serve.Fixed(variant(path, variant.value())));
            case Json.Bool bool -> always(new Serve.Fixed(variant(path, bool.value() ? "true" : "false")));
            case Json.Members object when object.members().isEmpty() -> always(new Serve.Fixed(defaultVariant));
            default -> operation(Operation.of(path, json));
        };
    }

    private List<Case> operation(Operation operation) {
        return switch (operation.operator()) {
            case "if", "?:" -> choice(operation);
            case "fractional" -> split(operation);
            case "$ref" -> {
                String name = logic.reference(operation);
                if (!expanding.add(name)) {
                    throw new InvalidInput(operation.path(), Json.of(name).text(), "no circle of references");
                }
                List<Case> cases = cases("$evaluators." + name, evaluators.getOrDefault(name, Json.Null.NULL));
                expanding.remove(name);
                yield cases;
            }
            default -> throw JsonLogic.unsupported(operation);
        };
    }

    private List<Case> choice(Operation operation) {
        List<Json> arguments = operation.arguments();
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i + 1 < arguments.size(); i += 2) {
            Condition asked = logic.condition(operation.path() + "[" + i + "]", arguments.get(i));
            for (Case way : cases(operation.path() + "[" + (i + 1) + "]", arguments.get(i + 1))) {
                Condition when = way.when()
                        .<Condition>map(inner -> new Condition.All(List.of(asked, inner)))
                        .orElse(asked);
                cases.add(new Case(Optional.of(when), way.serve()));
            }
            if (cases.size() > MAX_CASES) {
                throw new InvalidInput(operation.path(), "more than " + MAX_CASES + " ways", "at most " + MAX_CASES);
            }
        }
        boolean hasElse = arguments.size() % 2 == 1;
        cases.addAll(
                hasElse
                        ? cases(operation.path() + "[" + (arguments.size() - 1) + "]", arguments.getLast())
                        : always(new Serve.Fixed(defaultVariant)));
        return cases;
    }

    /** Whoever lacks the attribute that is hashed gets the default variant, as flagd has it. */
    private List<Case> split(Operation operation) {
        List<Json> arguments = operation.arguments();
        boolean hashed = !arguments.isEmpty() && !(arguments.getFirst() instanceof Json.Array);
        Hashed by =
                hashed ? hashed(operation, arguments.getFirst()) : new Hashed(Serve.TARGETING_KEY, Optional.empty());
        List<Serve.Share> shares = new ArrayList<>();
        for (int i = hashed ? 1 : 0; i < arguments.size(); i++) {
            shares.add(share(operation.path() + "[" + i + "]", arguments.get(i)));
        }
        Serve split;
        try {
            split = new Serve.Split(shares, by.attribute(), by.seed());
        } catch (InvalidInput refused) {
            throw new InvalidInput(operation.path(), refused.value(), refused.expected());
        }
        return List.of(
                new Case(Optional.of(new Condition.Exists(by.attribute())), split),
                new Case(Optional.empty(), new Serve.Fixed(defaultVariant)));
    }

    private Serve.Share share(String path, Json json) {
        if (json instanceof Json.Array pair
                && !pair.items().isEmpty()
                && pair.items().size() <= 2
                && pair.items().getFirst() instanceof Json.Text variant) {
            Json weight = pair.items().size() == 2 ? pair.items().getLast() : Json.of(1);
            if (weight instanceof Json.Whole whole && whole.value() >= 0 && whole.value() <= Integer.MAX_VALUE) {
                return new Serve.Share(variant(path, variant.value()), (int) whole.value());
            }
        }
        throw new InvalidInput(path, json.text(), "a variant's name and its weight, such as [\"on\", 25]");
    }

    /** What a split hashes. */
    private record Hashed(String attribute, Optional<String> seed) {}

    /** {@code {"var": a}} hashes the attribute alone, {@code {"cat": [seed, {"var": a}]}} the seed before it. */
    private Hashed hashed(Operation fractional, Json json) {
        Operation operation = Operation.of(fractional.path() + "[0]", json);
        if (operation.operator().equals("var")) {
            return new Hashed(logic.attribute(fractional.path() + "[0]", json), Optional.of(""));
        }
        if (!operation.operator().equals("cat")) {
            throw JsonLogic.unsupported(operation);
        }
        List<Json> parts = operation.arguments();
        if (parts.size() != 2) {
            throw new InvalidInput(operation.path(), operation.argument().text(), "a seed and an attribute");
        }
        String attribute = logic.attribute(operation.path() + "[1]", parts.getLast());
        if (parts.getFirst() instanceof Json.Text seed) {
            return new Hashed(attribute, Optional.of(seed.value()));
        }
        if (parts.getFirst().equals(Json.object().put("var", "$flagd.flagKey").build())) {
            return new Hashed(attribute, Optional.empty());
        }
        throw new InvalidInput(
                operation.path() + "[0]", parts.getFirst().text(), "a string, or {\"var\": \"$flagd.flagKey\"}");
    }

    private String variant(String path, String name) {
        if (!variants.containsKey(name)) {
            throw new InvalidInput(
                    path, Json.of(name).text(), "one of the variants " + String.join(", ", variants.keySet()));
        }
        return name;
    }

    private static List<Case> always(Serve serve) {
        return List.of(new Case(Optional.empty(), serve));
    }
}
