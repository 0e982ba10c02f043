package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A flag in one environment: everything that evaluation reads of it there, apart from segments.
 *
 * @param variants the values by name, in the order in which they were given
 * @param safeVariant what a kill, and "off", serves
 * @param rules tried in order before the fall-through
 */
public record Configuration(
        Map<String, Json> variants,
        String safeVariant,
        boolean on,
        List<Prerequisite> prerequisites,
        List<Rule> rules,
        Serve fallThrough,
        WhenBlind whenBlind) {
    private static final int MAX_VARIANTS = 256;
    private static final int MAX_RULES = 1_000;
    private static final int MAX_PREREQUISITES = 64;

    public Configuration {
        variants = Collections.unmodifiableMap(new LinkedHashMap<>(variants));
        prerequisites = List.copyOf(prerequisites);
        rules = List.copyOf(rules);
        if (variants.isEmpty()) {
            throw new InvalidInput("variants", "{}", "at least one variant");
        }
        Keys.atMost("variants", variants.size(), MAX_VARIANTS);
        Keys.atMost("rules", rules.size(), MAX_RULES);
        Keys.atMost("prerequisites", prerequisites.size(), MAX_PREREQUISITES);
        variants.keySet().forEach(name -> Keys.name("variants", name));
        requireVariant("safeVariant", safeVariant, variants);
        for (int i = 0; i < rules.size(); i++) {
            for (String variant : rules.get(i).serve().variants()) {
                requireVariant("rules[" + i + "].serve", variant, variants);
            }
        }
        for (String variant : fallThrough.variants()) {
            requireVariant("fallThrough", variant, variants);
        }
    }

    /** Refuses variants whose values aren't of the flag's type. */
    public void requireType(ValueType type) {
        variants.forEach((name, value) -> {
            if (!type.accepts(value)) {
                throw new InvalidInput("variants." + name, value.text(), "a value of type " + type.word());
            }
        });
    }

    /** The segments that the rules name directly. */
    public Set<String> segments() {
        Set<String> segments = new LinkedHashSet<>();
        rules.forEach(rule -> rule.when().collectSegments(segments));
        return segments;
    }

    private static void requireVariant(String path, String variant, Map<String, Json> variants) {
        if (!variants.containsKey(variant)) {
            throw new InvalidInput(path, Json.of(variant).text(), "one of " + String.join(", ", variants.keySet()));
        }
    }

    public static Configuration read(Fields fields) {
        Fields fallThrough = fields.object("fallThrough");
        Configuration configuration = new Configuration(
                fields.map("variants"),
                fields.text("safeVariant"),
                fields.bool("on"),
                fields.objects("prerequisites", Prerequisite::read),
                fields.objects("rules", Rule::read),
                Serve.read(fallThrough),
                fields.optionalObject("whenBlind").map(Configuration::whenBlind).orElse(new WhenBlind.Keep()));
        fallThrough.end();
        return configuration;
    }

    private static WhenBlind whenBlind(Fields fields) {
        WhenBlind whenBlind = WhenBlind.read(fields);
        fields.end();
        return whenBlind;
    }

    public Json toJson() {
        Json.Builder json = Json.object()
                .put("variants", new Json.Members(variants))
                .put("safeVariant", safeVariant)
                .put("on", on);
        if (!prerequisites.isEmpty()) {
            List<Json> items = new ArrayList<>();
            prerequisites.forEach(prerequisite -> items.add(prerequisite.toJson()));
            json.put("prerequisites", Json.array(items));
        }
        if (!rules.isEmpty()) {
            List<Json> items = new ArrayList<>();
            rules.forEach(rule -> items.add(rule.toJson()));
            json.put("rules", Json.array(items));
        }
        json.put("fallThrough", fallThrough.toJson());
        if (!(whenBlind instanceof WhenBlind.Keep)) {
            json.put("whenBlind", whenBlind.toJson());
        }
        return json.build();
    }
}
