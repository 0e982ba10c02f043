package dev.andon.server.kill;

import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.KillReceipts;
import java.util.Collection;

/** A kill in a few words, as far as certain flags are concerned. */
final class KillSummary {
    static final Schema SCHEMA = Schema.object()
            .required("id", Schema.text("The kill's id"))
            .required("target", Schema.text("What it is aimed at"))
            .required(
                    "flags",
                    Schema.array(
                            Schema.text("A flag's key"),
                            "What of it the answer is about, the first " + KillReceipts.Held.SHOWN))
            .required("flagCount", Schema.whole(0, Integer.MAX_VALUE, "How many flags that are"))
            .required("forSome", Schema.bool("It stops an audience, services or regions only"))
            .required("reason", Schema.text("Why it was stopped"))
            .required("actor", Schema.text("Who stopped it"))
            .required("at", Shapes.TIME)
            .named("KillSummary");

    private KillSummary() {}

    static Json of(StandingKill standing, Image image) {
        return of(standing, standing.held(image));
    }

    static Json of(StandingKill standing, Collection<String> flags) {
        Kill kill = standing.signed().kill();
        KillReceipts.Held held = KillReceipts.Held.of(flags);
        return Json.object()
                .put("id", standing.id().toString())
                .put("target", kill.target().label())
                .put("flags", Json.texts(held.first()))
                .put("flagCount", held.count())
                .put(
                        "forSome",
                        kill.audience().isPresent()
                                || !kill.services().isEmpty()
                                || !kill.regions().isEmpty())
                .put("reason", kill.reason())
                .put("actor", kill.actor())
                .put("at", kill.at().toString())
                .build();
    }
}
