package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.andon.proof.harness.Api;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.AndonProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProviderOptions;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the page about every language, run against a server: each program sees a flag that is on, and then a kill. */
class LanguagesCodeTest {
    private static final int SOON_SECONDS = 20;

    @TempDir
    Path directory;

    @Test
    void anUnmodifiedClientSeesAKillInTheNextEvaluation() throws Exception {
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

    @Test
    void andonsProviderTellsOfAKill() throws Exception {
        try (Place place = new Place(directory);
                Api admin = new Api(place.server().port(), place.adminToken())) {
            assertThat(admin.createFlag("new-checkout").status()).isEqualTo(201);
            URI server = place.server().uri();
            String sdkKey = place.sdkKey();
            Path stateDirectory = directory.resolve("state");
            BlockingQueue<Boolean> printed = new LinkedBlockingQueue<>();
            Consumer<Boolean> print = printed::add;
            // snippet: languages-java-andon
            OpenFeatureAPI features = OpenFeatureAPI.getInstance();
            features.setProviderAndWait(AndonProvider.connect(AndonOptions.builder()
                    .server(server)
                    .key(sdkKey)
                    .service("checkout")
                    .stateDirectory(stateDirectory)
                    .build()));
            Client client = features.getClient();
            EvaluationContext ann = new ImmutableContext("ann");
            client.onProviderConfigurationChanged(
                    changed -> print.accept(client.getBooleanValue("new-checkout", false, ann)));
            print.accept(client.getBooleanValue("new-checkout", false, ann));
            // end
            assertThat(printed.poll(SOON_SECONDS, TimeUnit.SECONDS)).isTrue();
            admin.kill("new-checkout", "it misbehaves").expect(200, 201, 202);
            assertThat(printed.poll(SOON_SECONDS, TimeUnit.SECONDS)).isFalse();
            features.shutdown();
        }
    }
}
