package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;

/** What a kill is aimed at, in one environment. */
public sealed interface Target {

    /** Whether a flag is hit. */
    boolean matches(Flag flag);

    /** How people read and write it, such as {@code tag:vendor-x}; a flag's is its key alone. */
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
        public String label() {
            return flag;
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
            return "tag:" + tag;
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
            return "owner:" + owner;
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
            return "kind:" + kind.word();
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
            return "everything";
        }

        @Override
        public Json toJson() {
            return Json.object().put("everything", true).build();
        }
    }

    static Target read(Fields fields) {
        if (fields.has("flag")) {
            return new OneFlag(fields.text("flag"));
        }
        if (fields.has("tag")) {
            return new Tagged(fields.text("tag"));
        }
        if (fields.has("owner")) {
            return new OwnedBy(fields.text("owner"));
        }
        if (fields.has("kind")) {
            return new OfKind(fields.word("kind", FlagKind.WORDS));
        }
        if (fields.bool("everything", false)) {
            return new Everything();
        }
        throw new InvalidInput(fields.pathOf("flag"), "nothing", "one of flag, tag, owner, kind, everything");
    }
}
