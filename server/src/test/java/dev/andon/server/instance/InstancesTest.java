package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
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
import java.util.concurrent.TimeUnit;
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
    void theLagIsThatOfTheConnectedInstanceThatHasOwedForLongest() {
        Frame.Ack ack = new Frame.Ack(new Frame.Held(new Provenance("ledger", 1, 1), "digest"), List.of(), 0);
        StreamId other = new StreamId(2, new InstanceKey("production", "shop", "shop-2"));
        assertThat(instances.lagSeconds()).isZero();
        instances.introduced(STREAM, HELLO, nanos.get());
        instances.acked(STREAM, ack, true, nanos.get());
        instances.introduced(other, HELLO, nanos.get());
        instances.acked(other, ack, true, nanos.get());
        instances.owes(STREAM);
        assertThat(instances.lagSeconds()).isZero();
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_500));
        assertThat(instances.lagSeconds()).isEqualTo(1.5);
        instances.owes(other);
        instances.owes(STREAM);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        instances.acked(STREAM, ack, false, nanos.get());
        assertThat(instances.lagSeconds()).isEqualTo(2);
        instances.acked(STREAM, ack, true, nanos.get());
        assertThat(instances.lagSeconds()).isEqualTo(0.5);
        instances.lost(other);
        assertThat(instances.lagSeconds()).as("it is unreachable now").isZero();
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
