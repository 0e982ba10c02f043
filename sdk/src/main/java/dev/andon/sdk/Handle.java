package dev.andon.sdk;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * One flag as one type. Thread-safe. An evaluation reads one volatile field, compares, and walks the compiled flag; what
 * the handle needs of a ruleset is looked up once per generation.
 */
abstract sealed class Handle permits BoolFlag, StringFlag, IntegerFlag, NumberFlag, ObjectFlag {
    private final Engine engine;
    private final CallerDefaults defaults;
    private final String key;
    private final ValueType type;
    /** Races are harmless: bindings are immutable, and any thread may make one anew. */
    private Binding binding = Binding.NONE;

    /** The flag of one generation. Its fields are final, so that it may pass from thread to thread through a plain field. */
    private static final class Binding {
        static final Binding NONE = without(-1, Ruleset.EMPTY.evaluate("", ValueType.BOOLEAN, Context.EMPTY));

        private final long generation;
        private final @Nullable CompiledFlag flag;
        private final Tally.@Nullable Counts counts;
        private final @Nullable Evaluation always;
        private final Evaluation missing;

        private Binding(
                long generation,
                @Nullable CompiledFlag flag,
                Tally.@Nullable Counts counts,
                @Nullable Evaluation always,
                Evaluation missing) {
            this.generation = generation;
            this.flag = flag;
            this.counts = counts;
            this.always = always;
            this.missing = missing;
        }

        static Binding of(Generation now, CompiledFlag flag) {
            return new Binding(
                    now.number(),
                    flag,
                    now.tally().countsFor(flag),
                    now.ruleset().always(flag),
                    NONE.missing);
        }

        /** @param missing what evaluation gives where there is no flag of that key and type */
        static Binding without(long generation, Evaluation missing) {
            return new Binding(generation, null, null, null, missing);
        }
    }

    Handle(Engine engine, CallerDefaults defaults, String key, ValueType type) {
        this.engine = engine;
        this.defaults = defaults;
        this.key = key;
        this.type = type;
    }

    /** The flag's key. */
    public final String key() {
        return key;
    }

    /** Never throws and never blocks, whatever the context does; null stands for the empty context. */
    final Evaluation decide(@Nullable Context context) {
        Generation now = engine.generation();
        Binding bound = binding;
        if (bound.generation != now.number()) {
            bound = bind(now);
        }
        CompiledFlag flag = bound.flag;
        Tally.Counts counts = bound.counts;
        if (flag == null || counts == null) {
            return bound.missing;
        }
        Evaluation always = bound.always;
        Evaluation evaluation =
                always != null ? always : now.ruleset().evaluate(flag, context == null ? Context.EMPTY : context);
        if (evaluation.index() != Evaluation.NONE) {
            counts.count(evaluation.index());
        }
        return evaluation;
    }

    private Binding bind(Generation now) {
        CompiledFlag flag = now.ruleset().flag(key);
        Binding bound;
        if (flag != null && flag.serves(type)) {
            bound = Binding.of(now, flag);
        } else {
            bound = Binding.without(now.number(), now.ruleset().evaluate(key, type, Context.EMPTY));
        }
        binding = bound;
        return bound;
    }

    final void note(Json value) {
        defaults.note(key, value);
    }

    @Override
    public String toString() {
        return type.word() + " flag " + key;
    }
}
