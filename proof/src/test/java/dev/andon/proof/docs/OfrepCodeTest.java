package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.andon.proof.harness.Api;
import dev.openfeature.contrib.providers.ofrep.OfrepProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProviderOptions;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of OFREP's page, run against a server. */
class OfrepCodeTest {
    @TempDir
    Path directory;

    @Test
    void anUnmodifiedClientEvaluates() throws Exception {
        try (Place place = new Place(directory);
                Api admin = new Api(place.server().port(), place.adminToken())) {
            assertThat(admin.createFlag("new-checkout").status()).isEqualTo(201);
            URI server = place.server().uri();
            String key = place.sdkKey();
            // snippet: ofrep-java
            OpenFeatureAPI.getInstance()
                    .setProviderAndWait(OfrepProvider.constructProvider(OfrepProviderOptions.builder()
                            .baseUrl(server.toString())
                            .headers(ImmutableMap.of("Authorization", ImmutableList.of("Bearer " + key)))
                            .build()));
            Client client = OpenFeatureAPI.getInstance().getClient();
            boolean newCheckout = client.getBooleanValue("new-checkout", false, new ImmutableContext("ann"));
            // end
            assertThat(newCheckout).isTrue();
            admin.kill("new-checkout", "it misbehaves").expect(200, 201, 202);
            assertThat(client.getBooleanValue("new-checkout", true, new ImmutableContext("ann")))
                    .isFalse();
            OpenFeatureAPI.getInstance().setProviderAndWait(new dev.openfeature.sdk.NoOpProvider());
        }
    }
}
