package dev.andon.sdk;

import dev.andon.core.evaluate.Context;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.json.Json;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.EventProvider;
import dev.openfeature.sdk.ImmutableMetadata;
import dev.openfeature.sdk.Metadata;
import dev.openfeature.sdk.ProviderEvaluation;
import dev.openfeature.sdk.ProviderEvent;
import dev.openfeature.sdk.ProviderEventDetails;
import dev.openfeature.sdk.Reason;
import dev.openfeature.sdk.Value;
import dev.openfeature.sdk.exceptions.GeneralError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Andon's provider for OpenFeature. Thread-safe; evaluations never throw and never block.
 *
 * <p>It is STALE at once when contact is lost and ERROR when it is lost for longer than {@link AndonOptions#blindAfter()};
 * evaluations go on from the last known state in both. It is READY again, with what changed, once contact is back.
 *
 * <p>Reasons are OpenFeature's: a killed flag, one that is off and one whose prerequisite isn't met are {@code DISABLED},
 * one that is safe because contact is lost is {@code STALE}, the fall-through is {@code DEFAULT}. Flag metadata has
 * {@code flagSetId} (the environment), {@code version}, {@code andonReason} (Andon's own word), {@code killId} if the flag is
 * killed, and {@code andonDetail} if this process stops it by itself. A flag that is stopped so and isn't known is
 * {@code DISABLED} with the caller's default, and no error.
 */
public final class AndonProvider extends EventProvider {
    private static final Duration FIRST_CONTACT = Duration.ofSeconds(5);
    private static final Duration FIRST_CONTACT_WITH_STATE = Duration.ofSeconds(1);
    private static final long AFTER_READY_MS = 100;
    private static final long LAST_EVENTS_MS = 200;

    private final Andon andon;
    private final Runnable atShutdown;
    private final Duration firstContact;
    private final Duration firstContactWithState;
    private final Background telling = new Background("andon-events");
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final AtomicBoolean shut = new AtomicBoolean();

    private volatile boolean initialized;

    /** What OpenFeature has been told; of no use before it has made up its mind. On the thread that tells it. */
    private Status.State told = Status.State.BLIND;

    private volatile boolean tellsStatus;

    AndonProvider(Andon andon, Runnable atShutdown) {
        this(andon, atShutdown, FIRST_CONTACT, FIRST_CONTACT_WITH_STATE);
    }

    AndonProvider(Andon andon, Runnable atShutdown, Duration firstContact, Duration firstContactWithState) {
        this.andon = andon;
        this.atShutdown = atShutdown;
        this.firstContact = firstContact;
        this.firstContactWithState = firstContactWithState;
    }

    /** A provider with a link of its own, which ends when OpenFeature shuts the provider down. */
    public static AndonProvider connect(AndonOptions options) {
        Andon andon = Andon.connect(options);
        return new AndonProvider(andon, andon::close);
    }

    /** The link, for what OpenFeature has no words for. */
    public Andon andon() {
        return andon;
    }

    @Override
    public Metadata getMetadata() {
        return () -> "andon";
    }

    /**
     * Waits for the first contact, 5 seconds at most; 1 second with a last known state, with which it is STALE then. Fails
     * where there is neither; the link goes on trying, and the provider becomes READY by itself.
     */
    @Override
    public void initialize(@Nullable EvaluationContext context) throws Exception {
        subscribe();
        boolean known = !andon.environment().isEmpty();
        andon.awaitReady(known ? firstContactWithState : firstContact);
        boolean usable = !andon.environment().isEmpty();
        andon.afterNews(() -> initialized = true);
        // OpenFeature makes up its mind when this returns, and would overwrite what it is told before.
        Status.State believed = usable ? Status.State.LIVE : Status.State.BLIND;
        CompletableFuture.delayedExecutor(AFTER_READY_MS, TimeUnit.MILLISECONDS)
                .execute(() -> andon.afterNews(() -> telling.run(() -> tellStatusFrom(believed))));
        if (!usable) {
            throw new GeneralError("no contact with " + andon.options().at() + " yet, and no last known state:"
                    + " callers get their defaults; still trying");
        }
    }

    /**
     * Events come in the order in which things happened, and begin with what happens after {@link #initialize}: what came
     * before is what OpenFeature's first READY speaks of.
     */
    private synchronized void subscribe() {
        if (subscriptions.isEmpty() && !shut.get()) {
            subscriptions.add(andon.onStatus(status -> telling.run(() -> tell(status))));
            subscriptions.add(andon.onChange(flags -> {
                if (initialized) {
                    telling.run(() -> changed(flags));
                }
            }));
        }
    }

    private void tellStatusFrom(Status.State believed) {
        told = believed;
        tellsStatus = true;
        tell(andon.status());
    }

    boolean tellsStatus() {
        return tellsStatus;
    }

    /** On one thread at a time. */
    void tell(Status status) {
        if (!tellsStatus || status.state() == told) {
            return;
        }
        told = status.state();
        var details = ProviderEventDetails.builder().message(status.toString());
        switch (status.state()) {
            case LIVE -> emitNow(ProviderEvent.PROVIDER_READY, details.build());
            case STALE -> emitNow(ProviderEvent.PROVIDER_STALE, details.build());
            case BLIND ->
                emitNow(
                        ProviderEvent.PROVIDER_ERROR,
                        details.errorCode(ErrorCode.GENERAL).build());
        }
    }

    private void changed(Set<String> flags) {
        emitNow(
                ProviderEvent.PROVIDER_CONFIGURATION_CHANGED,
                ProviderEventDetails.builder().flagsChanged(List.copyOf(flags)).build());
    }

    /** OpenFeature takes each event on a thread of its own, so that two at once may change places: one at a time. */
    private void emitNow(ProviderEvent event, ProviderEventDetails details) {
        if (!shut.get()) {
            emit(event, details).await();
        }
    }

    @Override
    public void shutdown() {
        if (shut.compareAndSet(false, true)) {
            synchronized (this) {
                subscriptions.forEach(Subscription::close);
                subscriptions.clear();
            }
            telling.end(LAST_EVENTS_MS);
            atShutdown.run();
            super.shutdown();
        }
    }

    @Override
    public ProviderEvaluation<Boolean> getBooleanEvaluation(
            String key, @Nullable Boolean otherwise, @Nullable EvaluationContext context) {
        BoolFlag flag = andon.handles().bool(key);
        Context view = OpenFeatureContext.of(context);
        Evaluation evaluation = otherwise == null ? flag.decide(view) : flag.decide(view, otherwise);
        return answer(evaluation, Boolean.class, otherwise, served -> served.bool(false));
    }

    @Override
    public ProviderEvaluation<String> getStringEvaluation(
            String key, @Nullable String otherwise, @Nullable EvaluationContext context) {
        StringFlag flag = andon.handles().string(key);
        Context view = OpenFeatureContext.of(context);
        Evaluation evaluation = otherwise == null ? flag.decide(view) : flag.decide(view, otherwise);
        return answer(evaluation, String.class, otherwise, served -> served.text(""));
    }

    /** A value beyond 32 bits is a type mismatch; {@link #getLongEvaluation} has room for it. */
    @Override
    public ProviderEvaluation<Integer> getIntegerEvaluation(
            String key, @Nullable Integer otherwise, @Nullable EvaluationContext context) {
        IntegerFlag flag = andon.handles().integer(key);
        Context view = OpenFeatureContext.of(context);
        Evaluation evaluation = otherwise == null ? flag.decide(view) : flag.decide(view, otherwise);
        long value = evaluation.whole(0);
        if (value != (int) value) {
            return new ProviderEvaluation<>(
                    otherwise,
                    null,
                    Reason.ERROR.name(),
                    ErrorCode.TYPE_MISMATCH,
                    "the value " + value + " needs 64 bits (expected: 32 bits; ask for a long)",
                    metadata(evaluation));
        }
        return answer(evaluation, Integer.class, otherwise, served -> (int) served.whole(0));
    }

    @Override
    public ProviderEvaluation<Long> getLongEvaluation(
            String key, @Nullable Long otherwise, @Nullable EvaluationContext context) {
        IntegerFlag flag = andon.handles().integer(key);
        Context view = OpenFeatureContext.of(context);
        Evaluation evaluation = otherwise == null ? flag.decide(view) : flag.decide(view, otherwise);
        return answer(evaluation, Long.class, otherwise, served -> served.whole(0));
    }

    @Override
    public ProviderEvaluation<Double> getDoubleEvaluation(
            String key, @Nullable Double otherwise, @Nullable EvaluationContext context) {
        NumberFlag flag = andon.handles().number(key);
        Context view = OpenFeatureContext.of(context);
        Evaluation evaluation = otherwise == null ? flag.decide(view) : flag.decide(view, otherwise);
        return answer(evaluation, Double.class, otherwise, served -> served.number(0));
    }

    /** A value of its own for each caller, who may change what it holds. */
    @Override
    public ProviderEvaluation<Value> getObjectEvaluation(
            String key, @Nullable Value otherwise, @Nullable EvaluationContext context) {
        ObjectFlag flag = andon.handles().object(key);
        Context view = OpenFeatureContext.of(context);
        Optional<Json> given = OpenFeatureValues.json(otherwise);
        Evaluation evaluation = given.isPresent() ? flag.decide(view, given.get()) : flag.decide(view);
        return once(
                evaluation,
                evaluation.usesDefault() ? otherwise : OpenFeatureValues.value(evaluation.json(Json.Null.NULL)));
    }

    /** What was kept with the outcome, if the outcome isn't the caller's default. */
    private <T> ProviderEvaluation<T> answer(
            Evaluation evaluation, Class<T> type, @Nullable T otherwise, Function<Evaluation, T> value) {
        ProviderEvaluation<T> kept = Answer.kept(evaluation, type);
        if (kept != null) {
            return kept;
        }
        if (evaluation.usesDefault()) {
            // The same outcome stands for every flag, environment and default.
            return once(evaluation, otherwise);
        }
        Answer<T> made = Answer.of(type, value.apply(evaluation), evaluation, metadata(evaluation));
        evaluation.keep(made);
        return made.given();
    }

    private <T> ProviderEvaluation<T> once(Evaluation evaluation, @Nullable T value) {
        return new ProviderEvaluation<>(
                value,
                evaluation.variant(),
                evaluation.reason().openFeature(),
                error(evaluation),
                evaluation.error() == null ? null : evaluation.message(),
                metadata(evaluation));
    }

    private static @Nullable ErrorCode error(Evaluation evaluation) {
        if (evaluation.error() == null) {
            return null;
        }
        return switch (evaluation.error()) {
            case NOT_READY -> ErrorCode.PROVIDER_NOT_READY;
            case FLAG_NOT_FOUND -> ErrorCode.FLAG_NOT_FOUND;
            case TYPE_MISMATCH -> ErrorCode.TYPE_MISMATCH;
            case TARGETING_KEY_MISSING -> ErrorCode.TARGETING_KEY_MISSING;
            case GENERAL -> ErrorCode.GENERAL;
        };
    }

    private ImmutableMetadata metadata(Evaluation evaluation) {
        var metadata = ImmutableMetadata.builder()
                .addString("flagSetId", andon.environment())
                .addString("version", Long.toString(evaluation.version()))
                .addString("andonReason", evaluation.reason().name());
        if (evaluation.kill() != null) {
            metadata.addString("killId", evaluation.kill().toString());
        }
        if (evaluation.error() == null && !evaluation.message().isEmpty()) {
            metadata.addString("andonDetail", evaluation.message());
        }
        return metadata.build();
    }
}
