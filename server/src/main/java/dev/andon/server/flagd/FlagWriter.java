package dev.andon.server.flagd;

import dev.andon.core.image.Reach;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes one flag of an environment in flagd's language, so that it serves what it serves elsewhere. Every outcome is written
 * out: what an engine makes of "disabled", of no outcome and of a missing default isn't the same everywhere. Used once; not
 * thread-safe.
 */
final class FlagWriter {
    /** What clients' parsers take at least is 255; some of it lies around, and some behind references. */
    private static final int MOST_LEVELS = 240 - Evaluators.MOST_LEVELS;

    private static final char MOST_ASCII = '\u007f';

    private final Source source;
    private final Evaluators evaluators;
    private final Set<KillId> widened = new TreeSet<>();
    private final Map<String, Json> named = new TreeMap<>();
    private final Set<String> flags = new TreeSet<>();
    private final Set<String> segments = new TreeSet<>();
    private boolean whole = true;

    /** @param evaluators of the same environment */
    FlagWriter(Source source, Evaluators evaluators) {
        this.source = source;
        this.evaluators = evaluators;
    }

    WrittenFlag write(Flag flag, Versioned<Configuration> configuration) {
        Optional<String> text = Optional.empty();
        Optional<InvalidInput> refusal = Optional.empty();
        try {
            text = Optional.of(json(flag, configuration).text());
        } catch (InvalidInput inexpressible) {
            refusal = Optional.of(inexpressible);
            whole = false;
        }
        return new WrittenFlag(text, refusal, whole, widened, named, flags, segments);
    }

    private Json json(Flag flag, Versioned<Configuration> versioned) {
        Configuration configuration = versioned.value();
        flags.add(flag.key());
        List<StandingKill> kills = source.killsOf(flag.key());
        Json.Builder metadata = Json.object().put("version", Long.toString(versioned.version()));
        if (!kills.isEmpty()) {
            metadata.put("killId", kills.getFirst().id().toString());
        }
        Json safe = Json.of(configuration.safeVariant());
        Json decision;
        Json variants;
        try {
            decision = new Decision(new Budget()).of(flag.key(), configuration, new Variants(configuration));
            requireReadable(decision);
            variants = variants(flag.type(), configuration.variants());
        } catch (InvalidInput inexpressible) {
            if (kills.isEmpty()) {
                throw inexpressible;
            }
            // A kill is never lost for what the rest of the flag can't be said.
            widen(kills);
            decision = safe;
            variants = variants(flag.type(), Map.of(configuration.safeVariant(), safeValue(configuration)));
        }
        if (kills.isEmpty() && configuration.whenBlind() instanceof WhenBlind.SafeAfter) {
            throw new InvalidInput(
                    "whenBlind",
                    configuration.whenBlind().toJson().text(),
                    "{\"keep\":true}: flagd's clients keep what they have when contact is lost");
        }
        boolean constant = decision instanceof Json.Text;
        Json.Builder json = Json.object()
                .put("state", "ENABLED")
                .put("variants", variants)
                .put("defaultVariant", constant ? decision : safe);
        if (!constant) {
            json.put("targeting", decision);
        }
        return json.put("metadata", metadata).build();
    }

    private static Json safeValue(Configuration configuration) {
        return Objects.requireNonNull(configuration.variants().get(configuration.safeVariant()));
    }

    /** Those for some hold everyone; so that something wasn't read to its end. */
    private void widen(List<StandingKill> kills) {
        whole = false;
        kills.stream().filter(kill -> audience(kill).isPresent()).forEach(kill -> widened.add(kill.id()));
    }

    private static void requireReadable(Json decision) {
        int depth = Logic.depth(decision);
        if (depth > MOST_LEVELS) {
            throw new InvalidInput(
                    "rules",
                    depth + " levels of JSON, prerequisites and segments written out",
                    "at most " + MOST_LEVELS + ", as flagd's clients read no deeper");
        }
    }

    private static Json variants(ValueType type, Map<String, Json> values) {
        Json.Builder variants = Json.object();
        values.forEach((name, value) -> variants.put(name, value(type, "variants." + name, value)));
        return variants.build();
    }

