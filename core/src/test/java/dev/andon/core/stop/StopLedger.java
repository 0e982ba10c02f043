package dev.andon.core.stop;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.PassingFlags;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Kill;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The ledger of a {@link StopWorld}: every entry, and the image that it led to. */
final class StopLedger {
    private final List<Image> images = new ArrayList<>();
    private final List<List<Event>> entries = new ArrayList<>();

    /** @param first the image of version 1 */
    StopLedger(Image first) {
        images.add(first);
        entries.add(List.of());
    }

    StopLedger copy() {
        StopLedger copy = new StopLedger(images.get(0));
        copy.images.addAll(images.subList(1, images.size()));
        copy.entries.addAll(entries.subList(1, entries.size()));
        return copy;
    }

    Image head() {
        return images.get(images.size() - 1);
    }

    Image at(long version) {
        return images.get((int) version - 1);
    }

    List<Image> since(long version) {
        return Collections.unmodifiableList(images.subList((int) version - 1, images.size()));
    }

    void extend(List<Event> events) {
        Provenance at = head().provenance().at(head().provenance().version() + 1);
        ImageDelta delta = new ImageDelta(head());
        events.forEach(event -> delta.apply(at.version(), event));
        images.add(delta.build(at));
        entries.add(List.copyOf(events));
    }

    /** The kills as they settle now: naming what matched them since they were taken and doesn't any more. */
    List<StandingKill> complete(List<StandingKill> kills) {
        List<StandingKill> complete = new ArrayList<>();
        for (StandingKill standing : kills) {
            Kill kill = standing.signed().kill();
            PassingFlags passing = new PassingFlags(kill);
            entries.subList((int) kill.resolved().version(), entries.size())
                    .forEach(events -> events.forEach(event -> passing.see(event, true)));
            complete.add(passing.namedBy(standing, head()));
        }
        return complete;
    }
}
