package dev.andon.server.flagd;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One flag as a document has it.
 *
 * @param text its JSON; empty if it can't be written
 * @param refusal why it can't be written
 * @param whole whether it was read to its end; if not, what it depends on isn't all known
 * @param widened kills for some that were written as kills for everyone
 * @param evaluators what it refers to, by the segment's key
 * @param flags the keys of the flags that it was written from: itself and those that it requires
 * @param segments the keys of the segments that it was written from
 */
record WrittenFlag(
        Optional<String> text,
        Optional<InvalidInput> refusal,
        boolean whole,
        Set<KillId> widened,
        Map<String, Json> evaluators,
        Set<String> flags,
        Set<String> segments) {
    WrittenFlag {
        widened = Set.copyOf(widened);
        evaluators = Map.copyOf(evaluators);
        flags = Set.copyOf(flags);
        segments = Set.copyOf(segments);
    }
}
