package dev.andon.server.ofrep;

import dev.andon.core.evaluate.CompiledFlag;
import dev.andon.core.evaluate.Evaluation;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What flags are answered with, as bytes, made once: evaluation hands out the same outcomes again and again. Thread-safe. */
final class EncodedAnswers {
    private static final int MANY = 50_000;

    /** Outcomes belong to one flag in one environment, but for those without a value, which aren't kept. */
    private final Map<Evaluation, byte[]> kept = new ConcurrentHashMap<>();

    /** One flag's evaluation in JSON, or why there is none. Not to be changed. */
    byte[] of(CompiledFlag flag, Evaluation evaluation, String environment) {
        byte[] known = kept.get(evaluation);
        if (known != null) {
            return known;
        }
        byte[] made =
                Answers.flag(flag.key(), evaluation, flag.type(), environment).utf8();
        if (!evaluation.usesDefault()) {
            // Outcomes of states that were replaced go with all others.
            if (kept.size() >= MANY) {
                kept.clear();
            }
            kept.put(evaluation, made);
        }
        return made;
    }
}
