package dev.andon.server.flag;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import dev.andon.server.http.Precondition;
import dev.andon.server.http.Problems;
import dev.andon.server.node.Command;
import dev.andon.server.node.Committed;
import dev.andon.server.node.Decision;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Refused;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** What can be done to flags. */
final class FlagCommands {
    private FlagCommands() {}

    /**
     * @param given the first configuration; a boolean flag gets variants on and off without one
     * @param environments where it is configured; everywhere if empty
     */
    static Command<Json> create(Flag flag, Optional<Configuration> given, List<String> environments) {
        Configuration configuration = given.orElseGet(() -> onAndOff(flag));
        return (image, kills, now) -> {
            Versioned<Flag> known = image.flags().get(flag.key());
            if (known != null) {
                String state = known.value().archived() ? ", the key of an archived flag" : ", which exists";
                throw new Refused(Refused.Code.CONFLICT, "flag.key", flag.key() + state, "a key that was never used");
            }
            List<Event> events = new ArrayList<>();
            events.add(new Event.FlagSaved(flag));
            for (String environment :
                    environments.isEmpty() ? image.environments().keySet() : environments) {
                if (!image.environments().containsKey(environment)) {
                    throw new InvalidInput("environments", environment, "some of " + String.join(", ", known(image)));
                }
                events.add(new Event.ConfigurationSaved(environment, flag.key(), configuration));
            }
            return Decision.of("flag.create", events, committed -> whole(committed, kills, flag.key()));
        };
    }

    /** Replaces a flag's metadata. */
    static Command<Json> edit(Flag flag, Precondition precondition) {
        return (image, kills, now) -> {
            Versioned<Flag> known = inUse(image, flag.key());
            precondition.checkReplacing(flag.key(), known.version());
            List<Event> events = known.value().equals(flag) ? List.of() : List.of(new Event.FlagSaved(flag));
            return Decision.of("flag.edit", events, committed -> whole(committed, kills, flag.key()));
        };
    }

    static Command<Json> archive(String key, Precondition precondition) {
        return (image, kills, now) -> {
            Versioned<Flag> known = inUse(image, key);
            precondition.check(key, known.version());
            Flag archived = known.value().archive();
            return Decision.of(
                    "flag.archive",
                    List.of(new Event.FlagSaved(archived)),
                    committed -> Json.object()
                            .put("key", key)
                            .put("version", committed.version())
                            .put("flag", archived.toJson())
                            .build());
        };
    }

    /** Replaces a flag's configuration in one environment, or is its first there. */
    static Command<Json> configure(
            String environment, String key, Configuration configuration, Precondition precondition) {
        return (image, kills, now) -> {
            EnvironmentImage place = environment(image, environment);
            Versioned<Flag> flag = inUse(image, key);
            Versioned<Configuration> known = place.configurations().get(key);
            precondition.checkReplacing(environment + "/" + key, known == null ? 0 : known.version());
            boolean same = known != null && known.value().equals(configuration);
            return Decision.of(
                    "flag.configure",
                    same ? List.of() : List.of(new Event.ConfigurationSaved(environment, key, configuration)),
                    committed -> configured(committed, kills, environment, flag.value()));
        };
    }

    static EnvironmentImage environment(Image image, String key) {
        return image.environment(key)
                .orElseThrow(() -> Problems.notFound(
                        "environment", key, image.environments().keySet()));
    }

    static Versioned<Flag> inUse(Image image, String key) {
        Versioned<Flag> flag = image.flags().get(key);
        if (flag != null && flag.value().archived()) {
            throw new Refused(Refused.Code.NOT_FOUND, "flag", key + ", which is archived", "a flag that is in use");
        }
        if (flag == null) {
            throw Problems.notFound(
                    "flag",
                    key,
                    FlagJson.inUse(image).stream()
                            .map(known -> known.value().key())
                            .toList());
        }
        return flag;
    }

    private static Configuration onAndOff(Flag flag) {
        if (flag.type() != ValueType.BOOLEAN) {
            throw new InvalidInput(
                    "configuration",
                    "nothing",
                    "variants and a safe variant, as the type is " + flag.type().word());
        }
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put("on", Json.of(true));
        variants.put("off", Json.of(false));
        return new Configuration(
                variants, "off", false, List.of(), List.of(), new Serve.Fixed("on"), new WhenBlind.Keep());
    }

    private static SortedSet<String> known(Image image) {
        return new TreeSet<>(image.environments().keySet());
    }

    private static Json whole(Committed committed, KnownKills kills, String key) {
        Versioned<Flag> flag =
                java.util.Objects.requireNonNull(committed.after().flags().get(key));
        return FlagJson.whole(committed.after(), kills, flag);
    }

    private static Json configured(Committed committed, KnownKills kills, String environment, Flag flag) {
        EnvironmentImage place = environment(committed.after(), environment);
        return FlagJson.configured(
                place,
                kills,
                flag,
                java.util.Objects.requireNonNull(place.configurations().get(flag.key())));
    }
}
