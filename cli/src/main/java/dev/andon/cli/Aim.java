package dev.andon.cli;

import dev.andon.cli.api.ApiException;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Target;
import java.util.List;
import java.util.Optional;

/** What a kill or a restore is aimed at, as it was typed: a flag's key, {@code tag:…}, {@code owner:…} and so on. */
record Aim(String text, Target target) {
    static final String FORM = "a flag's key, tag:TAG, owner:OWNER, kind:KIND or everything";

    /** Refuses what can't be read. */
    static Aim read(String text) {
        if (text.startsWith(Target.KIND)) {
            Words.oneOf(Target.KIND, text.substring(Target.KIND.length()), FlagKind.WORDS);
        }
        return new Aim(text, Target.parse(text));
    }

    String label() {
        return target.label();
    }

    /** A flag that nobody knows may be another target that was mistyped: then that is said. */
    RuntimeException refused(ApiException.Refused refused) {
        Optional<String> unknown = refused.problem().unknownFlag();
        Optional<String> meant = meant();
        if (unknown.isEmpty() || meant.isEmpty() || refused.problem().next().isPresent()) {
            return refused;
        }
        return new CommandFailure(
                Exit.REFUSED,
                refused.problem().line(),
                Optional.of("Did you mean " + meant.get() + "?"),
                refused.problem().json());
    }

    private Optional<String> meant() {
        int colon = text.indexOf(':');
        if (colon < 0) {
            return Suggestions.closest(text, List.of(Target.EVERYTHING));
        }
        return Suggestions.closest(
                        text.substring(0, colon + 1), List.of(Target.TAG, Target.OWNER, Target.KIND, Target.FLAG))
                .map(prefix -> prefix + text.substring(colon + 1));
    }
}
