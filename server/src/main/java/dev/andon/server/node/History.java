package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.image.Image;
import java.time.Instant;
import java.util.List;

/** The past, read from the ledger store: calls block, and fail with {@link StoreUnavailable} when it doesn't answer. */
public interface History {
    int MAX_ENTRIES = 1_000;

    record Recorded(long version, Entry entry) {}

    /**
     * The entries of versions {@code first} to {@code last}, both included, in order; fewer where the ledger ends or the
     * limits on one read are met, never with a gap.
     */
    List<Recorded> entries(long first, long last);

    /**
     * The places and times of the entries of versions {@code first} to {@code last}, both included, in order.
     *
     * @param last at most {@link #MAX_ENTRIES} from {@code first}
     * @throws Refused with NOT_FOUND if the ledger doesn't reach there
     */
    List<Moment> moments(long first, long last);

    /**
     * Where a time leads among the entries up to {@code newest}. Reads entry by entry, the newest first: the further back,
     * the longer it takes.
     */
    default Sought seek(Instant time, long newest) {
        return new TimeSearch(this, time, TimeSearch.MAX_ENTRIES).from(newest);
    }

    /**
     * The image as it was at a version.
     *
     * @throws Refused with NOT_FOUND if the ledger doesn't reach there
     */
    Image imageAt(long version);
}
