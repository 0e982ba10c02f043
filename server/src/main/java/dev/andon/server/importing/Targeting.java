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
            case Json.Text text -> always(new Serve.Fixed(variant(path, text.value())));
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
            default -> yesOrNo(operation);
        };
    }

    /** True and false are variants of these names. */
    private List<Case> yesOrNo(Operation operation) {
        if (!logic.isQuestion(operation.json())) {
            throw JsonLogic.unsupported(operation);
        }
        Serve yes = new Serve.Fixed(variant(operation.path(), "true"));
        Serve no = new Serve.Fixed(variant(operation.path(), "false"));
        return List.of(
                new Case(Optional.of(logic.condition(operation.outer(), operation.json())), yes),
                new Case(Optional.empty(), no));
    }

    private List<Case> choice(Operation operation) {
        List<Json> arguments = operation.arguments();
        int last = Math.max(0, arguments.size() - 3);
        Optional<Serve> guarded = last % 2 == 0 ? guarded(operation, last) : Optional.empty();
        if (guarded.isPresent()) {
            arguments = arguments.subList(0, last);
        }
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
                        : always(guarded.orElseGet(() -> new Serve.Fixed(defaultVariant))));
        return cases;
    }

    /** Andon's own form of a split, in the last three parts, which gives whoever lacks the attribute no variant at all. */
    private Optional<Serve> guarded(Operation operation, int from) {
        List<Json> parts = operation.arguments();
        if (parts.size() != from + 3
                || !(parts.getLast() instanceof Json.Text none)
                || variants.containsKey(none.value())) {
            return Optional.empty();
        }
        Optional<String> attribute = Guards.split(parts.get(from), none);
        if (attribute.isEmpty()) {
            return Optional.empty();
        }
        String path = operation.path() + "[" + (from + 1) + "]";
        Json outcome = parts.get(from + 1);
        if (outcome instanceof Json.Text only) {
            Serve.Share all = new Serve.Share(variant(path, only.value()), 1);
            return Optional.of(new Serve.Split(List.of(all), attribute.get(), Optional.empty()));
        }
        Operation inner = Operation.of(path, outcome);
        if (!inner.operator().equals("fractional")) {
            return Optional.empty();
        }
        Serve.Split split = read(inner);
        return split.attribute().equals(attribute.get()) ? Optional.of(split) : Optional.empty();
    }

    /** Whoever lacks the attribute that is hashed gets the default variant, as flagd has it. */
    private List<Case> split(Operation operation) {
        Serve.Split split = read(operation);
        boolean seeded = operation.arguments().getFirst() instanceof Json.Members hashed
                && hashed.members().containsKey("cat");
        if (seeded) {
            logic.note(
                    "whoever lacks " + split.attribute() + " gets the default variant, as there is nothing to split by;"
                            + " some of flagd's engines give all of them the same variant of the split");
        }
        return List.of(
                new Case(Optional.of(new Condition.Exists(split.attribute())), split),
                new Case(Optional.empty(), new Serve.Fixed(defaultVariant)));
    }

    private Serve.Split read(Operation operation) {
        List<Json> arguments = operation.arguments();
        boolean hashed = !arguments.isEmpty() && !(arguments.getFirst() instanceof Json.Array);
        Hashed by =
                hashed ? hashed(operation, arguments.getFirst()) : new Hashed(Serve.TARGETING_KEY, Optional.empty());
        List<Serve.Share> shares = new ArrayList<>();
        for (int i = hashed ? 1 : 0; i < arguments.size(); i++) {
            shares.add(share(operation.path() + "[" + i + "]", arguments.get(i)));
        }
        try {
            return new Serve.Split(shares, by.attribute(), by.seed());
        } catch (InvalidInput refused) {
            throw new InvalidInput(operation.path(), refused.value(), refused.expected());
        }
    }

    private Serve.Share share(String path, Json json) {
        if (json instanceof Json.Array pair
                && !pair.items().isEmpty()
                && pair.items().size() <= 2) {
            Optional<String> variant = name(path, pair.items().getFirst());
            Json weight = pair.items().size() == 2 ? pair.items().getLast() : Json.of(1);
            if (variant.isPresent()
                    && weight instanceof Json.Whole whole
                    && whole.value() >= 0
                    && whole.value() <= Integer.MAX_VALUE) {
                return new Serve.Share(variant.get(), (int) whole.value());
            }
        }
        throw new InvalidInput(
                path, json.text(), "a variant's name and its weight, such as [\"on\", 25], neither of them computed");
    }

    /** The variant that a constant outcome names. */
    private Optional<String> name(String path, Json outcome) {
        return switch (outcome) {
            case Json.Text text -> Optional.of(variant(path, text.value()));
            case Json.Bool bool -> Optional.of(variant(path, bool.value() ? "true" : "false"));
            case Json.Null nothing -> Optional.of(defaultVariant);
            default -> Optional.empty();
        };
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
        Optional<String> seed =
                parts.isEmpty() ? Optional.empty() : logic.constants().joined(parts.subList(0, parts.size() - 1));
        if (seed.isEmpty()) {
            throw new InvalidInput(
                    operation.path(),
                    operation.argument().text(),
                    "a seed that doesn't change, and an attribute behind it");
        }
        String attribute = logic.attribute(operation.path() + "[" + (parts.size() - 1) + "]", parts.getLast());
        return new Hashed(
                attribute,
                seed.filter(text -> !Optional.of(text).equals(logic.constants().flagKey())));
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
