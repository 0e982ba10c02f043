package dev.andon.server.flagd;

import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Flag;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ServedState;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Writes documents, and keeps what it has written of each flag: a change costs what it changes. Thread-safe. */
final class Documents {
    private final Map<String, Written> environments = new ConcurrentHashMap<>();

    /** @param wanted which of the environment's flags */
    Document of(ServedState state, Predicate<Flag> wanted) {
        return environments
                .computeIfAbsent(state.environment(), key -> new Written())
                .document(state, wanted);
    }

    /** What was written of one environment. */
    private static final class Written {
        private final SortedMap<String, WrittenFlag> flags = new TreeMap<>();
        private @Nullable Source source;

        synchronized Document document(ServedState state, Predicate<Flag> wanted) {
            Image image = state.image();
            EnvironmentImage environment =
                    image.environment(state.environment()).orElseThrow();
            Source now = new Source(image, environment, state.kills());
            write(now);
            StringBuilder text = new StringBuilder("{\"flags\":{");
            SortedMap<String, Json> evaluators = new TreeMap<>();
            SortedMap<String, InvalidInput> left = new TreeMap<>();
            SortedMap<String, Set<KillId>> widened = new TreeMap<>();
            boolean first = true;
            for (Map.Entry<String, WrittenFlag> entry : flags.entrySet()) {
                WrittenFlag flag = entry.getValue();
                if (image.flag(entry.getKey()).filter(wanted).isEmpty()) {
                    continue;
                }
                flag.refusal().ifPresent(why -> left.put(entry.getKey(), why));
                if (flag.text().isPresent()) {
                    text.append(first ? "" : ",")
                            .append(Json.of(entry.getKey()).text())
                            .append(':')
                            .append(flag.text().get());
                    evaluators.putAll(flag.evaluators());
                    if (!flag.widened().isEmpty()) {
                        widened.put(entry.getKey(), flag.widened());
                    }
                    first = false;
                }
            }
            text.append('}');
            if (!evaluators.isEmpty()) {
                text.append(",\"$evaluators\":").append(new Json.Members(evaluators).text());
            }
            Json metadata = Json.object().put("flagSetId", state.environment()).build();
            text.append(",\"metadata\":").append(metadata.text()).append('}');
            return new Document(text.toString(), left, widened);
        }

        /** Writes what isn't as it was. */
        private void write(Source now) {
            Source before = source;
            if (before != null) {
                ImageDelta.Touched changed = now.changedSince(before);
                if (!changed.flags().isEmpty() || !changed.segments().isEmpty()) {
                    flags.values()
                            .removeIf(flag -> !flag.whole()
                                    || meets(flag.flags(), changed.flags())
                                    || meets(flag.segments(), changed.segments()));
                }
            }
            Evaluators evaluators = new Evaluators(now.environment());
            now.environment().configurations().forEach((key, configuration) -> {
                if (!flags.containsKey(key)) {
                    now.image()
                            .flag(key)
                            .ifPresent(
                                    flag -> flags.put(key, new FlagWriter(now, evaluators).write(flag, configuration)));
                }
            });
            source = now;
        }

        private static boolean meets(Set<String> read, Set<String> changed) {
            return read.stream().anyMatch(changed::contains);
        }
    }
}
