package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Image;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Bookkeeper;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Recorder;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.StreamListener.StreamId;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
                folder,
                REMEMBER,
                () -> Image.EMPTY,
                environment -> Optional.empty(),
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

    @Test
    void whatInstancesStopByThemselvesDoesNotFillTheMemory() {
        List<Frame.LocalStops.Standing> many = new ArrayList<>();
        for (int i = 0; i < Frame.LocalStops.MAX_STOPS; i++) {
            many.add(new Frame.LocalStops.Standing(
                    new LocalStop(LocalStop.Source.FILE, new Target.OneFlag("flag-" + i), "why"), 0));
        }
        Frame.Report report = new Frame.Report(List.of(), Map.of(), Optional.of(new Frame.LocalStops(many, List.of())));
        int fit = Roll.MAX_LOCAL_STOPS / Frame.LocalStops.MAX_STOPS;
        for (int i = 0; i <= fit; i++) {
            report(i, report);
        }
        assertThat(stopsOf(fit - 1)).isEqualTo(Frame.LocalStops.MAX_STOPS);
        assertThat(stopsOf(fit)).isEqualTo(10);
        report(0, new Frame.Report(List.of(), Map.of(), Optional.of(Frame.LocalStops.NONE)));
        report(fit, report);
        assertThat(stopsOf(fit)).isEqualTo(Frame.LocalStops.MAX_STOPS);
    }

    private void report(int number, Frame.Report report) {
        StreamId stream = new StreamId(number, new InstanceKey("production", "shop", "shop-" + number));
        if (present(number).isEmpty()) {
            instances.introduced(
                    stream,
                    new Frame.Hello(
                            1, "test/1", "shop", "shop-" + number, Optional.empty(), Optional.empty(), List.of()),
                    nanos.get());
        }
        instances.reported(stream, report);
    }

    private Optional<Presence.Present> present(int number) {
        return books.ask(() -> instances.presence().present("production").stream()
                .filter(one -> one.instance().key().instance().equals("shop-" + number))
                .findFirst());
    }

    private int stopsOf(int number) {
        return present(number).orElseThrow().local().stops().size();
    }
}
