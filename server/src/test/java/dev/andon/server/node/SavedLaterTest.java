package dev.andon.server.node;

import static org.awaitility.Awaitility.await;

import dev.andon.store.LocalFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SavedLaterTest {
    @Test
    void whoeverWasTooBusyToSayWhatToSaveIsAskedAgain(@TempDir Path folder) {
        Path file = folder.resolve("state");
        AtomicInteger asked = new AtomicInteger();
        try (SavedLater saved = new SavedLater(
                "state",
                new LocalFile(file),
                () -> {
                    if (asked.incrementAndGet() < 3) {
                        throw new TooBusy("not now", null);
                    }
                    return new byte[] {1};
                },
                1,
                System::nanoTime)) {
            saved.start();
            saved.changed();
            await().until(() -> Files.exists(file));
        }
    }

    @Test
    void whatIsSaidToBeSavedAfterTheEndIsNot(@TempDir Path folder) {
        Path file = folder.resolve("state");
        CompletableFuture<byte[]> content = new CompletableFuture<>();
        AtomicInteger asked = new AtomicInteger();
        SavedLater saved = new SavedLater(
                "state",
                new LocalFile(file),
                () -> {
                    asked.incrementAndGet();
                    return content.join();
                },
                1,
                System::nanoTime);
        saved.start();
        saved.changed();
        await().until(() -> asked.get() == 1);
        saved.close();
        content.complete(new byte[] {1});
        await().during(Duration.ofMillis(200)).until(() -> !Files.exists(file));
    }
}
