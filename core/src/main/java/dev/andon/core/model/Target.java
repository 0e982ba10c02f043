package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.util.List;
import java.util.stream.Stream;

/** What a kill is aimed at, in one environment. */
public sealed interface Target {
    String FLAG = "flag:";
    String TAG = "tag:";
    String OWNER = "owner:";
    String KIND = "kind:";
    String EVERYTHING = "everything";

    /** Whether a flag is hit. */
    boolean matches(Flag flag);

    /** Whether it may hit more than one flag, those that there will be included. */
    default boolean wide() {
        return true;
    }

    /**
     * How people read and write it, such as {@code tag:vendor:stripe}; a flag's is its key alone, unless that reads as
     * another target: then {@code flag:} stands before it. {@link #parse} reads it back.
     */
    String label();

    Json toJson();

    record OneFlag(String flag) implements Target {
        public OneFlag {
            Keys.key("target.flag", flag);
        }

        @Override
        public boolean matches(Flag candidate) {
            return candidate.key().equals(flag);
        }

        @Override
        public boolean wide() {
            return false;
        }

        @Override
        public String label() {
            boolean ambiguous = flag.equals(EVERYTHING)
                    || flag.startsWith(FLAG)
                    || flag.startsWith(TAG)
                    || flag.startsWith(OWNER)
                    || flag.startsWith(KIND);
            return ambiguous ? FLAG + flag : flag;
        }

        @Override
        public Json toJson() {
            return Json.object().put("flag", flag).build();
        }
    }

    record Tagged(String tag) implements Target {
        public Tagged {
            Keys.key("target.tag", tag);
        }

        @Override
        public boolean matches(Flag candidate) {
            return candidate.tags().contains(tag);
        }

        @Override
        public String label() {
            return TAG + tag;
        }

        @Override
        public Json toJson() {
            return Json.object().put("tag", tag).build();
        }
    }

    record OwnedBy(String owner) implements Target {
        public OwnedBy {
            Keys.name("target.owner", owner);
        }

        @Override
        public boolean matches(Flag candidate) {
            return candidate.owner().equals(owner);
        }

        @Override
        public String label() {
            return OWNER + owner;
        }

        @Override
        public Json toJson() {
            return Json.object().put("owner", owner).build();
        }
    }

    record OfKind(FlagKind kind) implements Target {
        @Override
        public boolean matches(Flag candidate) {
            return candidate.kind() == kind;
        }

        @Override
        public String label() {
            return KIND + kind.word();
        }

        @Override
        public Json toJson() {
            return Json.object().put("kind", kind.word()).build();
        }
    }

    /** Every flag of the environment. */
    record Everything() implements Target {
        @Override
        public boolean matches(Flag candidate) {
            return true;
        }

        @Override
        public String label() {
            return EVERYTHING;
        }

        @Override
        public Json toJson() {
            return Json.object().put("everything", true).build();
        }
    }

    /**
     * Reads a {@link #label}: {@code tag:…}, {@code owner:…}, {@code kind:…}, {@code everything}, {@code flag:…}; whatever
     * begins otherwise is a flag's key.
     */
    static Target parse(String text) {
        if (text.equals(EVERYTHING)) {
            return new Everything();
        }
        if (text.startsWith(FLAG)) {
            return new OneFlag(text.substring(FLAG.length()));
        }
        if (text.startsWith(TAG)) {
            return new Tagged(text.substring(TAG.length()));
        }
        if (text.startsWith(OWNER)) {
            return new OwnedBy(text.substring(OWNER.length()));
        }
        if (text.startsWith(KIND)) {
            String word = text.substring(KIND.length());
            FlagKind kind = FlagKind.WORDS.get(word);
            if (kind == null) {
                throw new InvalidInput(
                        "target.kind", Json.of(word).text(), "one of " + String.join(", ", FlagKind.WORDS.keySet()));
            }
            return new OfKind(kind);
        }
        return new OneFlag(text);
    }

    /** Reads the object form, which has exactly one member. */
    static Target read(Fields fields) {
        List<String> given = Stream.of("flag", "tag", "owner", "kind", EVERYTHING)
                .filter(fields::has)
                .toList();
        if (given.size() != 1) {
            throw new InvalidInput(
                    fields.pathOf("flag"),
                    given.isEmpty() ? "nothing" : String.join(" beside ", given),
                    "exactly one of flag, tag, owner, kind, everything");
        }
        return switch (given.get(0)) {
            case "flag" -> new OneFlag(fields.text("flag"));
            case "tag" -> new Tagged(fields.text("tag"));
            case "owner" -> new OwnedBy(fields.text("owner"));
            case "kind" -> new OfKind(fields.word("kind", FlagKind.WORDS));
            default -> {
                if (!fields.bool(EVERYTHING)) {
                    throw new InvalidInput(fields.pathOf(EVERYTHING), "false", "true");
                }
                yield new Everything();
            }
        };
    }
}
