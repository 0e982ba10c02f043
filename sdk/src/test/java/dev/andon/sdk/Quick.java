package dev.andon.sdk;

import dev.andon.core.stream.LinkSettings;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;

/** Links for tests in which what happens next matters, and not how long it is waited for. */
final class Quick {
    /** Long enough for a machine that has much else to do. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final int REST_MS = 40;

    /** Reports, polls and the WebSocket beside them come tens of times as often as in the field. */
    private static final LinkSettings LINK =
            LinkSettings.DEFAULT.withReportMs(50).withWebSocketFailures(1).withWebSocketRetryMs(100);

    /** Draws one wait before every attempt to connect, whatever the longest one could be. */
    private static final RandomGenerator SHORT_RESTS = () -> 2L * REST_MS;

    private Quick() {}

    static ConditionFactory await() {
        return Awaitility.await().atMost(PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    static Andon connect(AndonOptions.Builder builder) {
        AndonOptions options = builder.build();
        Andon andon = new Andon(
                options,
                LINK.withBlindAfterMs((int) options.blindAfter().toMillis()),
                new NetOpener(options, SHORT_RESTS, System::nanoTime),
                InstantSource.system(),
                System::nanoTime,
                SHORT_RESTS);
        andon.start();
        return andon;
    }
}
