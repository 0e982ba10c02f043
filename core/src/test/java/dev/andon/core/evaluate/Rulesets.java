package dev.andon.core.evaluate;

import dev.andon.core.event.Event;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Segment;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Small environments for tests, written as flags and segments one after the other. */
final class Rulesets {
    static final Map<String, Json> ON_OFF = variants();

    private final List<Event> events = new ArrayList<>();

    Rulesets() {
        events.add(new Event.EnvironmentSaved(new Environment(Vectors.ENVIRONMENT, "")));
    }

    /** A flag of type string, named "flag", whose fall-through is this one. */
    static Ruleset serving(Serve serve) {
        Map<String, Json> values = new LinkedHashMap<>();
        serve.variants().forEach(name -> values.put(name, Json.of(name)));
        Configuration configuration = new Configuration(
                values, serve.variants().get(0), true, List.of(), List.of(), serve, new WhenBlind.Keep());
        return new Rulesets().flag("flag", ValueType.STRING, configuration).ruleset();
    }

    Rulesets flag(String key, ValueType type, Configuration configuration) {
        events.add(new Event.FlagSaved(Vectors.flag(key, type)));
        events.add(new Event.ConfigurationSaved(Vectors.ENVIRONMENT, key, configuration));
        return this;
    }

    /** A boolean flag that is on for everyone. */
    Rulesets on(String key) {
        return flag(key, ValueType.BOOLEAN, bool(List.of(), List.of(), new Serve.Fixed("on")));
    }

    /** A boolean flag that is on if all these flags are. */
    Rulesets requiring(String key, String... flags) {
        List<Prerequisite> prerequisites = new ArrayList<>();
        for (String flag : flags) {
            prerequisites.add(new Prerequisite(flag, List.of("on")));
        }
        return flag(key, ValueType.BOOLEAN, bool(prerequisites, List.of(), new Serve.Fixed("on")));
    }

    /** A boolean flag that is on if the condition holds. */
    Rulesets when(String key, Condition condition) {
        Rule rule = new Rule("", condition, new Serve.Fixed("on"));
        return flag(key, ValueType.BOOLEAN, bool(List.of(), List.of(rule), new Serve.Fixed("off")));
    }

    Rulesets segment(String key, Condition condition) {
        events.add(new Event.SegmentSaved(Vectors.ENVIRONMENT, new Segment(key, "", condition)));
        return this;
    }

    Ruleset ruleset() {
        return Ruleset.of(Vectors.image(events), Vectors.ENVIRONMENT);
    }

    static Configuration bool(List<Prerequisite> prerequisites, List<Rule> rules, Serve fallThrough) {
        return new Configuration(ON_OFF, "off", true, prerequisites, rules, fallThrough, new WhenBlind.Keep());
    }

    private static Map<String, Json> variants() {
        Map<String, Json> variants = new LinkedHashMap<>();
        variants.put("off", Json.of(false));
        variants.put("on", Json.of(true));
        return variants;
    }
}
