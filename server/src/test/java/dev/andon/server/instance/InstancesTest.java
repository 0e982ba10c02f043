package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Image;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.StreamListener.StreamId;
import dev.andon.store.LocalFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstancesTest {
    private static final Duration REMEMBER = Duration.ofMinutes(10);
    private static final StreamId STREAM = new StreamId(1, new InstanceKey("production", "shop", "one"));
    private static final Frame.Hello HELLO =
            new Frame.Hello(1, "test/1", "shop", "one", Optional.empty(), Optional.empty(), List.of());

    private final AtomicReference<Instant> timeOfDay = new AtomicReference<>(Instant.parse("2026-11-22T12:00:00Z"));
    private final AtomicLong nanos = new AtomicLong(17);
    private final Bookkeeper books = new Bookkeeper();
    private Instances instances;

    @BeforeEach
    void open(@TempDir Path folder) {
        books.start();
        instances = new Instances(
                books,
                new LocalFile(folder.resolve("instances")),
                REMEMBER,
                () -> Image.EMPTY,
                new Recorder(1, 1, nanos::get),
                timeOfDay::get,
                nanos::get);
    }

    @AfterEach
    void close() {
        instances.close();
        books.close();
    }

    @Test
    void settingTheMachinesClockMakesNobodyForgotten() {
        instances.introduced(STREAM, HELLO, nanos.get());
        instances.lost(STREAM);
        timeOfDay.updateAndGet(now -> now.plus(Duration.ofDays(1)));
        instances.tick();
        assertThat(instances.unreachable()).isEqualTo(1);
        timeOfDay.updateAndGet(now -> now.minus(Duration.ofDays(2)));
        instances.tick();
        assertThat(instances.unreachable()).isEqualTo(1);
        nanos.addAndGet(REMEMBER.plusSeconds(1).toNanos());
        instances.tick();
        assertThat(instances.unreachable()).isZero();
    }
}
