package dev.andon.sdk;

import static dev.andon.sdk.Quick.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.Json;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.Frame;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.MutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.ProviderEvaluation;
import dev.openfeature.sdk.ProviderEvent;
import dev.openfeature.sdk.ProviderState;
import dev.openfeature.sdk.Value;
import dev.openfeature.sdk.exceptions.GeneralError;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Through OpenFeature's own API, as an application uses it. */
class AndonProviderTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    private final Ruled ruled = new Ruled()
            .bool("checkout", true)
            .bool("off", false)
            .targeted("targeted")
            .split("split")
            .flag(
                    "greeting",
                    ValueType.STRING,
                    Ruled.variants("hello", Json.of("Hello"), "off", Json.of("")),
                    true,
                    keep())
            .flag("small", ValueType.INTEGER, Ruled.variants("seven", Json.of(7), "off", Json.of(0)), true, keep())
            .flag(
                    "large",
                    ValueType.INTEGER,
                    Ruled.variants("high", Json.of(1L << 40), "off", Json.of(0)),
                    true,
                    keep())
            .flag("ratio", ValueType.NUMBER, Ruled.variants("half", Json.of(0.5), "off", Json.of(0)), true, keep())
            .flag(
                    "layout",
                    ValueType.OBJECT,
                    Ruled.variants(
                            "wide",
                            Json.object()
                                    .put("columns", 3)
                                    .put("names", Json.of("a"), Json.of(2.5))
                                    .build(),
                            "off",
                            Json.object().build()),
                    true,
                    keep());
    private final FrameServer server = new FrameServer(ruled.snapshot());
    private final OpenFeatureAPI api = OpenFeatureAPI.getInstance();
    private final List<ProviderEvent> events = new CopyOnWriteArrayList<>();

    @TempDir
    Path directory;

    private static WhenBlind keep() {
        return new WhenBlind.Keep();
    }

    private Client ready() {
        return ready(SOON);
    }

    private Client ready(Duration firstContact) {
        Andon andon = Quick.connect(server.options().stateDirectory(directory).blindAfter(Duration.ofMillis(300)));
        api.setProviderAndWait(new AndonProvider(andon, andon::close, firstContact, firstContact));
        return api.getClient();
    }

    @AfterEach
    void end() {
        api.clearHooks();
        api.shutdown();
        server.close();
    }

    @Test
    void resolves_every_type() {
        api.setProviderAndWait(AndonProvider.connect(server.options().build()));
        Client client = api.getClient();
        assertThat(client.getProviderState()).isEqualTo(ProviderState.READY);
        assertThat(client.getBooleanValue("checkout", false)).isTrue();
        assertThat(client.getStringValue("greeting", "?")).isEqualTo("Hello");
        assertThat(client.getIntegerValue("small", 0)).isEqualTo(7);
        assertThat(client.getDoubleValue("ratio", 0.0)).isEqualTo(0.5);
        assertThat(client.getDoubleValue("small", 0.0)).isEqualTo(7.0);
        Value layout = client.getObjectValue("layout", new Value());
        assertThat(layout.asStructure().getValue("columns").asInteger()).isEqualTo(3);
        assertThat(layout.asStructure().getValue("names").asList()).hasSize(2);
        AndonProvider provider = (AndonProvider) api.getProvider();
        assertThat(provider.getLongEvaluation("large", 0L, null).getValue()).isEqualTo(1L << 40);
        FlagEvaluationDetails<Integer> tooLarge = client.getIntegerDetails("large", 5);
        assertThat(tooLarge.getValue()).isEqualTo(5);
        assertThat(tooLarge.getErrorCode()).isEqualTo(ErrorCode.TYPE_MISMATCH);
    }

    @Test
    void gives_variant_reason_and_metadata() {
        Client client = ready();
        FlagEvaluationDetails<Boolean> constant = client.getBooleanDetails("checkout", false);
        assertThat(constant.getVariant()).isEqualTo("on");
        assertThat(constant.getReason()).isEqualTo("STATIC");
        assertThat(constant.getErrorCode()).isNull();
        assertThat(constant.getFlagMetadata().getString("flagSetId")).isEqualTo("production");
        assertThat(constant.getFlagMetadata().getString("version")).isEqualTo("2");
        assertThat(client.getBooleanDetails("off", true).getReason()).isEqualTo("DISABLED");
        FlagEvaluationDetails<Boolean> matched =
                client.getBooleanDetails("targeted", false, new ImmutableContext(Map.of("country", new Value("DE"))));
        assertThat(matched.getValue()).isTrue();
        assertThat(matched.getReason()).isEqualTo("TARGETING_MATCH");
        assertThat(client.getBooleanDetails("targeted", true).getReason()).isEqualTo("DEFAULT");
        assertThat(client.getBooleanDetails("split", true, new ImmutableContext("user-1"))
                        .getReason())
                .isEqualTo("SPLIT");
    }

    @Test
    void an_answer_is_made_once_and_cannot_be_changed() {
        ready();
        AndonProvider provider = (AndonProvider) api.getProvider();
        ProviderEvaluation<Boolean> answer = provider.getBooleanEvaluation("checkout", false, null);
        assertThat(provider.getBooleanEvaluation("checkout", true, null)).isSameAs(answer);
        assertThatThrownBy(() -> answer.setValue(false)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> answer.setReason("OTHER")).hasMessageContaining("reason: can't be set");
        for (int i = 0; i < 2; i++) {
            assertThat(provider.getIntegerEvaluation("small", 0, null).getValue())
                    .isEqualTo(7);
            assertThat(provider.getLongEvaluation("small", 0L, null).getValue()).isEqualTo(7L);
            assertThat(provider.getDoubleEvaluation("small", 0.0, null).getValue())
                    .isEqualTo(7.0);
        }
    }

    @Test
    void what_a_caller_makes_of_an_object_is_its_own() {
        ready();
        AndonProvider provider = (AndonProvider) api.getProvider();
        names(provider).add(new Value("another"));
        assertThat(names(provider)).hasSize(2);
    }

    /** The list that the answer itself holds: by name, OpenFeature gives out copies. */
    private static List<Value> names(AndonProvider provider) {
        Value layout = provider.getObjectEvaluation("layout", new Value(), null).getValue();
        return layout.asStructure().asUnmodifiableMap().get("names").asList();
    }

    @Test
    void names_errors_and_gives_the_default() {
        Client client = ready();
        FlagEvaluationDetails<Boolean> unknown = client.getBooleanDetails("nothing", true);
        assertThat(unknown.getValue()).isTrue();
        assertThat(unknown.getErrorCode()).isEqualTo(ErrorCode.FLAG_NOT_FOUND);
        assertThat(unknown.getReason()).isEqualTo("ERROR");
        assertThat(client.getStringDetails("checkout", "?").getErrorCode()).isEqualTo(ErrorCode.TYPE_MISMATCH);
        assertThat(client.getBooleanDetails("split", true).getErrorCode()).isEqualTo(ErrorCode.TARGETING_KEY_MISSING);
    }

    @Test
    void reads_all_kinds_of_attributes() {
        Client client = ready();
        MutableContext context = new MutableContext("user-1");
        context.add("country", List.of(new Value("FR"), new Value("DE")));
        context.add("at", Instant.EPOCH);
        context.add("nested", new ImmutableContext(Map.of("a", new Value(1))));
        assertThat(client.getBooleanValue("targeted", false, context)).isTrue();
    }

    @Test
    void tells_of_a_kill_as_a_change() {
        Client client = ready();
        List<List<String>> changed = new CopyOnWriteArrayList<>();
        client.onProviderConfigurationChanged(details -> changed.add(details.getFlagsChanged()));
        server.broadcast(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))));
        await().atMost(SOON).until(() -> !changed.isEmpty());
        assertThat(changed).containsExactly(List.of("checkout"));

        FlagEvaluationDetails<Boolean> killed = client.getBooleanDetails("checkout", true);
        assertThat(killed.getValue()).isFalse();
        assertThat(killed.getReason()).isEqualTo("DISABLED");
        assertThat(killed.getFlagMetadata().getString("killId")).isEqualTo("9f86d081-1");
        assertThat(killed.getFlagMetadata().getString("andonReason")).isEqualTo("KILLED");
    }

    /** Section 5.3 of OpenFeature's specification: READY speaks of the first state, and events of what comes after. */
    @Test
    void the_first_state_is_no_change_however_late_listeners_are_told_of_it() throws InterruptedException {
        server.stop();
        try (Andon andon = Quick.connect(server.options())) {
            CountDownLatch held = new CountDownLatch(1);
            andon.onChange(flags -> awaitQuietly(held));
            Client client = api.getClient();
            List<String> told = new CopyOnWriteArrayList<>();
            client.onProviderReady(details -> told.add("READY"));
            client.onProviderConfigurationChanged(
                    details -> told.add(details.getFlagsChanged().toString()));
            api.setProvider(andon.openFeatureProvider());
            await().atMost(SOON).until(AndonProviderTest::someoneWaitsToBeReady);
            server.restart();
            await().atMost(SOON).until(() -> told.equals(List.of("READY")));
            assertThat(client.getBooleanValue("checkout", false)).isTrue();
            held.countDown();

            server.broadcast(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))));
            await().atMost(SOON).until(() -> told.contains("[checkout]"));
            assertThat(told).containsExactly("READY", "[checkout]");
        }
    }

    private static boolean someoneWaitsToBeReady() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .anyMatch(frame -> frame.getMethodName().equals("awaitReady"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void the_last_of_many_changes_of_status_is_what_holds() {
        Client client = ready();
        AndonProvider provider = (AndonProvider) api.getProvider();
        await().atMost(SOON).until(provider::tellsStatus);
        for (int i = 0; i < 1_000; i++) {
            provider.tell(new Status(Status.State.STALE, Instant.EPOCH));
            provider.tell(new Status(Status.State.BLIND, Instant.EPOCH));
            provider.tell(new Status(Status.State.LIVE, Instant.EPOCH));
            provider.tell(new Status(Status.State.STALE, Instant.EPOCH));
            assertThat(client.getProviderState()).as("round " + i).isEqualTo(ProviderState.STALE);
        }
    }

    @Test
    void is_stale_at_once_in_error_after_the_time_of_grace_and_ready_again() {
        Client client = ready();
        client.onProviderReady(details -> events.add(ProviderEvent.PROVIDER_READY));
        client.onProviderStale(details -> events.add(ProviderEvent.PROVIDER_STALE));
        client.onProviderError(details -> events.add(ProviderEvent.PROVIDER_ERROR));
        await().atMost(SOON).until(() -> events.equals(List.of(ProviderEvent.PROVIDER_READY)));
        await().atMost(SOON).until(((AndonProvider) api.getProvider())::tellsStatus);
        events.clear();

        server.stop();
        await().atMost(SOON).until(() -> events.contains(ProviderEvent.PROVIDER_STALE));
        assertThat(client.getBooleanValue("checkout", false)).isTrue();
        await().atMost(SOON).until(() -> client.getProviderState() == ProviderState.ERROR);
        assertThat(client.getBooleanValue("checkout", false))
                .as("from the last known state")
                .isTrue();
        server.restart();
        await().atMost(SOON).until(() -> client.getProviderState() == ProviderState.READY);
        await().atMost(SOON)
                .until(() -> events.equals(List.of(
                        ProviderEvent.PROVIDER_STALE, ProviderEvent.PROVIDER_ERROR, ProviderEvent.PROVIDER_READY)));
    }

    @Test
    void starts_stale_from_the_last_known_state() {
        ready();
        await().atMost(SOON).until(() -> directory.toFile().list((in, name) -> name.endsWith(".json")).length == 1);
        api.setProviderAndWait(new dev.openfeature.sdk.NoOpProvider());
        await().atMost(SOON).until(() -> server.received(Frame.Bye.class).size() == 1);
        server.stop();
        Andon andon = Andon.connect(server.options().stateDirectory(directory).build());
        api.setProviderAndWait(new AndonProvider(andon, andon::close, SOON, Duration.ofMillis(50)));
        Client client = api.getClient();
        assertThat(client.getBooleanValue("checkout", false)).isTrue();
        await().atMost(SOON).until(() -> client.getProviderState() == ProviderState.STALE);
        server.restart();
        await().atMost(SOON).until(() -> client.getProviderState() == ProviderState.READY);
    }

    @Test
    void with_nothing_at_all_it_fails_in_time_and_becomes_ready_by_itself() {
        server.stop();
        long startNanos = System.nanoTime();
        assertThatThrownBy(() -> ready(Duration.ofMillis(200)))
                .isInstanceOf(GeneralError.class)
                .hasMessageContaining("still trying");
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isBetween(Duration.ofMillis(200), SOON);
        Client client = api.getClient();
        FlagEvaluationDetails<Boolean> details = client.getBooleanDetails("checkout", true);
        assertThat(details.getValue()).isTrue();
        assertThat(details.getErrorCode()).isEqualTo(ErrorCode.PROVIDER_NOT_READY);
        server.restart();
        await().atMost(SOON).until(() -> client.getProviderState() == ProviderState.READY);
        assertThat(client.getBooleanValue("checkout", false)).isTrue();
    }

    @Test
    void a_provider_of_a_link_leaves_the_link_alone() throws InterruptedException {
        try (Andon andon = Andon.connect(server.options().build())) {
            assertThat(andon.awaitReady(SOON)).isTrue();
            var provider = andon.openFeatureProvider();
            api.setProviderAndWait(provider);
            provider.shutdown();
            provider.shutdown();
            assertThat(andon.status().live()).isTrue();
            assertThat(provider.getBooleanEvaluation("checkout", false, null).getValue())
                    .isTrue();
            provider.track("bought", new ImmutableContext(), new dev.openfeature.sdk.ImmutableTrackingEventDetails(1));
        }
    }
}
