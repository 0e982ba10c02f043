package dev.andon.core.evaluate;

import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.KillId;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.ValueType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A flag in one environment, made ready for evaluation. Immutable. Stays the same object from ruleset to ruleset until
 * the flag itself, or something that its evaluation reads, changes; kills don't change it.
 */
public final class CompiledFlag {
    /** As far as {@link #valueChars} counts. */
    private static final int MOST_CHARS = 1 << 16;

    /** About what a number, a boolean or null takes. */
    private static final int SCALAR_CHARS = 8;

    private final String key;
    private final ValueType type;
    private final long version;
    private final String[] names;
    private final Json[] values;
    private final int safe;
    private final boolean on;
    private final Need[] needs;
    private final CompiledRule[] rules;
    private final Choice fallThrough;
    private final @Nullable Evaluation fault;
    private final int steps;
    private final int valueChars;
    private final Evaluation whenOff;
    private final Evaluation whenUnmet;

    /** A prerequisite; {@code flag} is null where there is no such flag, and then it can't be met. */
    static final class Need {
        private final String key;
        private final @Nullable CompiledFlag flag;
        private final boolean[] accepted;

        /** @param accepted for each of the required flag's variants, whether it will do */
        Need(String key, @Nullable CompiledFlag flag, boolean[] accepted) {
            this.key = key;
            this.flag = flag;
            this.accepted = accepted;
        }

        boolean met(Ruleset ruleset, Context context, @Nullable Trace trace) {
            return flag != null && accepts(flag.evaluate(ruleset, context, trace));
        }

        /** A flag that is stopped doesn't serve what is required, even if its safe variant is asked for. */
        private boolean accepts(Evaluation required) {
            return switch (required.reason()) {
                case KILLED_LOCALLY, KILLED, DEFAULT, ERROR -> false;
                case BLIND, OFF, PREREQUISITE, TARGETING_MATCH, SPLIT, FALLTHROUGH, STATIC ->
                    accepted[required.index()];
            };
        }
    }

    record CompiledRule(String label, Check when, Choice serve) {}

    /**
     * @param fault what comes out instead of prerequisites, rules and fall-through; null if all is well
     * @param steps as {@link dev.andon.core.image.Reach#steps} counts
     */
    CompiledFlag(
            String key,
            ValueType type,
            Versioned<Configuration> configuration,
            List<Need> needs,
            List<CompiledRule> rules,
            Choice fallThrough,
            @Nullable Evaluation fault,
            int steps) {
        this.key = key;
        this.type = type;
        this.version = configuration.version();
        this.names = configuration.value().variants().keySet().toArray(new String[0]);
        this.values = configuration.value().variants().values().toArray(new Json[0]);
        this.safe = List.of(names).indexOf(configuration.value().safeVariant());
        this.on = configuration.value().on();
        this.needs = needs.toArray(new Need[0]);
        this.rules = rules.toArray(new CompiledRule[0]);
        this.fallThrough = fallThrough;
        this.fault = fault;
        this.steps = steps;
        this.valueChars = MOST_CHARS
                - Arrays.stream(values)
                        .mapToInt(value -> room(value, MOST_CHARS))
                        .min()
                        .orElse(MOST_CHARS);
        this.whenOff = served(safe, Reason.OFF);
        this.whenUnmet = served(safe, Reason.PREREQUISITE);
    }

    public String key() {
        return key;
    }

    public ValueType type() {
        return type;
    }

    /** The ledger's version that last changed the configuration. */
    public long version() {
        return version;
    }

    public int variants() {
        return names.length;
    }

    /** The name of a variant, counted from 0 in the order of the configuration. */
    public String variant(int index) {
        return names[index];
    }

    public List<String> variantNames() {
        return List.of(names);
    }

    public Json value(int index) {
        return values[index];
    }

    /** The index of the safe variant. */
    public int safe() {
        return safe;
    }

    /**
     * How many conditions, text comparisons and flags one evaluation may have to look at, prerequisites and segments
     * included; kills' audiences aside.
     */
    public int steps() {
        return steps;
    }

    /** About how many characters the largest of the values takes as JSON; 65,536 stands for that and more. */
    public int valueChars() {
        return valueChars;
    }

