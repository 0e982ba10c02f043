package dev.andon.server.rollback;

import dev.andon.core.image.Dependents;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.json.Json;
import dev.andon.core.model.Flag;
import dev.andon.server.http.Schema;
import dev.andon.server.http.Shapes;
import dev.andon.server.node.Committed;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What is said about a rollback, beside its changes. Not thread-safe. */
final class Report {
    static final Schema SCHEMA = Schema.object()
            .required("environment", Shapes.KEY)
            .required("to", Schema.whole(1, Long.MAX_VALUE, "The version that was gone back to"))
            .required("toTime", Schema.format("date-time", "That version's own time"))
            .optional("whole", Schema.bool("True if the whole environment was gone back with"))
            .required("version", Shapes.VERSION)
            .required("flags", Schema.array(Shapes.KEY, "Flags whose configuration was taken back"))
            .required(
                    "removedFlags", Schema.array(Shapes.KEY, "Flags that left the environment, as they weren't there"))
            .required("returnedFlags", Schema.array(Shapes.KEY, "Archived flags that are in use again"))
            .required("segments", Schema.array(Shapes.KEY, "Segments that were taken back"))
            .required("removedSegments", Schema.array(Shapes.KEY, "Segments that were deleted, as they weren't there"))
            .required(
                    "skipped",
                    Schema.array(
                            Schema.object()
                                    .optional("flag", Shapes.KEY)
                                    .optional("segment", Shapes.KEY)
                                    .required(
                                            "what",
                                            Schema.words(
                                                    List.of("nothing", "safe-variant", "all"),
                                                    "What stays as it is: nothing needed to change, the safe variant"
                                                            + " alone, or all of it"))
                                    .required("why", Schema.text("Why"))
                                    .optional("kills", Schema.array(Schema.text("A kill's id"), "That hold the flag"))
                                    .build(),
                            "What wasn't taken back"))
            .required(
                    "changedDependencies",
                    Schema.array(
                            Schema.object()
                                    .required(
                                            "subject",
                                            Schema.text("A segment or required flag that changed since then"))
                                    .required("change", Schema.words(List.of("changed", "removed"), "How"))
                                    .required("flags", Schema.array(Shapes.KEY, "The flags or segments that read it"))
                                    .build(),
                            "What was read then and is different now; taken back with `withDependencies`"))
            .required("alsoAffected", Schema.array(Shapes.KEY, "Other flags that read what was taken back"))
            .named("Rollback");

    private final String environment;
    private final Scope scope;
    private final Past past;
    private final List<Json> unchanged = new ArrayList<>();
    private final SortedMap<String, Drift> drifts = new TreeMap<>();

    Report(String environment, Scope scope, Past past) {
        this.environment = environment;
        this.scope = scope;
        this.past = past;
    }

    /** What has changed since then in what is read: how, and by what. */
    private record Drift(String change, SortedSet<String> readers) {}

    void unchanged(String kind, String key) {
        unchanged.add(Json.object()
                .put(kind, key)
                .put("what", "nothing")
                .put("why", "it is as at version " + past.version())
                .build());
    }

    void drifted(String subject, boolean removed, String reader) {
        drifts.computeIfAbsent(subject, key -> new Drift(removed ? "removed" : "changed", new TreeSet<>()))
                .readers()
                .add(reader);
    }

    static List<String> names(Scope.Named named) {
        List<String> names = new ArrayList<>(named.flags());
        names.addAll(named.segments());
        return names;
    }

    Json json(Committed committed, Goal goal, Pins pins, List<Flag> returned) {
        Json.Builder json = Json.object()
                .put("environment", environment)
                .put("to", past.version())
                .put("toTime", past.chosen().moment().at().toString());
        if (scope instanceof Scope.Whole) {
            json.put("whole", true);
        }
        List<Json> changed = new ArrayList<>();
        drifts.forEach((subject, drift) -> changed.add(Json.object()
                .put("subject", subject)
                .put("change", drift.change())
                .put("flags", Json.texts(drift.readers()))
                .build()));
        return json.put("version", committed.version())
                .put("flags", Json.texts(goal.flagsThatStay()))
                .put("removedFlags", Json.texts(goal.flagsThatGo()))
                .put(
                        "returnedFlags",
                        Json.texts(returned.stream().map(Flag::key).toList()))
                .put("segments", Json.texts(goal.segmentsThatStay()))
                .put("removedSegments", Json.texts(goal.segmentsThatGo()))
                .put("skipped", Json.array(skipped(pins)))
                .put("changedDependencies", Json.array(changed))
                .put("alsoAffected", Json.texts(alsoAffected(committed, goal)))
                .build();
    }

    private List<Json> skipped(Pins pins) {
        List<Json> skipped = new ArrayList<>(unchanged);
        pins.flags().forEach((flag, kept) -> {
            Json.Builder json = Json.object()
                    .put("flag", flag)
                    .put("what", kept.part().word())
                    .put("why", kept.why());
            if (!kept.kills().isEmpty()) {
                json.put("kills", Json.texts(kept.kills()));
            }
            skipped.add(json.build());
        });
        pins.segments()
                .forEach((segment, why) -> skipped.add(Json.object()
                        .put("segment", segment)
                        .put("what", "all")
                        .put("why", why)
                        .build()));
        return skipped;
    }

    /** Flags that nobody asked about and that read something that changes. */
    private List<String> alsoAffected(Committed committed, Goal goal) {
        return switch (scope) {
            case Scope.Whole whole -> List.of();
            case Scope.Named named -> {
                EnvironmentImage after =
                        committed.after().environment(environment).orElse(goal.present());
                yield new Dependents(after)
                        .reachedFlags(goal.flags().keySet(), goal.segments().keySet()).stream()
                                .filter(flag -> !named.flags().contains(flag))
                                .toList();
            }
        };
    }
}
