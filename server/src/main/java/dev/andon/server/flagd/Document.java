package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * An environment, or those of its flags that were asked for, in flagd's language, as its clients hold it. Immutable.
 *
 * @param text what clients get, as JSON: {@code flags}, {@code $evaluators}, {@code metadata}
 * @param left flags that flagd's language can't express, which aren't in it, and why
 * @param widened by flag, kills for some that stop it for everyone who goes by this document, as it can't express the rest
 */
record Document(String text, SortedMap<String, InvalidInput> left, SortedMap<String, Set<KillId>> widened) {
    /** Conditions that are written out, with their guards, nest deeper than what anybody sends. */
    private static final JsonLimits LIMITS =
            new JsonLimits(JsonLimits.SNAPSHOT.bytes(), 256, JsonLimits.SNAPSHOT.textChars());

    Document {
        left = Collections.unmodifiableSortedMap(new TreeMap<>(left));
        widened = Collections.unmodifiableSortedMap(new TreeMap<>(widened));
    }

    /** One alone, written from nothing; {@link Documents} is for those who need it again after a change. */
    static Document of(ServedState state, Predicate<Flag> wanted) {
        return new Documents().of(state, wanted);
    }

    /** Kills for some that stop at least one flag for everyone. */
    Set<KillId> widenedKills() {
        return widened.values().stream().flatMap(Set::stream).collect(Collectors.toUnmodifiableSet());
    }

    Json json() {
        return Json.parse(text.getBytes(StandardCharsets.UTF_8), LIMITS);
    }
}
