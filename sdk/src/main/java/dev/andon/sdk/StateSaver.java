package dev.andon.sdk;

import dev.andon.core.stream.HeldState;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Writes states to the file in the background; of those that come in while one is being written, only the newest. */
final class StateSaver {
    private final StateFile file;
    private final Background background;
    private final AtomicReference<@Nullable HeldState> waiting = new AtomicReference<>();

    StateSaver(StateFile file, Background background) {
        this.file = file;
        this.background = background;
    }

    void save(HeldState state) {
        if (waiting.getAndSet(state) == null) {
            background.run(() -> {
                HeldState newest = waiting.getAndSet(null);
                if (newest != null) {
                    file.save(newest);
                }
            });
        }
    }
}
