package dev.andon.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

final class LaneTest {
    private final Queue<Runnable> thread = new ArrayDeque<>();
    private final List<String> done = new ArrayList<>();
    private final Lane lane = new Lane(thread::add);

    private void work() {
        while (!thread.isEmpty()) {
            try {
                thread.remove().run();
            } catch (IllegalStateException e) {
                done.add("failed");
            }
        }
    }

    private void does(String what) {
        lane.run(() -> done.add(what));
    }

    @Test
    void whateverElseThereIsWaitsForOneOfItAtMost() {
        does("a");
        does("b");
        does("c");
        thread.add(() -> done.add("other"));
        thread.add(() -> does("d"));
        work();
        assertThat(done).containsExactly("a", "other", "b", "c", "d");
    }

    @Test
    void aTaskThatFailsHoldsUpNone() {
        lane.run(() -> {
            throw new IllegalStateException("on purpose");
        });
        does("a");
        work();
        does("b");
        work();
        assertThat(done).containsExactly("failed", "a", "b");
    }
}
