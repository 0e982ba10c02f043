package dev.andon.server.kill;

import dev.andon.core.evaluate.Place;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Target;
import dev.andon.server.node.Exercises.Exercise;
import dev.andon.server.node.KillAnswer;
import dev.andon.server.node.KillReceipts;
import dev.andon.server.node.KillRequest;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Presence;
import dev.andon.server.node.Traffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a kill would do, put into an answer. Lists are cut where they get long, and the numbers beside them are of all.
 *
 * @param cutOffSince since when nothing can be restored, if so
 * @param present who is there; empty if that couldn't be told in time
 */
record Rehearsal(
        KillRequest request,
        KillAnswer.Rehearsed rehearsed,
        KnownKills kills,
        Optional<Instant> cutOffSince,
        Traffic.Counted traffic,
        Optional<List<Presence.Present>> present,
        Map<String, Map<String, Exercise>> exercised) {
    private static final int DETAILED = 100;

    private Image image() {
        return kills.image();
    }

    Json toJson() {
        SortedSet<String> touched = new TreeSet<>(rehearsed.flags());
        touched.addAll(rehearsed.dependents());
        Json.Builder json = Json.object()
                .put("environment", request.environment())
                .put("target", request.target().label())
                .put("known", rehearsed.known())
                .put("flagCount", rehearsed.flags().size())
                .put("flags", Json.texts(KillReceipts.Held.of(rehearsed.flags()).first()))
                .put("dependentCount", rehearsed.dependents().size())
                .put(
                        "dependents",
                        Json.texts(KillReceipts.Held.of(rehearsed.dependents()).first()))
                .put("why", why())
                .put("cascade", Json.array(cascade()))
                .put("owners", Json.array(owners(touched)))
                .put("traffic", trafficJson());
        present.ifPresent(all -> addPresent(json, all));
        json.put("exercise", exerciseJson())
                .put("standing", Json.array(standing(touched)))
                .put("local", Json.array(LocallyStopped.of(present.orElse(List.of()), image(), touched)))
                .put("already", rehearsed.already().map(kill -> kill.id().toString()))
                .put("restorable", cutOffSince.isEmpty());
        cutOffSince.ifPresent(since -> json.put("cutOffSince", since.toString()));
        return json.put(
                        "confirmation",
                        Json.object()
                                .put("required", rehearsed.confirmation().required())
                                .put("token", rehearsed.confirmation().token())
                                .put(
                                        "expiresAt",
                                        rehearsed.confirmation().until().toString()))
                .build();
    }

    private String why() {
        return switch (request.target()) {
            case Target.OneFlag ignored -> "named";
            case Target.Tagged tagged -> "tagged " + tagged.tag();
            case Target.OwnedBy owned -> "owned by " + owned.owner();
            case Target.OfKind of -> "of kind " + of.kind().word();
            case Target.Everything ignored -> "in " + request.environment();
        };
    }

    /** The dependents, with what they require directly of what would be stopped. */
    private List<Json> cascade() {
        List<Json> found = new ArrayList<>();
        EnvironmentImage environment = image().environments().get(request.environment());
        if (environment == null) {
            return found;
        }
        for (String flag : rehearsed.dependents()) {
            Versioned<Configuration> configuration =
                    environment.configurations().get(flag);
            if (found.size() == DETAILED) {
                break;
            }
            if (configuration != null) {
                List<String> required = configuration.value().prerequisites().stream()
                        .map(Prerequisite::flag)
                        .filter(one -> rehearsed.flags().contains(one)
                                || rehearsed.dependents().contains(one))
                        .toList();
                found.add(Json.object()
                        .put("flag", flag)
                        .put("requires", Json.texts(required))
                        .build());
            }
        }
        return found;
    }

    private List<Json> owners(Set<String> touched) {
        SortedMap<String, Integer> owners = new TreeMap<>();
        for (String key : touched) {
            Versioned<Flag> flag = image().flags().get(key);
            if (flag != null) {
                owners.merge(flag.value().owner(), 1, Integer::sum);
            }
        }
        return owners.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Integer> owner) -> -owner.getValue())
                        .thenComparing(Map.Entry::getKey))
                .map(owner -> Json.object()
                        .put("owner", owner.getKey())
                        .put("flags", owner.getValue())
                        .build())
                .toList();
    }

    private Json trafficJson() {
        List<Json> busiest = new ArrayList<>();
        traffic.byFlag().entrySet().stream()
                .sorted(Comparator.comparingLong((Map.Entry<String, Map<String, Long>> flag) -> -sum(flag.getValue()))
                        .thenComparing(Map.Entry::getKey))
                .limit(DETAILED)
                .forEach(flag -> busiest.add(flagTraffic(flag.getKey(), flag.getValue())));
        long evaluations = traffic.touched();
        long unsafe = 0;
        for (Map.Entry<String, Map<String, Long>> flag : traffic.byFlag().entrySet()) {
            String safe = safeVariant(flag.getKey());
            unsafe += sum(flag.getValue()) - flag.getValue().getOrDefault(safe, 0L);
        }
        return Json.object()
                .put("seconds", rounded(traffic.seconds()))
                .put("evaluations", evaluations)
                .put("perSecond", rate(evaluations))
                .put("share", rounded(traffic.share()))
                .put("unsafe", unsafe)
                .put(
                        "atMost",
                        request.audience().isPresent() || !request.regions().isEmpty())
                .put("complete", traffic.complete())
                .put("busiest", Json.array(busiest))
                .build();
    }

    private Json flagTraffic(String flag, Map<String, Long> variants) {
        long all = sum(variants);
        String safe = safeVariant(flag);
        List<Json> shares = new ArrayList<>();
        variants.forEach((variant, number) -> shares.add(Json.object()
                .put("variant", variant)
                .put("evaluations", number)
                .put("share", rounded((double) number / all))
                .put("safe", variant.equals(safe))
                .build()));
        return Json.object()
                .put("flag", flag)
                .put("evaluations", all)
                .put("perSecond", rate(all))
                .put("variants", Json.array(shares))
                .build();
    }

    private String safeVariant(String flag) {
        EnvironmentImage environment = image().environments().get(request.environment());
        Versioned<Configuration> configuration =
                environment == null ? null : environment.configurations().get(flag);
        return configuration == null ? "" : configuration.value().safeVariant();
    }

    private static long sum(Map<String, Long> variants) {
        return variants.values().stream().mapToLong(Long::longValue).sum();
    }

    private Json rate(long evaluations) {
        return rounded(traffic.seconds() == 0 ? 0 : evaluations / traffic.seconds());
    }

    /** Three decimal places are enough for people. */
    private static Json rounded(double value) {
        return Json.of(Math.round(value * 1_000) / 1_000.0);
    }

    /**
     * Of those who are there, whom the kill is aimed at; a place that isn't known counts as aimed at, as with other
     * protocols.
     */
    private void addPresent(Json.Builder json, List<Presence.Present> all) {
        SortedMap<String, int[]> services = new TreeMap<>();
        int connected = 0;
        int unreachable = 0;
        for (Presence.Present one : all) {
            if (!isAimedAt(one)) {
                continue;
            }
            int[] counts = services.computeIfAbsent(one.instance().key().service(), key -> new int[2]);
            counts[one.connected() ? 0 : 1]++;
            connected += one.connected() ? 1 : 0;
            unreachable += one.connected() ? 0 : 1;
        }
        List<Json> shown = new ArrayList<>();
        services.forEach((service, counts) -> shown.add(Json.object()
                .put("service", service)
                .put("instances", counts[0])
                .put("unreachable", counts[1])
                .put("evaluations", traffic.byService().getOrDefault(service, 0L))
                .build()));
        json.put("services", Json.texts(services.keySet()))
                .put("byService", Json.array(shown))
                .put("instances", connected)
                .put("unreachable", unreachable);
    }

    private boolean isAimedAt(Presence.Present one) {
        return one.instance().protocol().foreign()
                || Place.of(
                                one.instance().key().service(),
                                one.instance().region().orElse(""))
                        .within(request.services(), request.regions());
    }

    /** When kills last reached these flags; the SDK versions are those that are there, and those that were reached. */
    private Json exerciseJson() {
        SortedMap<String, Integer> sdks = new TreeMap<>();
        present.orElse(List.of()).stream()
                .filter(one -> isAimedAt(one) && one.connected())
                .forEach(one -> sdks.merge(one.instance().exercisedAs(), 1, Integer::sum));
        exercised.values().forEach(bySdk -> bySdk.keySet().forEach(sdk -> sdks.putIfAbsent(sdk, 0)));
        List<String> never = rehearsed.flags().stream()
                .filter(flag -> exercised.getOrDefault(flag, Map.of()).isEmpty())
                .toList();
        List<Json> bySdk = new ArrayList<>();
        sdks.forEach((sdk, instances) -> bySdk.add(exerciseOf(sdk, instances)));
        KillReceipts.Held neverShown = KillReceipts.Held.of(never);
        return Json.object()
                .put("neverCount", neverShown.count())
                .put(
                        "never",
                        Json.texts(neverShown.first().stream().limit(DETAILED).toList()))
                .put("bySdk", Json.array(bySdk))
                .build();
    }

    private Json exerciseOf(String sdk, int instances) {
        Map<String, Exercise> reached = new LinkedHashMap<>();
        exercised.forEach((flag, bySdk) -> {
            Exercise exercise = bySdk.get(sdk);
            if (exercise != null && rehearsed.flags().contains(flag)) {
                reached.put(flag, exercise);
            }
        });
        Json.Builder json = Json.object()
                .put("sdk", sdk)
                .put("instances", instances)
                .put("neverCount", rehearsed.flags().size() - reached.size());
        reached.values().stream()
                .min(Comparator.comparing(Exercise::at))
                .ifPresent(oldest -> json.put("oldest", exerciseJson(oldest)));
        reached.values().stream()
                .max(Comparator.comparing(Exercise::at))
                .ifPresent(newest -> json.put("newest", exerciseJson(newest)));
        return json.build();
    }

    private static Json exerciseJson(Exercise exercise) {
        return Json.object()
                .put("kill", exercise.kill().toString())
                .put("at", exercise.at().toString())
                .put("applied", exercise.applied())
                .put("missing", exercise.missing())
                .put("slowestMs", exercise.slowestMs())
                .put("verdict", exercise.verdict())
                .build();
    }

    /** Kills that hold some of what would be touched. */
    private List<Json> standing(SortedSet<String> touched) {
        List<Json> found = new ArrayList<>();
        for (StandingKill kill : kills.standing(request.environment())) {
            SortedSet<String> held = new TreeSet<>(touched);
            held.removeIf(flag -> !kill.holds(image(), flag));
            if (!held.isEmpty() && found.size() < DETAILED) {
                found.add(KillSummary.of(kill, held));
            }
        }
        return found;
    }
}