    private static Json value(ValueType type, String path, Json value) {
        if (value instanceof Json.Array) {
            throw new InvalidInput(path, value.text(), "an object: flagd has no lists as values");
        }
        requireTold(path, value);
        if (!(value instanceof Json.Whole whole)) {
            return value;
        }
        if (type == ValueType.INTEGER && whole.value() != (int) whole.value()) {
            throw new InvalidInput(
                    path,
                    value.text(),
                    "a number of 32 bits: flagd's client for Java has no other integers; the type number has no such"
                            + " limit");
        }
        return type == ValueType.NUMBER ? Json.of((double) whole.value()) : value;
    }

    /** Refuses numbers, at whatever depth, that flagd's clients don't tell from their neighbours. */
    private static void requireTold(String path, Json value) {
        switch (value) {
            case Json.Whole whole
            when Math.abs((double) whole.value()) > Logic.MAX_WHOLE ->
                throw new InvalidInput(
                        path,
                        value.text(),
                        "a number within ±" + Logic.MAX_WHOLE + ": flagd's clients round larger ones");
            case Json.Members object ->
                object.members().forEach((name, member) -> requireTold(path + "." + name, member));
            case Json.Array array -> array.items().forEach(item -> requireTold(path, item));
            default -> {}
        }
    }

    private static Optional<Condition> audience(StandingKill kill) {
        return kill.signed().kill().audience();
    }

    /** What an outcome is written as. */
    private interface Outcomes {
        Json variant(String name);

        /** @param fractional which of these variants it is */
        Json split(Json fractional, List<String> names);

        /** Where the attribute that a split goes by is missing. */
        Json missing(String attribute);

        Json stopped();
    }

    /** The variants' names. A name that no variant has makes clients give their callers' default, as there is no outcome. */
    private record Variants(Configuration configuration) implements Outcomes {
        @Override
        public Json variant(String name) {
            return Json.of(name);
        }

        @Override
        public Json split(Json fractional, List<String> names) {
            return fractional;
        }

        @Override
        public Json missing(String attribute) {
            StringBuilder name = new StringBuilder("missing:" + attribute);
            while (configuration.variants().containsKey(name.toString())) {
                name.append('!');
            }
            return Json.of(name.toString());
        }

        @Override
        public Json stopped() {
            return Json.of(configuration.safeVariant());
        }
    }

    /** Whether a required flag serves what is required; one that is stopped doesn't. */
    private record Met(List<String> accepted) implements Outcomes {
        @Override
        public Json variant(String name) {
            return Json.of(accepted.contains(name));
        }

        @Override
        public Json split(Json fractional, List<String> names) {
            return Logic.operation("in", fractional, Json.texts(accepted));
        }

        @Override
        public Json missing(String attribute) {
            return Logic.FALSE;
        }

        @Override
        public Json stopped() {
            return Logic.FALSE;
        }
    }

    /** What decides about one flag, with all that it requires. */
    private final class Decision {
        private final Budget budget;
        private final Conditions conditions;

        Decision(Budget budget) {
            this.budget = budget;
            this.conditions = new Conditions(budget, this::segment);
        }

        Json of(String key, Configuration configuration, Outcomes outcomes) {
            List<Json> parts = new ArrayList<>();
            flags.add(key);
            for (StandingKill kill : source.killsOf(key)) {
                parts.add(heldBy(kill));
                parts.add(outcomes.stopped());
            }
            if (parts.contains(Logic.TRUE)) {
                parts.add(outcomes.stopped());
                return Logic.choice(parts);
            }
            try {
                parts.add(configured(key, configuration, outcomes));
            } catch (InvalidInput inexpressible) {
                if (parts.isEmpty()) {
                    throw inexpressible;
                }
                widen(source.killsOf(key));
                return outcomes.stopped();
            }
            return Logic.choice(parts);
        }

        private Json segment(String path, String key) {
            segments.add(key);
            Evaluators.Evaluator evaluator = evaluators.of(key);
            budget.spend(path, evaluator.size());
            segments.addAll(evaluator.read());
            if (!evaluator.referable()) {
                return evaluator.condition();
            }
            named.put(key, evaluator.condition());
            return Json.object().put("$ref", key).build();
        }

