package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.List;

/**
 * Another flag of the same environment that must serve one of the given variants; otherwise the dependent flag serves
 * its own safe variant.
 */
public record Prerequisite(String flag, List<String> variants) {
    private static final int MAX_VARIANTS = 256;

    public Prerequisite {
        Keys.key("flag", flag);
        variants = List.copyOf(variants);
        if (variants.isEmpty() || variants.size() > MAX_VARIANTS) {
            throw new InvalidInput(
                    "variants", variants.size() + " items", "1 to " + MAX_VARIANTS + " variants of " + flag);
        }
    }

    static Prerequisite read(Fields fields) {
        return new Prerequisite(fields.text("flag"), fields.texts("variants"));
    }

    Json toJson() {
        return Json.object()
                .put("flag", flag)
                .put("variants", Json.texts(variants))
                .build();
    }
}
