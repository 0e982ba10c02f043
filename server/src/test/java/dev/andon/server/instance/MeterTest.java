package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.Traffic;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeterTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong nanos = new AtomicLong(-5 * SECOND);
    private final Meter meter = new Meter(nanos::get);
    private final Image image = image();

    private static Image image() {
        Configuration configuration = new Configuration(
                Map.of("on", Json.of(true), "off", Json.of(false)),
                "off",
                true,
                List.of(),
                List.of(),
                new Serve.Fixed("on"),
                new WhenBlind.Keep());
        return new ImageDelta(Image.EMPTY)
                .apply(1, new Event.EnvironmentSaved(new Environment("production", "")))
                .apply(1, new Event.ConfigurationSaved("production", "a", configuration))
                .apply(1, new Event.ConfigurationSaved("production", "b", configuration))
                .build(new Provenance("ledger", 1, 1));
    }

    private void report(String service, String flag, String variant, long number) {
        Frame.Exposures served = new Frame.Exposures(1, List.of(), Map.of(flag, Map.of(variant, number)));
        meter.reported(
                new InstanceKey("production", service, service + "-1"),
                new Frame.Report(List.of(served), Map.of()),
                image);
    }

    private void pass(long seconds) {
        nanos.addAndGet(seconds * SECOND);
    }

    private Traffic.Counted of(String... flags) {
        return meter.counted("production", Set.of(flags), Set.of());
    }

    @Test
    void evaluationsAreCountedByFlagVariantAndService() {
        report("shop", "a", "on", 60);
        report("shop", "a", "off", 20);
        report("cart", "a", "on", 10);
        report("cart", "b", "on", 10);
        pass(20);

        Traffic.Counted counted = of("a");
        assertThat(counted.all()).isEqualTo(100);
        assertThat(counted.touched()).isEqualTo(90);
        assertThat(counted.share()).isEqualTo(0.9);
        assertThat(counted.seconds()).isEqualTo(20);
        assertThat(counted.byFlag()).isEqualTo(Map.of("a", Map.of("on", 70L, "off", 20L)));
        assertThat(counted.byService()).isEqualTo(Map.of("shop", 80L, "cart", 10L));
        assertThat(meter.counted("production", Set.of("a", "b"), Set.of("cart")).touched())
                .isEqualTo(20);
        assertThat(of("b", "unknown").byFlag()).containsOnlyKeys("b");
    }

    @Test
    void whatIsOlderThanFiveMinutesDoesNotCount() {
        report("shop", "a", "on", 1);
        pass(290);
        report("shop", "a", "on", 2);
        assertThat(of("a").touched()).isEqualTo(3);
        assertThat(of("a").seconds()).isEqualTo(290);
        pass(10);
        assertThat(of("a").touched()).isEqualTo(2);
        assertThat(of("a").seconds()).isEqualTo(300);
        pass(100_000);
        assertThat(of("a").touched()).isZero();
        assertThat(of("a").share()).isZero();
    }

    @Test
    void whatThereIsNotIsNotCounted() {
        report("shop", "unknown", "on", 7);
        report("shop", "a", "unknown", 7);
        meter.reported(
                new InstanceKey("nowhere", "shop", "shop-1"),
                new Frame.Report(List.of(new Frame.Exposures(1, List.of(), Map.of("a", Map.of("on", 7L)))), Map.of()),
                image);
        assertThat(of("a").all()).isZero();
        assertThat(meter.counted("nowhere", Set.of("a"), Set.of()).all()).isZero();
    }

    @Test
    void servicesWithoutEndAreSummedUpAndSaidToBe() {
        for (int i = 0; i < 100_001; i++) {
            report("service-" + i, "a", "on", 1);
        }
        assertThat(of("a").complete()).isFalse();
        assertThat(of("a").all()).isEqualTo(100_001);
        assertThat(of("a").touched()).isEqualTo(100_000);
        pass(400);
        report("shop", "a", "on", 5);
        assertThat(of("a").complete()).isTrue();
        assertThat(of("a").touched()).isEqualTo(5);
    }
}
