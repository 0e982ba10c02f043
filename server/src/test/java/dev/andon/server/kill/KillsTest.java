package dev.andon.server.kill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.server.ApiClient.Answer;
import dev.andon.server.ApiFixture;
import org.junit.jupiter.api.Test;

class KillsTest {
    @Test
    void aKillThatStandsIsAnsweredSoEvenWhenItsReceiptCannotBeShown() {
        try (ApiFixture api = new ApiFixture()) {
            Answer kill = api.post(
                    "/api/v1/environments/production/kills",
                    "{'target': {'flag': 'new-checkout'}, 'reason': 'declines payments'}");
            assertThat(kill.status()).isEqualTo(201);
            assertThat(kill.text("ledger")).isEqualTo("pending");
            assertThat(kill.text("standing")).isEqualTo("true");
            assertThat(kill.text("durable")).isEqualTo("true");
            assertThat(kill.text("receipt.verdict")).isEqualTo("requested");

            Answer receipt = api.get("/api/v1/kills/" + kill.text("id"));
            assertThat(receipt.status()).isEqualTo(503);
            assertThat(receipt.text("code")).isEqualTo("busy");
        }
    }
}
