package dev.andon.proof.differential;

import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Kill;
import dev.andon.core.model.Prerequisite;
import dev.andon.core.model.Rule;
import dev.andon.core.model.Serve;
import dev.andon.core.model.WhenBlind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Makes a disagreement small: leaves out what it can do without. */
final class Shrinking {
    private static final int TRIES = 3_000;

    private final Differential differential;
    private Differential.Disagreement smallest;
    private int tries;

    private Shrinking(Differential differential, Differential.Disagreement found) {
        this.differential = differential;
        this.smallest = found;
    }

    static Differential.Disagreement of(Differential differential, Differential.Disagreement found) {
        Shrinking shrinking = new Shrinking(differential, found);
        while (shrinking.step() && shrinking.tries < TRIES) {
            // Smaller, perhaps not yet the smallest.
        }
        return shrinking.smallest;
    }

    private boolean step() {
        World world = smallest.world();
        for (World smaller : smaller(world, smallest.flag())) {
            if (tries(smaller, smallest.context())) {
                return true;
            }
        }
        for (String name : smallest.context().keySet()) {
            Map<String, Json> context = new LinkedHashMap<>(smallest.context());
            context.remove(name);
            if (tries(world, context)) {
                return true;
            }
        }
        return false;
    }

    private boolean tries(World world, Map<String, Json> context) {
        tries++;
        Optional<Differential.Disagreement> again = differential.ask(world, smallest.flag(), context);
        again.ifPresent(found -> smallest = found);
        return again.isPresent();
    }

    private static List<World> smaller(World world, String asked) {
        List<World> all = new ArrayList<>();
        world.flags().keySet().stream().filter(key -> !key.equals(asked)).forEach(key -> all.add(without(world, key)));
        for (int i = 0; i < world.kills().size(); i++) {
            List<Kill> kills = new ArrayList<>(world.kills());
            Kill kill = kills.remove(i);
            all.add(world.withKills(kills));
            if (kill.audience().isPresent()) {
                for (Condition simpler : simpler(kill.audience().get())) {
                    List<Kill> others = new ArrayList<>(world.kills());
                    others.set(i, World.with(kill, Optional.of(simpler)));
                    all.add(world.withKills(others));
                }
            }
        }
        world.segments().forEach((key, when) -> {
            Map<String, Condition> segments = new LinkedHashMap<>(world.segments());
            segments.remove(key);
            all.add(world.withSegments(segments));
            simpler(when).forEach(simpler -> {
                Map<String, Condition> others = new LinkedHashMap<>(world.segments());
                others.put(key, simpler);
                all.add(world.withSegments(others));
            });
        });
        world.flags().forEach((key, configured) -> {
            for (Configuration simpler : simpler(configured.configuration())) {
                Map<String, World.Configured> flags = new LinkedHashMap<>(world.flags());
                flags.put(key, configured.with(simpler));
                all.add(world.withFlags(flags));
            }
        });
        return all;
    }

    private static World without(World world, String flag) {
        Map<String, World.Configured> flags = new LinkedHashMap<>(world.flags());
        flags.remove(flag);
        return world.withFlags(flags);
    }

    private static List<Configuration> simpler(Configuration from) {
        List<Configuration> all = new ArrayList<>();
        for (List<Prerequisite> needs : shorter(from.prerequisites())) {
            all.add(with(from, needs, from.rules(), from.fallThrough()));
        }
        for (List<Rule> rules : shorter(from.rules())) {
            all.add(with(from, from.prerequisites(), rules, from.fallThrough()));
        }
        for (int i = 0; i < from.rules().size(); i++) {
            Rule rule = from.rules().get(i);
            for (Condition when : simpler(rule.when())) {
                all.add(withRule(from, i, new Rule(rule.name(), when, rule.serve())));
            }
            for (Serve serve : simpler(rule.serve())) {
                all.add(withRule(from, i, new Rule(rule.name(), rule.when(), serve)));
            }
        }
        simpler(from.fallThrough()).forEach(serve -> all.add(with(from, from.prerequisites(), from.rules(), serve)));
        return all;
    }

    private static Configuration withRule(Configuration from, int index, Rule rule) {
        List<Rule> rules = new ArrayList<>(from.rules());
        rules.set(index, rule);
        return with(from, from.prerequisites(), rules, from.fallThrough());
    }

    private static Configuration with(
            Configuration from, List<Prerequisite> needs, List<Rule> rules, Serve fallThrough) {
        return new Configuration(
                from.variants(), from.safeVariant(), from.on(), needs, rules, fallThrough, new WhenBlind.Keep());
    }

    private static List<Serve> simpler(Serve serve) {
        return switch (serve) {
            case Serve.Fixed fixed -> List.of();
            case Serve.Split split -> {
                List<Serve> all = new ArrayList<>();
                split.variants().forEach(variant -> all.add(new Serve.Fixed(variant)));
                for (List<Serve.Share> shares : shorter(split.shares())) {
                    if (shares.stream().mapToLong(Serve.Share::weight).sum() > 0) {
                        all.add(new Serve.Split(shares, split.attribute(), split.seed()));
                    }
                }
                yield all;
            }
        };
    }

    private static List<Condition> simpler(Condition condition) {
        return switch (condition) {
            case Condition.All all -> simpler(all.parts(), Condition.All::new);
            case Condition.Any any -> simpler(any.parts(), Condition.Any::new);
            case Condition.Not not -> {
                List<Condition> simpler = new ArrayList<>(List.of(not.part()));
                simpler(not.part()).forEach(part -> simpler.add(new Condition.Not(part)));
                yield simpler;
            }
            case Condition.In in ->
                shorter(in.values()).stream()
                        .<Condition>map(values -> new Condition.In(in.attribute(), values))
                        .toList();
            case Condition.TextMatch match ->
                shorter(match.values()).stream()
                        .<Condition>map(values -> new Condition.TextMatch(match.attribute(), match.operator(), values))
                        .toList();
            case Condition.NumberMatch match -> List.of();
            case Condition.VersionMatch match -> List.of();
            case Condition.DateMatch match -> List.of();
            case Condition.Exists exists -> List.of();
            case Condition.InSegment in -> List.of();
        };
    }

    private static List<Condition> simpler(List<Condition> parts, Function<List<Condition>, Condition> combined) {
        List<Condition> all = new ArrayList<>(parts);
        shorter(parts).forEach(shorter -> all.add(combined.apply(shorter)));
        for (int i = 0; i < parts.size(); i++) {
            for (Condition simpler : simpler(parts.get(i))) {
                List<Condition> others = new ArrayList<>(parts);
                others.set(i, simpler);
                all.add(combined.apply(others));
            }
        }
        return all;
    }

    /** The list without one of its items. */
    private static <T> List<List<T>> shorter(List<T> items) {
        List<List<T>> all = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            List<T> others = new ArrayList<>(items);
            others.remove(i);
            all.add(others);
        }
        return all;
    }
}
