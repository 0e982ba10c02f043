package dev.andon.server.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Segment;
import dev.andon.server.node.History;
import dev.andon.server.node.Moment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

final class JoinedTest {
    private static final int MANY = 60_000;

    /** A ledger of one entry. */
    private record One(Entry entry) implements History {
        @Override
        public List<Recorded> entries(long first, long last) {
            return List.of(new Recorded(1, entry));
        }

        @Override
        public List<Moment> moments(long first, long last) {
            throw new UnsupportedOperationException("moments");
        }

        @Override
        public Image imageAt(long version) {
            throw new UnsupportedOperationException("imageAt");
        }
    }

    private static Entry entry(String description, Map<String, Long> previous) {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            events.add(
                    new Event.SegmentSaved("production", new Segment("s" + i, description, new Condition.Exists("x"))));
        }
        return new Entry("rollback", "me", Instant.EPOCH, "why", Optional.empty(), "c", previous, events);
    }

    /** Comparing each change with each would take minutes. */
    @Test
    @Timeout(60)
    void whatWasBeforeAnEntryOfManyChangesIsFoundInAnotherOfAsMany() {
        Map<String, Long> previous = new HashMap<>();
        for (int i = 0; i < MANY; i++) {
            previous.put("production/segment/s" + i, 1L);
        }
        Entry later = entry("later", previous);
        Joined joined = new Joined(new One(entry("earlier", Map.of())));
        long found = later.events().stream()
                .filter(event -> joined.before(later, event)
                        .filter(before -> before.subject().equals(event.subject()))
                        .isPresent())
                .count();
        assertThat(found).isEqualTo(MANY);
        assertThat(joined.spent()).isFalse();
    }
}
