package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.json.Fields;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.Observation;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LocalStopBookTest {
    private static final Frame.LocalStops NONE = Frame.LocalStops.NONE;
    private static final Frame.LocalStops PAY = stops("pay");

    private final List<Observation> recorded = new ArrayList<>();
    private final LocalStopBook book = book(recorded);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    private static LocalStopBook book(List<Observation> recorded) {
        return new LocalStopBook(recorded::add, () -> Image.EMPTY);
    }

    private static Frame.LocalStops stops(String... targets) {
        return new Frame.LocalStops(
                Stream.of(targets)
                        .map(target -> new Frame.LocalStops.Standing(
                                new LocalStop(LocalStop.Source.ENVIRONMENT, Target.parse(target), "INC-7"), 1))
                        .toList(),
                List.of());
    }

    private static InstanceKey instance(int number) {
        return new InstanceKey("production", "shop", "shop-" + number);
    }

    private void later(Duration time) {
        now = now.plus(time);
        book.tick(now);
    }

    private List<String> types() {
        return recorded.stream().map(Observation::type).toList();
    }

    @Test
    void aThousandProcessesOfAServiceAreOneEntryAndOneAtTheEnd() {
        for (int i = 0; i < 1_000; i++) {
            book.change(instance(i), NONE, PAY, true, now);
        }
        assertThat(recorded).singleElement().satisfies(one -> {
            assertThat(one.type()).isEqualTo("local-stop.began");
            assertThat(one.reason())
                    .isEqualTo("service shop stops pay by itself (its environment: INC-7), first seen in shop-0");
            Event.Observed event = one.event();
            assertThat(event.about()).isEqualTo("production/service/shop");
            assertThat(event.flags()).containsExactly("pay");
        });
        later(Duration.ofHours(1));
        for (int i = 0; i < 999; i++) {
            book.change(instance(i), PAY, NONE, true, now);
        }
        later(Duration.ofHours(1));
        assertThat(types()).containsExactly("local-stop.began");
        book.change(instance(999), PAY, NONE, true, now);
        later(Duration.ZERO);
        assertThat(types()).containsExactly("local-stop.began", "local-stop.ended");
        assertThat(recorded.getLast().reason()).endsWith("as far as this node sees: it was lifted");
    }

    @Test
    void eachServiceEnvironmentSourceAndTargetIsOne() {
        book.change(instance(1), NONE, stops("pay", "tag:x"), true, now);
        book.change(new InstanceKey("production", "cart", "shop-1"), NONE, PAY, true, now);
        book.change(new InstanceKey("staging", "shop", "shop-1"), NONE, PAY, true, now);
        assertThat(recorded).hasSize(4).extracting(Observation::once).doesNotHaveDuplicates();
    }

    @Test
    void processesThatComeAndGoAgainAndAgainAreOneEntry() {
        for (int i = 0; i < 100; i++) {
            book.change(instance(i), NONE, PAY, true, now);
            later(Duration.ofSeconds(20));
            book.change(instance(i), PAY, NONE, false, now);
            later(LocalStopBook.QUIET.minusSeconds(1));
        }
        assertThat(types()).containsExactly("local-stop.began");
        later(Duration.ofSeconds(1));
        assertThat(types()).containsExactly("local-stop.began", "local-stop.ended");
        assertThat(recorded.getLast().reason()).endsWith("the processes are gone");
    }

    @Test
    void aCodeThatStopsAndLiftsInTurnsIsOneEntry() {
        for (int i = 0; i < 100; i++) {
            book.change(instance(1), NONE, PAY, true, now);
            book.change(instance(1), PAY, NONE, true, now);
            later(Duration.ofMillis(500));
        }
        assertThat(types()).containsExactly("local-stop.began");
        later(LocalStopBook.QUIET);
        assertThat(types()).containsExactly("local-stop.began", "local-stop.ended");
    }

    @Test
    void thereIsRoomForSoManyAndNoMoreAndWhatDidNotFitEndsNothing() {
        for (int i = 0; i <= LocalStopBook.MAX_OPEN; i++) {
            book.change(instance(1), NONE, stops("flag-" + i), true, now);
        }
        assertThat(recorded).hasSize(LocalStopBook.MAX_OPEN);
        book.change(instance(1), stops("flag-" + LocalStopBook.MAX_OPEN), NONE, true, now);
        later(LocalStopBook.QUIET);
        assertThat(recorded).hasSize(LocalStopBook.MAX_OPEN);
        book.change(instance(1), stops("flag-0"), NONE, true, now);
        later(Duration.ZERO);
        book.change(instance(1), NONE, stops("another"), true, now);
        assertThat(recorded).hasSize(LocalStopBook.MAX_OPEN + 2);
    }

    @Test
    void overARestartItGoesOnAndWhatWasOnItsWayIsNotedAgainUnderTheSameName() {
        book.change(instance(1), NONE, stops("pay", "search", "cart"), true, now);
        recorded.get(0).written().accept(7);
        recorded.get(2).written().accept(8);
        later(LocalStopBook.QUIET);
        book.change(instance(1), stops("pay", "search", "cart"), stops("pay", "search"), true, now);
        later(Duration.ZERO);
        List<Observation> again = new ArrayList<>();
        LocalStopBook next = book(again);
        next.load(book.saved().stream().map(Fields::lenient).toList(), now);
        assertThat(again)
                .extracting(Observation::once)
                .containsExactlyInAnyOrder(
                        recorded.get(1).once(), recorded.get(3).once());
        next.change(instance(1), NONE, PAY, true, now);
        next.tick(now.plus(LocalStopBook.QUIET));
        assertThat(again).hasSize(3);
        assertThat(again.getLast().reason()).startsWith("service shop no longer stops search by itself");
        again.forEach(one -> one.written().accept(9));
        assertThat(next.saved()).hasSize(1);
    }
}