        private Json heldBy(StandingKill kill) {
            if (audience(kill).isEmpty()) {
                return Logic.TRUE;
            }
            try {
                return new Conditions(new Budget(), (path, key) -> Logic.FALSE)
                        .of("audience", audience(kill).get());
            } catch (InvalidInput inexpressible) {
                widened.add(kill.id());
                return Logic.TRUE;
            }
        }

        private Json configured(String key, Configuration configuration, Outcomes outcomes) {
            Json safe = outcomes.variant(configuration.safeVariant());
            if (!configuration.on()) {
                return safe;
            }
            new Reach(source.environment()).requireFlag(key);
            List<Json> parts = new ArrayList<>();
            if (!configuration.prerequisites().isEmpty()) {
                parts.add(Logic.not(met(configuration.prerequisites())));
                parts.add(safe);
            }
            for (int i = 0; i < configuration.rules().size(); i++) {
                Rule rule = configuration.rules().get(i);
                parts.add(conditions.of("rules[" + i + "].when", rule.when()));
                parts.add(served("rules[" + i + "].serve", key, rule.serve(), outcomes));
            }
            parts.add(served("fallThrough", key, configuration.fallThrough(), outcomes));
            return Logic.choice(parts);
        }

        private Json met(List<Prerequisite> prerequisites) {
            List<Json> needs = new ArrayList<>();
            for (Prerequisite prerequisite : prerequisites) {
                budget.spend("prerequisites", 1);
                flags.add(prerequisite.flag());
                Versioned<Configuration> required =
                        source.environment().configurations().get(prerequisite.flag());
                if (required == null || source.image().flag(prerequisite.flag()).isEmpty()) {
                    return Logic.FALSE;
                }
                try {
                    needs.add(of(prerequisite.flag(), required.value(), new Met(prerequisite.variants())));
                } catch (InvalidInput refused) {
                    throw new InvalidInput(
                            "prerequisites." + prerequisite.flag() + "." + refused.path(),
                            refused.value(),
                            refused.expected());
                }
            }
            return Logic.all(needs);
        }

        private Json served(String path, String key, Serve serve, Outcomes outcomes) {
            return switch (serve) {
                case Serve.Fixed fixed -> outcomes.variant(fixed.variant());
                case Serve.Split split -> split(path, key, split, outcomes);
            };
        }

        private Json split(String path, String key, Serve.Split split, Outcomes outcomes) {
            List<Serve.Share> shares =
                    split.shares().stream().filter(share -> share.weight() > 0).toList();
            budget.spend(path, shares.size());
            Json value = Logic.attribute(path + ".attribute", split.attribute());
            List<String> names =
                    shares.stream().map(Serve.Share::variant).distinct().toList();
            String seed = split.seed().orElse(key);
            if (names.size() > 1 && seed.chars().anyMatch(c -> c > MOST_ASCII)) {
                throw new InvalidInput(
                        path + ".seed",
                        Json.of(seed).text(),
                        "characters of ASCII: flagd's JavaScript engine hashes others another way");
            }
            Json outcome = names.size() == 1
                    ? outcomes.variant(names.getFirst())
                    : outcomes.split(fractional(seed, value, shares), names);
            boolean byKey = split.attribute().equals(Serve.TARGETING_KEY);
            Json hashed = byKey ? Logic.exists(value) : Logic.all(List.of(Logic.exists(value), Logic.isHashed(value)));
            return Logic.choice(List.of(hashed, outcome, outcomes.missing(split.attribute())));
        }

        private static Json fractional(String seed, Json value, List<Serve.Share> shares) {
            List<Json> arguments = new ArrayList<>();
            arguments.add(Logic.operation("cat", Json.of(seed), value));
            for (Serve.Share share : shares) {
                arguments.add(Json.array(List.of(Json.of(share.variant()), Json.of(share.weight()))));
            }
            return Logic.operation("fractional", arguments);
        }
    }
}
