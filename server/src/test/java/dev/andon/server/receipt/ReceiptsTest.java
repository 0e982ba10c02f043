package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.server.MemoryPlane;
import dev.andon.server.Patience;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.CommandContext;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.TooBusy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Receipts reach the disk, whatever keeps them from it for a while. */
class ReceiptsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ANSWER_MS = 100;
    private static final int QUESTIONS = 5;

    @TempDir
    Path data;

    private final MemoryPlane plane = new MemoryPlane(InstantSource.system());
    private final Bookkeeper books = new Bookkeeper(ANSWER_MS);
    private Path folder;
    private Receipts receipts;

    @BeforeEach
    void open() {
        folder = data.resolve("receipts");
        receipts = receipts(books, folder);
    }

    private static Receipts receipts(Bookkeeper books, Path folder) {
        return new Receipts(
                books,
                folder,
                environment -> List.of(),
                observation -> {},
                Deadlines.DEFAULT,
                InstantSource.system(),
                System::nanoTime);
    }

    @AfterEach
    void close() {
        receipts.close();
        books.close();
    }

    @Test
    void whenTheBooksWereBehind() {
        StandingKill kill = kill();
        CountDownLatch behind = new CountDownLatch(1);
        receipts.onKills("production", List.of(kill));
        books.note(() -> awaitQuietly(behind));
        books.start();
        for (int i = 0; i < QUESTIONS; i++) {
            assertThatThrownBy(() -> receipts.show(kill.id())).isInstanceOf(TooBusy.class);
        }
        behind.countDown();
        await().atMost(PATIENCE).until(() -> Files.exists(file(kill)));
    }

    @Test
    void whenTheFolderCouldNotBeWritten() throws IOException {
        Files.delete(folder);
        Files.createFile(folder);
        StandingKill kill = kill();
        books.start();
        receipts.onKills("production", List.of(kill));
        awaitShown(kill);
        Files.delete(folder);
        Files.createDirectory(folder);
        await().atMost(PATIENCE).until(() -> Files.exists(file(kill)));
    }

    @Test
    void notOnceTheyAreClosed() {
        Path closing = data.resolve("closing");
        try (Bookkeeper slow = new Bookkeeper(Patience.PATIENCE.toMillis())) {
            slow.start();
            Receipts closed = receipts(slow, closing);
            StandingKill kill = kill();
            CountDownLatch behind = new CountDownLatch(1);
            // From the books' own thread, so that nothing comes between.
            slow.note(() -> {
                closed.onKills("production", List.of(kill));
                slow.note(() -> awaitQuietly(behind));
            });
            closed.close();
            behind.countDown();
            assertThat(slow.<Boolean>ask(() -> true)).isTrue();
            await().during(Duration.ofMillis(200)).until(() -> !Files.exists(closing.resolve(kill.id() + ".receipt")));
        }
    }

    /** Reading from a pipe that nobody writes to never ends, as on a disk that hangs. */
    @Test
    void aNewKillsReceiptIsNotLookedForOnADiskThatMayHang() throws IOException, InterruptedException {
        StandingKill kill = kill();
        Process pipe = new ProcessBuilder("mkfifo", file(kill).toString()).start();
        assertThat(pipe.waitFor()).isZero();
        books.start();
        receipts.onKills("production", List.of(kill));
        awaitShown(kill);
    }

    private void awaitShown(StandingKill kill) {
        await().atMost(PATIENCE)
                .ignoreException(TooBusy.class)
                .until(() -> receipts.show(kill.id()).isPresent());
    }

    private Path file(StandingKill kill) {
        return folder.resolve(kill.id() + ".receipt");
    }

    private StandingKill kill() {
        KillAnswer answer = plane.kill(
                new KillRequest(
                        "production", new Target.OneFlag("f"), Optional.empty(), List.of(), List.of(), Origin.HUMAN),
                new CommandContext("me", "bad", "c1", Optional.empty(), false));
        return ((KillAnswer.Standing) answer).kill();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
