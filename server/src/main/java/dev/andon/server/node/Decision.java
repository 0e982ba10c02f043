package dev.andon.server.node;

import dev.andon.core.event.Event;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a command amounts to.
 *
 * @param type the entry's verb, such as {@code flag.create}
 * @param cause what led to it, if it wasn't the actor's own decision
 * @param events what becomes true; empty if it already is, and then nothing is written
 * @param reply makes the answer once it is known what was written; of a dry run, what would be
 */
public record Decision<R>(String type, Optional<String> cause, List<Event> events, Function<Committed, R> reply) {
    public Decision {
        events = List.copyOf(events);
    }

    public static <R> Decision<R> of(String type, List<Event> events, Function<Committed, R> reply) {
        return new Decision<>(type, Optional.empty(), events, reply);
    }
}
