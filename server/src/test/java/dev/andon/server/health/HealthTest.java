package dev.andon.server.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class HealthTest {
    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void readyMeansThatAnImageIsLoadedWhateverTheStoreDoes() {
        assertThat(api.get("/health/live").body()).isEqualTo("{\"live\":true}");
        Answer ready = api.get("/health/ready");
        assertThat(ready.status()).isEqualTo(200);
        assertThat(ready.text("message")).isEqualTo("serving");
        assertThat(ready.text("image.version")).isEqualTo("1");
        api.plane.cutOff();
        api.now.updateAndGet(now -> now.plus(Duration.ofSeconds(42)));
        Answer cutOff = api.get("/health/ready");
        assertThat(cutOff.status()).isEqualTo(200);
        assertThat(cutOff.text("store.state")).isEqualTo("cut-off");
        assertThat(cutOff.text("message")).startsWith("serving, but cut off from the ledger for 42 s");
    }

    @Test
    void numbersAreThereForPrometheus() {
        api.get("/api/v1/flags");
        // A request is counted once its answer is on its way.
        await().until(() -> api.get("/metrics")
                .body()
                .contains("andon_http_requests_seconds_count{operation=\"listFlags\",status=\"200\"} 1"));
        api.plane.cutOff();
        Answer metrics = api.get("/metrics");
        assertThat(metrics.status()).isEqualTo(200);
        assertThat(metrics.response().headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain; version=0.0.4");
        assertThat(metrics.body())
                .contains("andon_kills_standing{environment=\"production\"} 0.0")
                .contains("andon_kills_pending 0.0")
                .contains("andon_kills_settle_lag_seconds 0.0")
                .contains("andon_image_version 1.0")
                .contains("andon_store_connected 0.0")
                .contains("jvm_memory_used_bytes");
    }
}
