package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.core.model.KillId;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class UnsavedTest {
    private static final KillId KILL = new KillId("9f86d081", 1);

    private final AtomicLong nanos = new AtomicLong();
    private final Unsaved unsaved = new Unsaved(nanos::get);
    private final ConcurrentLinkedQueue<Set<KillId>> saves = new ConcurrentLinkedQueue<>();

    private Thread saver() {
        return Thread.ofVirtual().start(() -> {
            try {
                for (Set<KillId> due = unsaved.take(); !due.isEmpty(); due = unsaved.take()) {
                    saves.add(due);
                    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
                    unsaved.saved(List.of());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @Test
    void whatChangesAgainAndAgainIsSavedNowAndThen() throws InterruptedException {
        Thread saver = saver();
        long startNanos = System.nanoTime();
        int changes = 0;
        while (saves.size() < 3) {
            unsaved.add(KILL);
            changes++;
            Thread.onSpinWait();
        }
        // Two pauses lie between three saves, however many changes there were.
        assertThat(System.nanoTime() - startNanos)
                .isGreaterThan(Duration.ofMillis(900).toNanos());
        assertThat(changes).isGreaterThan(100);
        unsaved.close();
        saver.join();
    }

    @Test
    void atTheEndWhatIsLeftIsGivenOnceMoreAtOnce() throws InterruptedException {
        Thread saver = saver();
        unsaved.add(KILL);
        await().until(() -> saves.size() == 1);
        KillId late = new KillId("9f86d081", 2);
        unsaved.add(late);
        assertThat(unsaved.all()).contains(late);
        unsaved.close();
        saver.join();
        assertThat(saves).containsExactly(Set.of(KILL), Set.of(late));
    }
}
