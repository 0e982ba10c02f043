package dev.andon.server.node;

import dev.andon.core.event.Event;
import java.util.function.LongConsumer;

/**
 * Something that a node saw and that the ledger is to keep.
 *
 * @param once names it among all that nodes observe: the ledger takes one of each name. Of two with the same name that wait,
 *     the later one replaces the earlier
 * @param ofEachNode whether the name is among those of this node alone: what each node has to say for itself
 * @param type the entry's verb, such as {@code kill.relapse}
 * @param reason what happened, in a sentence
 * @param written told the version of the entry, also when it was there before; on the recorder's thread, must not block
 */
public record Observation(
        String once, boolean ofEachNode, String type, String reason, Event.Observed event, LongConsumer written) {
    public Observation(String once, String type, String reason, Event.Observed event, LongConsumer written) {
        this(once, false, type, reason, event, written);
    }

    /** The same, in other words. */
    public Observation worded(String words, Event.Observed other) {
        return new Observation(once, ofEachNode, type, words, other, written);
    }

    public Observation(String once, String type, String reason, Event.Observed event) {
        this(once, type, reason, event, version -> {});
    }
}
