package dev.andon.server.importing;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Condition;
import dev.andon.core.model.Flag;
import dev.andon.core.model.FlagKind;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Segment;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A flagd document (https://flagd.dev/schema/v0/flags.json), turned into flags and segments.
 *
 * <ul>
 *   <li>The value type is that of all the variants; whole and other numbers together are numbers.
 *   <li>The safe variant, which flagd doesn't know, is the one that the flag's metadata name under {@code safeVariant};
 *       else {@code off} if there is such a variant, else the default variant.
 *   <li>{@code "state": "DISABLED"} is off.
 *   <li>Targeting becomes rules; an evaluator that asks a question becomes a segment, with those that it refers to.
 *   <li>Of metadata, {@code owner}, {@code kind}, {@code tags} and {@code lifetimeDays} are taken over. What has no place here is noted; what can't be
 *       expressed is a problem of the flag.
 * </ul>
 *
 * @param problems what can't be taken over; nothing should be, if there are any
 */
record FlagdDocument(
        SortedMap<String, ReadFlag> flags,
        SortedMap<String, Segment> segments,
        SortedSet<String> notes,
        List<InvalidInput> problems) {
    private static final Set<String> MEMBERS =
            Set.of("variants", "defaultVariant", "state", "targeting", "description", "metadata");
    private static final Set<String> METADATA =
            Set.of("safeVariant", "owner", "kind", "tags", "lifetimeDays", "version", "killId");

    /** @param notes what the reader should know */
    record ReadFlag(
            String key,
            ValueType type,
            Map<String, Json> variants,
            String safeVariant,
            boolean on,
            Targeting.Rules rules,
            String description,
            Optional<String> owner,
            Optional<FlagKind> kind,
            SortedSet<String> tags,
            OptionalInt lifetimeDays,
            SortedSet<String> notes) {}

    /** @param left flags that the caller leaves out */
    static FlagdDocument read(Json json, Set<String> left) {
        return new Reader(json, left).read();
    }

    private static final class Reader {
        private final Fields document;
        private final Set<String> left;
        private final Map<String, Json> given;
        private final Map<String, Json> evaluators;
        private final SortedMap<String, ReadFlag> flags = new TreeMap<>();
        private final SortedMap<String, Segment> segments = new TreeMap<>();
        private final Set<String> reading = new HashSet<>();
        private final SortedSet<String> notes = new TreeSet<>();
        private final List<InvalidInput> problems = new ArrayList<>();

        Reader(Json json, Set<String> left) {
            this.document =
                    Fields.lenient(Json.object().put("document", json).build()).object("document");
            this.left = left;
            if (!document.has("flags")) {
                throw new InvalidInput("document.flags", "nothing", "an object with the flags by key");
            }
            this.given = given(document.json("flags"));
            this.evaluators = document.map("$evaluators");
        }

        /** By key, as most documents have them, or in a list. */
        private static Map<String, Json> given(Json flags) {
            if (flags instanceof Json.Members object) {
                return object.members();
            }
            if (!(flags instanceof Json.Array list)) {
                throw new InvalidInput("document.flags", flags.text(), "an object with the flags by key, or a list");
            }
            Map<String, Json> byKey = new LinkedHashMap<>();
            for (int i = 0; i < list.items().size(); i++) {
                String path = "document.flags[" + i + "]";
                if (!(list.items().get(i) instanceof Json.Members flag)
                        || !(flag.members().get("key") instanceof Json.Text key)) {
                    throw new InvalidInput(path, list.items().get(i).text(), "a flag with its key");
                }
                if (byKey.containsKey(key.value())) {
                    throw new InvalidInput(path + ".key", Json.of(key.value()).text(), "each key once");
                }
                Map<String, Json> members = new LinkedHashMap<>(flag.members());
                members.remove("key");
                byKey.put(key.value(), new Json.Members(members));
            }
            return byKey;
        }

        FlagdDocument read() {
            for (String key : left) {
                if (!given.containsKey(key)) {
                    throw new InvalidInput("without", key, "flags of the document");
                }
            }
            given.forEach((key, flag) -> {
                if (!left.contains(key)) {
                    attempt(() -> flags.put(key, flag(key, flag)));
                }
            });
            noteTheRest();
            return new FlagdDocument(flags, segments, notes, problems);
        }

        private void attempt(Runnable step) {
            try {
                step.run();
            } catch (InvalidInput problem) {
                problems.add(problem);
            }
        }

        private ReadFlag flag(String key, Json json) {
            String path = "document.flags." + key;
            Keys.key(path, key);
            Fields flag = Fields.lenient(Json.object().put(key, json).build()).object(key);
            try {
                return read(key, path, flag);
            } catch (InvalidInput refused) {
                if (refused.path().startsWith("document.") || refused.path().startsWith("$")) {
                    throw refused;
                }
                String inside =
                        refused.path().startsWith(key) ? refused.path().substring(key.length()) : "." + refused.path();
                throw new InvalidInput(path + inside, refused.value(), refused.expected());
            }
        }

        private ReadFlag read(String key, String path, Fields flag) {
            SortedSet<String> flagNotes = new TreeSet<>();
            Map<String, Json> variants = flag.map("variants");
            if (variants.isEmpty()) {
                throw new InvalidInput(path + ".variants", "{}", "at least one variant");
            }
            String among = "one of the variants " + String.join(", ", variants.keySet());
            if (!flag.has("defaultVariant")) {
                throw new InvalidInput(
                        path + ".defaultVariant",
                        "nothing",
                        among + ": flagd leaves the value to the caller then, but here a variant is always served");
            }
            String defaultVariant = flag.text("defaultVariant");
            if (!variants.containsKey(defaultVariant)) {
                throw new InvalidInput(
                        path + ".defaultVariant", Json.of(defaultVariant).text(), among);
            }
            boolean on = flag.word("state", Map.of("ENABLED", true, "DISABLED", false));
            if (!on) {
                flagNotes.add(
                        "off, it serves its safe variant; flagd leaves the value of a disabled flag to the caller");
            }
            JsonLogic logic = new JsonLogic(evaluators, new Constants(Optional.of(key)), flagNotes);
            Json targeting = flag.has("targeting") ? flag.json("targeting") : Json.Null.NULL;
            Targeting.Rules rules =
                    new Targeting(logic, evaluators, variants, defaultVariant).read(path + ".targeting", targeting);
            rules.rules().forEach(rule -> addSegments(rule.when()));
            Map<String, Json> metadata = flag.map("metadata");
            noteMembers(members(key), metadata, flagNotes);
            return new ReadFlag(
                    key,
                    type(path, variants),
                    variants,
                    text(metadata, "safeVariant")
                            .filter(variants::containsKey)
                            .orElse(variants.containsKey("off") ? "off" : defaultVariant),
                    on,
                    rules,
                    Keys.prose("description", flag.text("description", "")),
                    text(metadata, "owner").map(owner -> Keys.name("metadata.owner", owner)),
                    text(metadata, "kind").flatMap(kind -> Optional.ofNullable(FlagKind.WORDS.get(kind))),
                    tags(metadata),
                    lifetimeDays(metadata),
                    flagNotes);
        }

        private static SortedSet<String> tags(Map<String, Json> metadata) {
            SortedSet<String> tags = new TreeSet<>();
            text(metadata, "tags").ifPresent(all -> {
                for (String tag : all.split(",", -1)) {
                    tags.add(Keys.key("metadata.tags", tag.strip()));
                }
            });
            return tags;
        }

        private static OptionalInt lifetimeDays(Map<String, Json> metadata) {
            return metadata.get("lifetimeDays") instanceof Json.Whole days
                            && days.value() >= 1
                            && days.value() <= Flag.MAX_LIFETIME_DAYS
                    ? OptionalInt.of((int) days.value())
                    : OptionalInt.empty();
        }

        private static Optional<String> text(Map<String, Json> metadata, String name) {
            return metadata.get(name) instanceof Json.Text text ? Optional.of(text.value()) : Optional.empty();
        }

        private Map<String, Json> members(String key) {
            return given.get(key) instanceof Json.Members members ? members.members() : Map.of();
        }

        private static void noteMembers(
                Map<String, Json> members, Map<String, Json> metadata, SortedSet<String> notes) {
            members.keySet().stream()
                    .filter(member -> !MEMBERS.contains(member))
                    .forEach(member -> notes.add(member + " isn't kept: there is no place for it"));
            metadata.keySet().stream()
                    .filter(member -> !METADATA.contains(member))
                    .forEach(member -> notes.add("metadata." + member + " isn't kept: there is no place for it"));
            text(metadata, "killId")
                    .ifPresent(
                            kill -> notes.add("it was exported while kill " + kill + " held it: the document has what"
                                    + " was served then, which isn't how the flag was configured"));
        }

        private void addSegments(Condition condition) {
            Set<String> named = new LinkedHashSet<>();
            condition.collectSegments(named);
            named.stream().filter(name -> !segments.containsKey(name)).forEach(this::addSegment);
        }

        private void addSegment(String name) {
            String path = "document.$evaluators." + name;
            if (!reading.add(name)) {
                throw new InvalidInput(path, Json.of(name).text(), "no circle of references");
            }
            JsonLogic logic = new JsonLogic(evaluators, new Constants(Optional.empty()), notes);
            Condition when = logic.condition(path, evaluators.getOrDefault(name, Json.Null.NULL));
            addSegments(when);
            segments.put(name, new Segment(Keys.key(path, name), "", when));
            reading.remove(name);
        }

        private void noteTheRest() {
            document.map("metadata").keySet().stream()
                    .filter(member -> !member.equals("flagSetId"))
                    .forEach(member -> notes.add("metadata." + member + " isn't kept: there is no place for it"));
            evaluators.keySet().stream()
                    .filter(name -> !segments.containsKey(name))
                    .forEach(name -> notes.add("$evaluators." + name + " is no segment: it is written out where it is"
                            + " used to choose a variant, and nothing else uses it"));
        }

        private static ValueType type(String path, Map<String, Json> variants) {
            Optional<ValueType> common = Optional.empty();
            for (Map.Entry<String, Json> variant : variants.entrySet()) {
                ValueType type = type(path + ".variants." + variant.getKey(), variant.getValue());
                if (common.isEmpty() || common.get() == type) {
                    common = Optional.of(type);
                } else if (isNumeric(common.get()) && isNumeric(type)) {
                    common = Optional.of(ValueType.NUMBER);
                } else {
                    throw new InvalidInput(
                            path + ".variants." + variant.getKey(),
                            variant.getValue().text(),
                            "a value of type " + common.get().word() + ", as of the variants before it");
                }
            }
            return common.orElseThrow();
        }

        private static ValueType type(String path, Json value) {
            return switch (value) {
                case Json.Bool bool -> ValueType.BOOLEAN;
                case Json.Text text -> ValueType.STRING;
                case Json.Whole whole -> ValueType.INTEGER;
                case Json.Decimal decimal -> ValueType.NUMBER;
                case Json.Members object -> ValueType.OBJECT;
                case Json.Array array -> ValueType.OBJECT;
                case Json.Null nothing -> throw new InvalidInput(path, "null", "a value");
            };
        }

        private static boolean isNumeric(ValueType type) {
            return type == ValueType.INTEGER || type == ValueType.NUMBER;
        }
    }
}
