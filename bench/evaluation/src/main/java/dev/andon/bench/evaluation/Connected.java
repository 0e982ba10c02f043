package dev.andon.bench.evaluation;

import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import java.net.URI;
import java.time.Duration;

/** An application's link to the server that the process is told of. */
final class Connected {
    private static final Duration READY = Duration.ofMinutes(2);

    private Connected() {}

    static Andon andon() {
        Andon andon = Andon.connect(AndonOptions.builder()
                .server(URI.create(property("andon.bench.server")))
                .key(property("andon.bench.key"))
                .service("application")
                .build());
        try {
            if (!andon.awaitReady(READY)) {
                throw new IllegalStateException("andon: not ready within " + READY);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return andon;
    }

    private static String property(String name) {
        String value = System.getProperty(name);
        if (value == null) {
            throw new IllegalStateException(name + ": missing (expected: set by ./andon bench evaluation)");
        }
        return value;
    }
}
