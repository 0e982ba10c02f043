package dev.andon.sdk;

import dev.andon.core.evaluate.ErrorCode;
import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Reason;
import dev.andon.core.model.KillId;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A value and how it came about.
 *
 * @param flag the flag's key
 * @param value what to use: the variant's value, or the caller's default
 * @param variant empty if the caller's default applies
 * @param error why the caller's default applies; empty if it doesn't
 * @param message a sentence about the error; empty if there is none
 * @param rule the rule that decided, from 0; empty if none did
 * @param kill the kill that stops the flag; empty unless the reason is {@link Reason#KILLED}
 * @param version the version that last changed the flag's configuration; 0 if the flag isn't known
 */
public record Details<T>(
        String flag,
        T value,
        Optional<String> variant,
        Reason reason,
        Optional<ErrorCode> error,
        String message,
        OptionalInt rule,
        Optional<KillId> kill,
        long version) {

    static <T> Details<T> of(String flag, T value, Evaluation evaluation) {
        return new Details<>(
                flag,
                value,
                Optional.ofNullable(evaluation.variant()),
                evaluation.reason(),
                Optional.ofNullable(evaluation.error()),
                evaluation.message(),
                evaluation.rule() == Evaluation.NONE ? OptionalInt.empty() : OptionalInt.of(evaluation.rule()),
                Optional.ofNullable(evaluation.kill()),
                evaluation.version());
    }
}
