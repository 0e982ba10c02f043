package dev.andon.server.node;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Target;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** What a target comes to in an environment, on one image. */
final class Resolution {
    private Resolution() {}

    /** The keys of the flags that it matches; of one flag in constant time. */
    static SortedSet<String> matching(Image image, EnvironmentImage environment, Target target) {
        SortedSet<String> keys = new TreeSet<>();
        if (target instanceof Target.OneFlag one) {
            if (environment.configurations().containsKey(one.flag())) {
                keys.add(one.flag());
            }
            return keys;
        }
        for (String key : environment.configurations().keySet()) {
            Versioned<Flag> flag = image.flags().get(key);
            if (flag != null && target.matches(flag.value())) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** Refuses a target that matches nothing, with what was probably meant. */
    static Refused nothing(Image image, EnvironmentImage environment, Target target) {
        String where = environment.environment().key();
        return switch (target) {
            case Target.OneFlag one ->
                Refused.unknown(
                        "target.flag",
                        one.flag(),
                        "a flag that environment " + where + " has",
                        environment.configurations().keySet());
            case Target.Tagged tagged ->
                Refused.unknown(
                        "target.tag",
                        tagged.tag(),
                        "a tag that a flag of environment " + where + " has",
                        labels(image, environment, flag -> flag.tags().stream()));
            case Target.OwnedBy owned ->
                Refused.unknown(
                        "target.owner",
                        owned.owner(),
                        "an owner of flags of environment " + where,
                        labels(image, environment, flag -> Stream.of(flag.owner())));
            case Target.OfKind kind -> nothing(where, kind.kind(), image, environment);
            case Target.Everything ignored ->
                new Refused(
                        Refused.Code.NOT_FOUND,
                        "target",
                        target.label(),
                        "an environment with flags; " + where + " has none");
        };
    }

    private static Refused nothing(String where, FlagKind kind, Image image, EnvironmentImage environment) {
        Collection<String> kinds =
                labels(image, environment, flag -> Stream.of(flag.kind().word()));
        String expected = kinds.isEmpty()
                ? "an environment with flags; " + where + " has none"
                : "a kind that flags of environment " + where + " have: " + String.join(", ", kinds);
        return new Refused(Refused.Code.NOT_FOUND, "target.kind", kind.word(), expected);
    }

    private static Collection<String> labels(
            Image image, EnvironmentImage environment, Function<Flag, Stream<String>> of) {
        TreeSet<String> labels = new TreeSet<>();
        for (String key : environment.configurations().keySet()) {
            Versioned<Flag> flag = image.flags().get(key);
            if (flag != null) {
                of.apply(flag.value()).forEach(labels::add);
            }
        }
        return labels;
    }
}
