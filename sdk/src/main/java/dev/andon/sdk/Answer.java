package dev.andon.sdk;

import dev.andon.core.evaluate.Evaluation;
import dev.openfeature.sdk.ErrorCode;
import dev.openfeature.sdk.ImmutableMetadata;
import dev.openfeature.sdk.ProviderEvaluation;
import org.jspecify.annotations.Nullable;

/**
 * What OpenFeature is given for an outcome, made once and kept with the outcome. A record, as it passes from thread to thread
 * through a plain field, for which OpenFeature's own class isn't fit.
 */
record Answer<T>(Class<T> type, ProviderEvaluation<T> given) {
    static <T> Answer<T> of(Class<T> type, T value, Evaluation evaluation, ImmutableMetadata metadata) {
        return new Answer<>(type, new Shared<>(value, evaluation, metadata));
    }

    /** What was kept with the outcome, as such a type; null if nothing was, or it is of another type. */
    @SuppressWarnings("unchecked") // its type is the one that is asked for
    static <T> @Nullable ProviderEvaluation<T> kept(Evaluation evaluation, Class<T> type) {
        return evaluation.kept() instanceof Answer<?> answer && answer.type == type
                ? (ProviderEvaluation<T>) answer.given
                : null;
    }

    /** Nobody may change it, as everybody is given the same. */
    private static final class Shared<T> extends ProviderEvaluation<T> {
        Shared(T value, Evaluation evaluation, ImmutableMetadata metadata) {
            super(value, evaluation.variant(), evaluation.reason().openFeature(), null, null, metadata);
        }

        @Override
        public void setValue(T value) {
            throw shared("value");
        }

        @Override
        public void setVariant(String variant) {
            throw shared("variant");
        }

        @Override
        public void setReason(String reason) {
            throw shared("reason");
        }

        @Override
        public void setErrorCode(ErrorCode errorCode) {
            throw shared("errorCode");
        }

        @Override
        public void setErrorMessage(String errorMessage) {
            throw shared("errorMessage");
        }

        @Override
        public void setFlagMetadata(ImmutableMetadata flagMetadata) {
            throw shared("flagMetadata");
        }

        private static UnsupportedOperationException shared(String what) {
            return new UnsupportedOperationException(
                    what + ": can't be set (expected: a copy; this answer is given to everybody who asks)");
        }
    }
}
