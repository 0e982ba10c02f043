package dev.andon.core.evaluate;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Reach;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one environment's flags ready for evaluation: names become references, outcomes objects. A flag that reaches too
 * far ({@link Reach}) becomes one that fails. Not thread-safe; used once.
 */
final class Compilation {
    private final Image image;
    private final EnvironmentImage environment;
    private final Reach reach;
    private final Map<String, CompiledFlag> flags;
    private final Map<String, Check> segments;

    /** @param flags what is compiled already, and {@code segments} likewise; both are added to */
    Compilation(
            Image image, EnvironmentImage environment, Map<String, CompiledFlag> flags, Map<String, Check> segments) {
        this.image = image;
        this.environment = environment;
        this.reach = new Reach(environment);
        this.flags = flags;
        this.segments = segments;
    }

    /** Compiles a flag and what it requires, unless that is done already; null if the environment hasn't got it. */
    @Nullable
    CompiledFlag flag(String key) {
        CompiledFlag known = flags.get(key);
        if (known != null) {
            return known;
        }
        Versioned<Configuration> configuration = environment.configurations().get(key);
        Flag flag = image.flag(key).orElse(null);
        if (configuration == null || flag == null) {
            return null;
        }
        CompiledFlag compiled = compile(flag, configuration);
        flags.put(key, compiled);
        return compiled;
    }

    private CompiledFlag compile(Flag flag, Versioned<Configuration> versioned) {
        Configuration configuration = versioned.value();
        int steps;
        try {
            steps = reach.steps(flag.key());
        } catch (InvalidInput tooFar) {
            Evaluation fault = Evaluation.failed(
                    ErrorCode.GENERAL, String.valueOf(tooFar.getMessage()), Evaluation.NONE, versioned.version());
            return new CompiledFlag(
                    flag.key(), flag.type(), versioned, List.of(), List.of(), new Choice.Fixed(fault), fault, 1);
        }
        List<CompiledFlag.Need> needs = new ArrayList<>();
        configuration.prerequisites().forEach(prerequisite -> needs.add(need(prerequisite)));
        Outcomes outcomes = new Outcomes(flag.key(), versioned);
        List<CompiledFlag.CompiledRule> rules = new ArrayList<>();
        for (int i = 0; i < configuration.rules().size(); i++) {
            Rule rule = configuration.rules().get(i);
            String label = rule.name().isEmpty() ? "" + i : i + " (" + rule.name() + ")";
            Choice serve = outcomes.choice(rule.serve(), Reason.TARGETING_MATCH, i);
            rules.add(new CompiledFlag.CompiledRule(label, check(rule.when()), serve));
        }
        Reason last = rules.isEmpty() && needs.isEmpty() ? Reason.STATIC : Reason.FALLTHROUGH;
        Choice fallThrough = outcomes.choice(configuration.fallThrough(), last, Evaluation.NONE);
        return new CompiledFlag(flag.key(), flag.type(), versioned, needs, rules, fallThrough, null, steps);
    }

    private CompiledFlag.Need need(Prerequisite prerequisite) {
        CompiledFlag required = flag(prerequisite.flag());
        List<String> names = required == null ? List.of() : required.variantNames();
        boolean[] accepted = new boolean[names.size()];
        for (int i = 0; i < accepted.length; i++) {
            accepted[i] = prerequisite.variants().contains(names.get(i));
        }
        return new CompiledFlag.Need(prerequisite.flag(), required, accepted);
    }

    private Check check(Condition condition) {
        if (condition instanceof Condition.InSegment in) {
            return segment(in.segment());
        }
        return check(condition, this::check);
    }

    private Check segment(String key) {
        Check known = segments.get(key);
        if (known != null) {
            return known;
        }
        Versioned<Segment> segment = environment.segments().get(key);
        if (segment == null) {
            return new CombinedCheck.UnknownSegment(key);
        }
        Check compiled = new CombinedCheck.Segment(key, check(segment.value().when()));
        segments.put(key, compiled);
        return compiled;
    }

    /** A condition without segments, such as a kill's audience. */
    static Check standalone(Condition condition) {
        return check(condition, Compilation::standalone);
    }

    private interface Parts {
        Check check(Condition part);
    }

    private static Check check(Condition condition, Parts parts) {
        if (condition instanceof Condition.All all) {
            return new CombinedCheck.Parts(
                    all.parts().stream().map(parts::check).toList(), true);
        }
        if (condition instanceof Condition.Any any) {
            return new CombinedCheck.Parts(
                    any.parts().stream().map(parts::check).toList(), false);
        }
        if (condition instanceof Condition.Not not) {
            return new CombinedCheck.Not(parts.check(not.part()));
        }
        if (condition instanceof Condition.In in) {
            return new ConditionCheck.In(in);
        }
        if (condition instanceof Condition.TextMatch match) {
            return new ConditionCheck.TextMatch(match);
        }
        if (condition instanceof Condition.NumberMatch match) {
            return new ConditionCheck.NumberMatch(match);
        }
        if (condition instanceof Condition.VersionMatch match) {
            return new ConditionCheck.VersionMatch(match);
        }
        if (condition instanceof Condition.DateMatch match) {
            return new ConditionCheck.DateMatch(match);
        }
        if (condition instanceof Condition.Exists exists) {
            return new ConditionCheck.Exists(exists);
        }
        throw new IllegalStateException("no check for " + condition);
    }

    /** One flag's outcomes, made in advance. */
    private static final class Outcomes {
        private final String flag;
        private final Configuration configuration;
        private final long version;
        private final Map<String, Integer> indexes = new HashMap<>();

        Outcomes(String flag, Versioned<Configuration> configuration) {
            this.flag = flag;
            this.configuration = configuration.value();
            this.version = configuration.version();
            this.configuration.variants().keySet().forEach(name -> indexes.put(name, indexes.size()));
        }

        Choice choice(Serve serve, Reason fixed, int rule) {
            if (serve instanceof Serve.Fixed one) {
                return new Choice.Fixed(served(one.variant(), fixed, rule));
            }
            Serve.Split split = (Serve.Split) serve;
            int shares = split.shares().size();
            int[] ends = new int[shares];
            Evaluation[] outcomes = new Evaluation[shares];
            int end = 0;
            for (int i = 0; i < shares; i++) {
                end += split.shares().get(i).weight();
                ends[i] = end;
                outcomes[i] = served(split.shares().get(i).variant(), Reason.SPLIT, rule);
            }
            Evaluation missing = Evaluation.failed(ErrorCode.TARGETING_KEY_MISSING, split.attribute(), rule, version);
            Murmur3 seeded = Murmur3.after(split.seed().orElse(flag));
            return new Choice.Split(new Attribute(split.attribute()), seeded, ends, outcomes, missing);
        }

        private Evaluation served(String variant, Reason reason, int rule) {
            Integer index = indexes.get(variant);
            Json value = configuration.variants().get(variant);
            if (index == null || value == null) {
                throw new IllegalStateException("a configuration refuses variants that it hasn't got: " + variant);
            }
            return Evaluation.served(index, variant, value, reason, rule, version);
        }
    }
}
