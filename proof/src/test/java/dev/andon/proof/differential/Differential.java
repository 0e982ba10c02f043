package dev.andon.proof.differential;

import dev.andon.core.evaluate.Evaluation;
import dev.andon.core.evaluate.Ruleset;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.model.KillId;
import dev.andon.core.model.ValueType;
import dev.andon.server.flagd.FlagdDocuments;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks Andon and flagd's engines the same. Not thread-safe. */
final class Differential implements AutoCloseable {
    /** Documents nest deeper than what Andon reads elsewhere. */
    private static final JsonLimits DEEP = new JsonLimits(64 << 20, 256, 1 << 20);

    private final Engine node = Engine.node();
    private final Engine java = Engine.java();
    private final Tally tally = new Tally();

    /**
     * Something that isn't the same everywhere.
     *
     * @param java what the Java engine says, if it is asked: its {@code fractional} is known to be another
     */
    record Disagreement(
            World world,
            String flag,
            Map<String, Json> context,
            String document,
            Answer andon,
            Answer node,
            Optional<Answer> java) {
        @Override
        public String toString() {
            return "flag " + flag + " for " + new Json.Members(context).text() + "%n  Andon: ".formatted() + andon
                    + "%n  JavaScript: ".formatted() + node
                    + "%n  Java: ".formatted() + java.map(Answer::toString).orElse("not asked")
                    + "%n  rule set: ".formatted() + world.toJson().text()
                    + "%n  document: ".formatted() + document;
        }
    }

    Tally tally() {
        return tally;
    }

    /** Asks all flags for all of these contexts; stops at the first disagreement of a flag. */
    List<Disagreement> ask(World world, List<Map<String, Json>> contexts) {
        return ask(world, contexts, tally);
    }

    private List<Disagreement> ask(World world, List<Map<String, Json>> contexts, Tally tally) {
        FlagdDocuments.Written written = FlagdDocuments.of(world.image(), World.ENVIRONMENT);
        tally.count(world, written);
        List<Disagreement> found = new ArrayList<>();
        List<Engine.Question> questions = new ArrayList<>();
        for (Map.Entry<String, World.Configured> flag : world.flags().entrySet()) {
            if (!written.left().containsKey(flag.getKey())) {
                ValueType type = flag.getValue().flag().type();
                contexts.forEach(context -> questions.add(new Engine.Question(flag.getKey(), type, context)));
            }
        }
        Map<Set<KillId>, Ruleset> rulesets = new HashMap<>();
        String document = written.text();
        java.ask(document, questions);
        node.ask(document, questions);
        List<Answer> byNode = node.answers();
        List<Answer> byJava = java.answers();
        Map<String, Json> flags = flags(document);
        String last = "";
        for (int i = 0; i < questions.size(); i++) {
            Engine.Question question = questions.get(i);
            Set<KillId> widened = written.widened().getOrDefault(question.flag(), Set.of());
            Ruleset ruleset = rulesets.computeIfAbsent(widened, world::ruleset);
            Evaluation evaluation = ruleset.evaluate(question.flag(), question.type(), Pools.andon(question.context()));
            Answer andon = evaluation.usesDefault()
                    ? new Answer.Default(String.valueOf(evaluation.message()))
                    : new Answer.Served(String.valueOf(evaluation.variant()), evaluation.value());
            boolean fractional =
                    flags.getOrDefault(question.flag(), Json.Null.NULL).text().contains("\"fractional\"");
            Optional<Answer> inJava = fractional ? Optional.empty() : Optional.of(byJava.get(i));
            boolean unlike = fractional && hashesOtherThanAscii(world, question.context());
            boolean agree = (unlike || byNode.get(i).same(andon))
                    && inJava.map(andon::same).orElse(true);
            tally.count(question, evaluation, inJava.isPresent());
            if (!agree && !question.flag().equals(last)) {
                last = question.flag();
                found.add(new Disagreement(
                        world, question.flag(), question.context(), document, andon, byNode.get(i), inJava));
            }
        }
        return found;
    }

    /** How many of the flags can't be written. */
    static int left(World world) {
        return FlagdDocuments.of(world.image(), World.ENVIRONMENT).left().size();
    }

    /** Asks one flag for one context, if it can be written. */
    Optional<Disagreement> ask(World world, String flag, Map<String, Json> context) {
        try {
            return ask(world, List.of(context), new Tally()).stream()
                    .filter(found -> found.flag().equals(flag))
                    .findFirst();
        } catch (InvalidInput impossible) {
            return Optional.empty();
        }
    }

    /** The JavaScript engine hashes UTF-16 in place of UTF-8: with other characters its buckets are others. */
    private static boolean hashesOtherThanAscii(World world, Map<String, Json> context) {
        return world.splits()
                .map(split -> context.getOrDefault(split.attribute(), Json.Null.NULL))
                .anyMatch(value -> value.text().chars().anyMatch(c -> c > '~'));
    }

    private static Map<String, Json> flags(String document) {
        Json json = Json.parse(document.getBytes(StandardCharsets.UTF_8), DEEP);
        return Fields.lenient(json).map("flags");
    }

    @Override
    public void close() {
        try (node) {
            java.close();
        }
    }
}
