package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * An environment, or those of its flags that were asked for, in flagd's language, as its clients hold it. Immutable.
 *
 * @param text what clients get, as JSON: {@code flags}, {@code $evaluators}, {@code metadata}
 * @param left flags that flagd's language can't express, which aren't in it, and why
 * @param widened kills for some that stop everyone who goes by this document, as it can't express for whom they are
 */
record Document(String text, SortedMap<String, InvalidInput> left, SortedSet<KillId> widened) {
    /** Conditions that are written out, with their guards, nest deeper than what anybody sends. */
    private static final JsonLimits LIMITS =
            new JsonLimits(JsonLimits.SNAPSHOT.bytes(), 256, JsonLimits.SNAPSHOT.textChars());

    Document {
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        widened = Collections.unmodifiableSortedSet(new TreeSet<>(widened));
    }

    /** One alone, written from nothing; {@link Documents} is for those who need it again after a change. */
    static Document of(ServedState state, Predicate<Flag> wanted) {
        return new Documents().of(state, wanted);
    }

    Json json() {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8), LIMITS);
    }
}
