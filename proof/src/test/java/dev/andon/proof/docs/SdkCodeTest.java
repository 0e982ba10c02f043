package dev.andon.proof.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.AndonProvider;
import dev.andon.sdk.BoolFlag;
import dev.andon.sdk.Details;
import dev.andon.sdk.Status;
import dev.andon.sdk.Subscription;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.Value;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The code of the README and of the SDK's page, run against a server. */
class SdkCodeTest {
    private static final Logger log = LoggerFactory.getLogger(SdkCodeTest.class);
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private Place place;
    private Api admin;
    private URI server;
    private String sdkKey;
    private Path stateDirectory;

    @BeforeEach
    void open() throws Exception {
        place = new Place(directory);
        admin = new Api(place.server().port(), place.adminToken());
        server = place.server().uri();
        sdkKey = place.sdkKey();
        stateDirectory = directory.resolve("state");
        assertThat(admin.createFlag("new-checkout").status()).isEqualTo(201);
    }

    @AfterEach
    void close() throws Exception {
        admin.close();
        place.close();
    }

    private Andon connected() throws InterruptedException {
        // snippet: sdk-connect
        Andon andon = Andon.connect(AndonOptions.builder()
                .server(server)
                .key(sdkKey)
                .service("checkout")
                .region("eu-west")
                .stateDirectory(stateDirectory)
                .build());
        // end
        // snippet: sdk-ready
        if (!andon.awaitReady(Duration.ofSeconds(5))) {
            log.warn("Starting with {}", andon.status());
        }
        // end
        assertThat(andon.status().state()).isEqualTo(Status.State.LIVE);
        return andon;
    }

    @Test
    void theReadmesCodeAsksAFlag() throws Exception {
        // snippet: readme-sdk
        Andon andon = Andon.connect(AndonOptions.builder()
                .server(server)
                .key(sdkKey)
                .service("checkout")
                .stateDirectory(stateDirectory)
                .build());

        BoolFlag newCheckout = andon.bool("new-checkout");
        if (newCheckout.isOn(Context.of("user-4711").with("country", "DE"))) {
            // the new way
        }
        // end
        assertThat(andon.awaitReady(SOON)).isTrue();
        assertThat(newCheckout.isOn(Context.of("user-4711"))).isTrue();
        andon.close();
    }

    @Test
    void handlesAnswerAndSayWhy() throws Exception {
        Andon andon = connected();
        Shop shop = new Shop(andon);
        assertThat(shop.checksOutOnOnePage("user-4711", "DE")).isTrue();
        assertThat(shop.resultsPerPage("user-4711")).as("no such flag").isEqualTo(10);

        BoolFlag newCheckout = andon.bool("new-checkout");
        // snippet: sdk-details
        Details<Boolean> details = newCheckout.evaluate(Context.of("user-4711"), false);
        log.info("{}: {} because of {}", details.flag(), details.value(), details.reason());
        // end
        assertThat(details.reason()).isEqualTo(Reason.STATIC);
        // snippet: sdk-close
        andon.close();
        // end
        assertThat(newCheckout.isOn(Context.EMPTY)).as("from the last state").isTrue();
        try (var files = Files.list(stateDirectory)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void aContextOfTheApplicationsOwnIsReadInPlace() throws Exception {
        Json ofUs = Json.object()
                .put("attribute", "email")
                .put("endsWith", Json.texts(List.of("@example.org")))
                .build();
        Json first = Json.object()
                .put("when", ofUs)
                .put("serve", Json.object().put("variant", "on"))
                .build();
        Json.Builder staff = Api.configuration("off").put("rules", Json.array(List.of(first)));
        assertThat(admin.configure("new-checkout", staff, "staff first", "*").status())
                .isEqualTo(200);
        try (Andon andon = connected()) {
            BoolFlag newCheckout = andon.bool("new-checkout");
            assertThat(newCheckout.isOn(new Caller(new User("user-1", "ann@example.org"), "DE")))
                    .isTrue();
            assertThat(newCheckout.isOn(new Caller(new User("user-2", "bob@example.com"), "DE")))
                    .isFalse();
        }
    }

    @Test
    void listenersAreToldOfChangesAndOfContact() throws Exception {
        Andon andon = connected();
        Map<String, String> cache = new ConcurrentHashMap<>(Map.of("new-checkout", "rendered", "other", "rendered"));
        // snippet: sdk-listeners
        Subscription status = andon.onStatus(news -> log.info("Andon is {}", news));
        Subscription changes = andon.onChange(flags -> cache.keySet().removeAll(flags));
        // end
        assertThat(admin.kill("new-checkout", "try it").status()).isEqualTo(201);
        Until.holds("the change is told", SOON, () -> !cache.containsKey("new-checkout"));
        assertThat(cache).containsKey("other");
        status.close();
        changes.close();
        andon.close();
    }

    @Test
    void codeStopsInItsOwnProcessAndLifts() throws Exception {
        Andon andon = connected();
        final class Guard {
            // snippet: sdk-kill-locally
            void stopCheckout() {
                andon.killLocally("new-checkout", "three payments in a row failed");
            }

            void startCheckout() {
                andon.liftLocally("new-checkout");
            }
            // end
        }
        BoolFlag newCheckout = andon.bool("new-checkout");
        Guard guard = new Guard();
        assertThat(newCheckout.isOn(Context.EMPTY)).isTrue();
        guard.stopCheckout();
        assertThat(newCheckout.isOn(Context.EMPTY)).isFalse();
        guard.startCheckout();
        assertThat(newCheckout.isOn(Context.EMPTY)).isTrue();
        andon.close();
    }

    @Test
    void proxiesAndCertificatesAreOptions() throws Exception {
        Path certificates = Certificate.in(directory).chain();
        // snippet: sdk-network
        AndonOptions options = AndonOptions.builder()
                .server(URI.create("https://andon.example.com"))
                .key(sdkKey)
                .service("checkout")
                .proxy(URI.create("http://user:password@proxy.example.com:3128"))
                .trustedCertificates(certificates)
                .build();
        // end
        assertThat(options.toString()).contains("andon.example.com").doesNotContain("password");
    }

    @Test
    void itIsAProviderForOpenFeature() {
        AndonOptions options = AndonOptions.builder()
                .server(server)
                .key(sdkKey)
                .service("checkout")
                .build();
        // snippet: sdk-openfeature
        OpenFeatureAPI.getInstance().setProviderAndWait(AndonProvider.connect(options));
        Client flags = OpenFeatureAPI.getInstance().getClient();
        EvaluationContext caller = new ImmutableContext("user-4711", Map.of("country", new Value("DE")));
        boolean onePage = flags.getBooleanValue("new-checkout", false, caller);
        // end
        assertThat(onePage).isTrue();
        OpenFeatureAPI.getInstance().shutdown();
    }
}