    /** What a value leaves of some room, in characters, 0 at least; looks no further than it reaches. */
    private static int room(Json value, int chars) {
        int left = chars;
        if (value instanceof Json.Text text) {
            left -= text.value().length();
        } else if (value instanceof Json.Array array) {
            for (Json item : array.items()) {
                left = left <= 0 ? 0 : room(item, left);
            }
        } else if (value instanceof Json.Members object) {
            for (Map.Entry<String, Json> member : object.members().entrySet()) {
                left -= member.getKey().length();
                left = left <= 0 ? 0 : room(member.getValue(), left);
            }
        }
        return Math.max(0, left - SCALAR_CHARS);
    }

    /** Whether the flag's values can be given to a caller that asks for this type. */
    public boolean serves(ValueType expected) {
        return type == expected || (type == ValueType.INTEGER && expected == ValueType.NUMBER);
    }

    Evaluation evaluate(Ruleset ruleset, Context context, @Nullable Trace trace) {
        Evaluation stopped = ruleset.overlay().stop(key, context, trace);
        if (stopped != null) {
            return stopped;
        }
        if (!on) {
            if (trace != null) {
                trace.step("on", key, "off");
            }
            return whenOff;
        }
        if (fault != null) {
            if (trace != null) {
                trace.step("fault", key, fault.message());
            }
            return fault;
        }
        for (Need need : needs) {
            if (!met(need, ruleset, context, trace)) {
                return whenUnmet;
            }
        }
        for (CompiledRule rule : rules) {
            if (holds(rule, context, trace)) {
                return rule.serve().choose(context, trace);
            }
        }
        Evaluation outcome = fallThrough.choose(context, trace);
        if (trace != null) {
            trace.step("fall-through", key, outcome.toString());
        }
        return outcome;
    }

    /** What comes out whatever the context; null if that depends on it. */
    @Nullable
    Evaluation always(Overlay overlay) {
        if (overlay.stops(key)) {
            return overlay.always(key);
        }
        if (!on) {
            return whenOff;
        }
        if (fault != null) {
            return fault;
        }
        return needs.length == 0 && rules.length == 0 ? fallThrough.always() : null;
    }

    /** A required flag whose evaluation fails isn't met, so that a kill behind another prerequisite can't be missed. */
    private static boolean met(Need need, Ruleset ruleset, Context context, @Nullable Trace trace) {
        int depth = 0;
        if (trace != null) {
            trace.open();
            depth = trace.depth();
        }
        boolean met;
        try {
            met = need.met(ruleset, context, trace);
        } catch (Throwable e) {
            met = false;
            if (trace != null) {
                trace.unwind(depth, e);
            }
        }
        if (trace != null) {
            trace.close("prerequisite", need.key, met ? "met" : need.flag == null ? "doesn't exist" : "not met");
        }
        return met;
    }

    private static boolean holds(CompiledRule rule, Context context, @Nullable Trace trace) {
        if (trace != null) {
            trace.open();
        }
        boolean holds = rule.when().holds(context, trace);
        if (trace != null) {
            trace.close("rule", rule.label(), ConditionCheck.outcome(holds));
        }
        return holds;
    }

    Evaluation killed(KillId kill) {
        return Evaluation.killed(safe, names[safe], values[safe], kill, version);
    }

    Evaluation killedLocally(LocalStop stop) {
        return Evaluation.killedLocally(safe, names[safe], values[safe], Ruleset.detail(stop), version);
    }

    Evaluation blind() {
        return served(safe, Reason.BLIND);
    }

    Evaluation mismatch(ValueType expected) {
        String detail = "the flag's values are of type " + type.word() + ", not " + expected.word();
        return Evaluation.failed(ErrorCode.TYPE_MISMATCH, detail, Evaluation.NONE, version);
    }

    Evaluation failure(Throwable failure) {
        // Its message may be the caller's code and may fail as well.
        String detail = "the context failed with " + failure.getClass().getName();
        return Evaluation.failed(ErrorCode.GENERAL, detail, Evaluation.NONE, version);
    }

    private Evaluation served(int index, Reason reason) {
        return Evaluation.served(index, names[index], values[index], reason, Evaluation.NONE, version);
    }

    @Override
    public String toString() {
        return key + " at version " + version;
    }
}
