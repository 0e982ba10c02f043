package dev.andon.server.flagd;

import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.util.Collections;
import java.util.Map;
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
        Ruleset ruleset = state.ruleset();
        Image image = ruleset.image();
        EnvironmentImage environment = image.environment(state.environment()).orElseThrow();
        Evaluators evaluators = new Evaluators(environment);
        FlagWriter writer = new FlagWriter(image, environment, evaluators, ruleset::killsOf);
        Json.Builder flags = Json.object();
        SortedMap<String, InvalidInput> left = new TreeMap<>();
        for (Map.Entry<String, Versioned<Configuration>> entry :
                new TreeMap<>(environment.configurations()).entrySet()) {
            String key = entry.getKey();
            Flag flag = image.flag(key).filter(wanted).orElse(null);
            if (flag != null) {
                try {
                    flags.put(key, writer.write(flag, entry.getValue()));
                } catch (InvalidInput inexpressible) {
                    left.put(key, inexpressible);
                }
            }
        }
        Json.Builder json = Json.object().put("flags", flags);
        if (!evaluators.named().isEmpty()) {
            json.put("$evaluators", new Json.Members(evaluators.named()));
        }
        json.put("metadata", Json.object().put("flagSetId", state.environment()));
        return new Document(json.build(), left, writer.widened());
    }
}
