package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BookkeeperTest {
    private static final int WRITERS = 3;
    private static final int NOTES = 2_000;
    private static final long PATIENCE_SECONDS = 60;

    /** The longest pauses are as long as it takes the thread to rest, so that many notes come just as it does. */
    private static final int LONGEST_PAUSE_NANOS = 700_000;

    @Test
    void nothing_is_left_undone_however_notes_fall_on_its_rest() throws InterruptedException {
        CountDownLatch left = new CountDownLatch(WRITERS * NOTES);
        List<List<Integer>> done = new ArrayList<>();
        try (Bookkeeper books = new Bookkeeper()) {
            books.start();
            List<Thread> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                Random random = new Random(writer);
                List<Integer> mine = new ArrayList<>();
                done.add(mine);
                writers.add(Thread.ofPlatform().start(() -> {
                    for (int i = 0; i < NOTES; i++) {
                        int number = i;
                        books.note(() -> {
                            mine.add(number);
                            left.countDown();
                        });
                        LockSupport.parkNanos(random.nextInt(LONGEST_PAUSE_NANOS));
                    }
                }));
            }
            for (Thread writer : writers) {
                writer.join();
            }
            // No question is asked, which would wake it.
            assertThat(left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        List<Integer> inOrder = IntStream.range(0, NOTES).boxed().toList();
        assertThat(done).allSatisfy(mine -> assertThat(mine).isEqualTo(inOrder));
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
