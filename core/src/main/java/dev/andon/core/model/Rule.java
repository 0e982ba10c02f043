package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;

/**
 * Whom a flag treats how. Rules are tried in order, and the first whose condition holds decides.
 *
 * @param name what people call the rule; may be empty
 */
public record Rule(String name, Condition when, Serve serve) {
    public Rule {
        Keys.prose("name", name);
    }

    static Rule read(Fields fields) {
        Fields serve = fields.object("serve");
        Fields when = fields.object("when");
        Rule rule = new Rule(fields.text("name", ""), Condition.read(when), Serve.read(serve));
        serve.end();
        when.end();
        return rule;
    }

    Json toJson() {
        Json.Builder json = Json.object();
        if (!name.isEmpty()) {
            json.put("name", name);
        }
        return json.put("when", when.toJson()).put("serve", serve.toJson()).build();
    }
}
