package dev.andon.server.node;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import java.time.Instant;
import java.util.List;

/**
 * What was written, or would be.
 *
 * @param version the entry's; the version of {@code before} if there was nothing to write
 * @param before the image that it was decided on
 * @param after the image with the events applied
 */
public record Committed(long version, Instant at, Image before, Image after, List<Event> events) {
    public Committed {
        events = List.copyOf(events);
    }
}
