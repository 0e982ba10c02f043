package dev.andon.server.instance;

import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.SavedLater;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * Has the bookkeeper note what happens with clients that don't speak Andon's own stream. Where a client asks again and
 * again and hears the same, it is noted once in a few seconds. Thread-safe.
 */
final class Foreigners implements ForeignListener {
    private static final long NOTED_AGAIN_NANOS = 5_000_000_000L;
    private static final int MANY = ForeignLimits.DEFAULT.all();

    private final Bookkeeper books;
    private final ForeignRoll roll;
    private final InstantSource clock;
    private final SavedLater saved;
    private final AtomicLong streams = new AtomicLong();
    private final Notes noted;

    /** What was last noted that a client asked, or was answered. */
    private record Noted(Served served, boolean first, long nanos) {}

    /** @param noted of this class alone, but for clients that leave the roll */
    Foreigners(Bookkeeper books, ForeignRoll roll, InstantSource clock, SavedLater saved, Notes noted) {
        this.books = books;
        this.roll = roll;
        this.clock = clock;
        this.saved = saved;
        this.noted = noted;
    }

    /** Who asked what last, and was answered what, as far as it was noted. Thread-safe. */
    static final class Notes {
        private final Map<InstanceKey, Noted> asked = new ConcurrentHashMap<>();
        private final Map<InstanceKey, Noted> answered = new ConcurrentHashMap<>();

        void forget(InstanceKey client) {
            asked.remove(client);
            answered.remove(client);
        }
    }

    @Override
    public Stream opened(Client client, long nanos) {
        long number = streams.incrementAndGet();
        Instant now = clock.instant();
        books.note(() -> {
            roll.opened(client, number, now);
            saved.changed();
        });
        return new Open(client, number);
    }

    private final class Open implements Stream {
        private final Client client;
        private final long number;

        Open(Client client, long number) {
            this.client = client;
            this.number = number;
        }

        @Override
        public void sent(Served served, long nanos) {
            books.note(() -> roll.sent(client, number, served, nanos));
        }

        @Override
        public void lost(Duration unheard) {
            Instant now = clock.instant();
            closed(roll -> roll.lost(client, number, unheard, now));
        }

        @Override
        public void left() {
            Instant now = clock.instant();
            closed(roll -> roll.parted(client, number, now));
        }

        private void closed(Consumer<ForeignRoll> how) {
            noted.forget(client.key());
            books.note(() -> {
                how.accept(roll);
                saved.changed();
            });
        }
    }

    @Override
    public void answered(Client client, boolean first, Served served, long nanos) {
        if (isNoted(noted.answered, client, new Noted(served, first, nanos))) {
            return;
        }
        Instant now = clock.instant();
        books.note(() -> {
            if (roll.answered(client, first, served, nanos, now)) {
                saved.changed();
            }
        });
    }

    @Override
    public void asked(Client client, Served served, long nanos) {
        if (isNoted(noted.asked, client, new Noted(served, false, nanos))) {
            return;
        }
        Instant now = clock.instant();
        books.note(() -> {
            if (roll.asked(client, served, nanos, now)) {
                saved.changed();
            }
        });
    }

    /** Whether the same was noted of the client a moment ago; if not, it counts as noted now. */
    private static boolean isNoted(Map<InstanceKey, Noted> last, Client client, Noted now) {
        Noted before = last.get(client.key());
        if (before != null
                && before.served.equals(now.served)
                && before.first == now.first
                && now.nanos - before.nanos < NOTED_AGAIN_NANOS) {
            return true;
        }
        if (last.size() > MANY) {
            // Who isn't there is noted again, and no more.
            last.clear();
        }
        last.put(client.key(), now);
        return false;
    }
}
