package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class BookkeeperTest {
    private static final int NOTES = 2_000;
    private static final long PATIENCE_SECONDS = 60;

    /** As long as it takes the thread to rest, and somewhat less or more. */
    private static final int SHORTEST_PAUSE_NANOS = 400_000;

    private static final int LONGEST_PAUSE_NANOS = 700_000;

    /** Each is waited for before the next comes, which would wake the thread for it; and no question is asked, which would, too. */
    @Test
    void a_note_is_done_however_it_falls_on_the_rest() throws InterruptedException {
        Random random = new Random(5);
        try (Bookkeeper books = new Bookkeeper()) {
            books.start();
            for (int i = 0; i < NOTES; i++) {
                CountDownLatch done = new CountDownLatch(1);
                books.note(done::countDown);
                assertThat(done.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
                LockSupport.parkNanos(random.nextInt(SHORTEST_PAUSE_NANOS, LONGEST_PAUSE_NANOS));
            }
        }
    }

    @Test
    void what_was_handed_over_is_done_before_it_ends_and_a_bug_costs_one_note() {
        List<String> done = new ArrayList<>();
        Bookkeeper books = new Bookkeeper();
        books.note(() -> done.add("first"));
        books.note(() -> {
            throw new IllegalStateException("planted");
        });
        books.note(() -> done.add("last"));
        books.start();
        assertThat(books.ask(() -> List.copyOf(done))).containsExactly("first", "last");
        books.note(() -> done.add("before the end"));
        books.close();
        assertThat(done).containsExactly("first", "last", "before the end");
    }
}
