package dev.andon.server.flagd;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Context;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * An environment, or those of its flags that were asked for, in flagd's language, as its clients hold it. Immutable.
 *
 * @param json what clients get: {@code flags}, {@code $evaluators}, {@code metadata}
 * @param left flags that flagd's language can't express, which aren't in it, and why
 * @param widened kills for some that stop everyone who goes by this document, as it can't express for whom they are
 */
record Document(Json json, SortedMap<String, InvalidInput> left, SortedSet<KillId> widened) {
    Document {
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        widened = Collections.unmodifiableSortedSet(new TreeSet<>(widened));
    }

    static Document of(ServedState state, Predicate<Flag> wanted) {
        Json.Builder flags = Json.object();
        for (CompiledFlag flag : state.flags()) {
            if (state.ruleset().image().flag(flag.key()).filter(wanted).isPresent()) {
                Json.Builder variants = Json.object();
                for (int i = 0; i < flag.variants(); i++) {
                    variants.put(flag.variant(i), flag.value(i));
                }
                String variant = state.ruleset().evaluate(flag, Context.EMPTY).variant();
                flags.put(
                        flag.key(),
                        Json.object()
                                .put("state", "ENABLED")
                                .put("variants", variants)
                                .put("defaultVariant", String.valueOf(variant)));
            }
        }
        return new Document(Json.object().put("flags", flags).build(), new TreeMap<>(), new TreeSet<>());
    }
}
