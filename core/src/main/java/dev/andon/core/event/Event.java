package dev.andon.core.event;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Configuration;
import dev.andon.core.model.Environment;
import dev.andon.core.model.Flag;
import dev.andon.core.model.Keys;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Segment;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.model.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A fact about one object: what it is from now on, in full. The ledger, snapshots of images and the patches that clients
 * get are all lists of events, applied by the same code. The ledger alone holds {@link Observed} ones, which are no state.
 */
public sealed interface Event {

    /** The word that stands for the event's type in its JSON form. */
    String type();

    /** The object that the event is about, such as {@code production/flag/new-checkout}; the same for all its events. */
    String subject();

    /** The environment that the event belongs to; none for what all environments share. */
    default Optional<String> scope() {
        return Optional.empty();
    }

    Json toJson();

    record EnvironmentSaved(Environment environment) implements Event {
        @Override
        public String type() {
            return "environment";
        }

        @Override
        public String subject() {
            return "environment/" + environment.key();
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment.toJson())
                    .build();
        }
    }

    /**
     * A flag's metadata; with {@code archived}, the flag leaves every environment and its key is a tombstone: no other flag
     * ever gets it. Only a rollback to a time when it was in use takes the archive back.
     */
    record FlagSaved(Flag flag) implements Event {
        @Override
        public String type() {
            return "flag";
        }

        @Override
        public String subject() {
            return "flag/" + flag.key();
        }

        @Override
        public Json toJson() {
            return Json.object().put("type", type()).put("flag", flag.toJson()).build();
        }
    }

    record ConfigurationSaved(String environment, String flag, Configuration configuration) implements Event {
        @Override
        public String type() {
            return "configuration";
        }

        @Override
        public String subject() {
            return configurationOf(environment, flag);
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(environment);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment)
                    .put("flag", flag)
                    .put("configuration", configuration.toJson())
                    .build();
        }
    }

    /** A flag leaves an environment, as a rollback to a time before it came there takes it out again. */
    record ConfigurationDeleted(String environment, String flag) implements Event {
        @Override
        public String type() {
            return "configuration-deleted";
        }

        @Override
        public String subject() {
            return configurationOf(environment, flag);
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(environment);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment)
                    .put("flag", flag)
                    .build();
        }
    }

    record SegmentSaved(String environment, Segment segment) implements Event {
        @Override
        public String type() {
            return "segment";
        }

        @Override
        public String subject() {
            return segmentOf(environment, segment.key());
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(environment);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment)
                    .put("segment", segment.toJson())
                    .build();
        }
    }

    record SegmentDeleted(String environment, String segment) implements Event {
        @Override
        public String type() {
            return "segment-deleted";
        }

        @Override
        public String subject() {
            return segmentOf(environment, segment);
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(environment);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment)
                    .put("segment", segment)
                    .build();
        }
    }

    /** A kill entered the ledger and stands; its number counts as settled. {@code flags} are what it holds by now. */
    record KillStood(SignedKill kill, SortedSet<String> flags) implements Event {
        public KillStood {
            flags = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(flags));
        }

        @Override
        public String type() {
            return "kill";
        }

        @Override
        public String subject() {
            return killOf(kill.id());
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(kill.kill().environment());
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("kill", kill.toJson())
                    .put("flags", Json.texts(flags))
                    .build();
        }
    }

    /** A kill was released; its number stays settled, so that no journal can raise it again. */
    record KillRestored(String environment, KillId kill) implements Event {
        @Override
        public String type() {
            return "restore";
        }

        @Override
        public String subject() {
            return killOf(kill);
        }

        @Override
        public Optional<String> scope() {
            return Optional.of(environment);
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("environment", environment)
                    .put("kill", kill.toString())
                    .build();
        }
    }

    /** Numbers of one journal that the ledger has settled, first to last, both included. Only in snapshots and patches. */
    record Settled(String journal, long first, long last) implements Event {
        public Settled {
            new KillId(journal, first);
            if (last < first) {
                throw new InvalidInput("last", "" + last, "at least " + first);
            }
        }

        @Override
        public String type() {
            return "settled";
        }

        @Override
        public String subject() {
            return "journal/" + journal;
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("journal", journal)
                    .put("first", first)
                    .put("last", last)
                    .build();
        }
    }

    record TokenSaved(Token token) implements Event {
        @Override
        public String type() {
            return "token";
        }

        @Override
        public String subject() {
            return "token/" + token.id();
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("token", token.toJson())
                    .build();
        }
    }

    record NodeSaved(Node node) implements Event {
        @Override
        public String type() {
            return "node";
        }

        @Override
        public String subject() {
            return "node/" + node.id();
        }

        @Override
        public Json toJson() {
            return Json.object().put("type", type()).put("node", node.toJson()).build();
        }
    }

    /**
     * A request with an idempotency key was carried out in this entry; a repeat isn't carried out again.
     *
     * @param request the key, with the caller's identity before it
     * @param digest SHA-256 over the request, so that the same key with another request is refused
     */
    record RequestDone(String request, String digest) implements Event {
        @Override
        public String type() {
            return "request";
        }

        @Override
        public String subject() {
            return "request/" + request;
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("request", request)
                    .put("digest", digest)
                    .build();
        }
    }

    /**
     * The ledger goes on although an entry before is broken. From here on, that entry counts as known to be: what it did is
     * in no one's image but by way of images that were folded before it broke.
     *
     * @param entry the version of the broken entry
     * @param found what was found wrong with it
     */
    record LedgerContinued(long entry, String found) implements Event {
        public LedgerContinued {
            if (entry < 1) {
                throw new InvalidInput("entry", "" + entry, "a version from 1");
            }
        }

        @Override
        public String type() {
            return "ledger-continued";
        }

        @Override
        public String subject() {
            return "ledger/" + entry;
        }

        @Override
        public Json toJson() {
            return Json.object()
                    .put("type", type())
                    .put("entry", entry)
                    .put("found", found)
                    .build();
        }
    }

    /**
     * Something that a node saw. It changes no state: images, and what clients get, are the same with and without it.
     *
     * @param what the kind of observation, such as {@code relapse}
     * @param about the object that it is about, such as {@code kill/9f86d081-1}
     * @param environment where; none for what all environments share
     * @param target what kill or stop it has to do with, if any
     * @param flags the flags that it is about, some if they are many
     * @param details in a form that depends on what it is
     */
    record Observed(
            String what,
            String about,
            Optional<String> environment,
            Optional<Target> target,
            SortedSet<String> flags,
            Json.Members details)
            implements Event {
        public static final int MAX_FLAGS = 1_000;
        public static final int MAX_DETAIL_BYTES = 64 << 10;
        private static final int MAX_ABOUT_CHARS = 1_000;

        public Observed {
            Keys.key("what", what);
            if (about.indexOf('/') < 1 || about.length() > MAX_ABOUT_CHARS) {
                throw new InvalidInput(
                        "about", Json.of(about).text(), "an object's name with a / in it, up to " + MAX_ABOUT_CHARS);
            }
            flags = java.util.Collections.unmodifiableSortedSet(new TreeSet<>(flags));
            if (flags.size() > MAX_FLAGS) {
                throw new InvalidInput("flags", flags.size() + " items", "at most " + MAX_FLAGS);
            }
            int bytes = details.utf8().length;
            if (bytes > MAX_DETAIL_BYTES) {
                throw new InvalidInput("details", bytes + " bytes", "at most " + MAX_DETAIL_BYTES);
            }
        }

        @Override
        public String type() {
            return "observed";
        }

        @Override
        public String subject() {
            return about + "/" + what;
        }

        @Override
        public Optional<String> scope() {
            return environment;
        }

        @Override
        public Json toJson() {
            Json.Builder json = Json.object()
                    .put("type", type())
                    .put("what", what)
                    .put("about", about)
                    .put("environment", environment);
            target.ifPresent(aimed -> json.put("target", aimed.toJson()));
            return json.put("flags", Json.texts(flags)).put("details", details).build();
        }

        private static Observed read(Fields fields) {
            return new Observed(
                    fields.text("what"),
                    fields.text("about"),
                    fields.optionalText("environment"),
                    fields.optionalObject("target").map(Target::read),
                    new TreeSet<>(fields.texts("flags")),
                    new Json.Members(fields.map("details")));
        }
    }

    static String configurationOf(String environment, String flag) {
        return environment + "/flag/" + flag;
    }

    static String segmentOf(String environment, String segment) {
        return environment + "/segment/" + segment;
    }

    static String killOf(KillId kill) {
        return "kill/" + kill;
    }

    static Event read(Fields fields) {
        String type = fields.text("type");
        return switch (type) {
            case "environment" -> new EnvironmentSaved(nested(fields, "environment", Environment::read));
            case "flag" -> new FlagSaved(nested(fields, "flag", Flag::read));
            case "configuration" ->
                new ConfigurationSaved(
                        fields.text("environment"),
                        fields.text("flag"),
                        nested(fields, "configuration", Configuration::read));
            case "configuration-deleted" -> new ConfigurationDeleted(fields.text("environment"), fields.text("flag"));
            case "segment" -> new SegmentSaved(fields.text("environment"), nested(fields, "segment", Segment::read));
            case "segment-deleted" -> new SegmentDeleted(fields.text("environment"), fields.text("segment"));
            case "kill" ->
                new KillStood(nested(fields, "kill", SignedKill::read), new TreeSet<>(fields.texts("flags")));
            case "restore" ->
                new KillRestored(fields.text("environment"), KillId.parse(fields.pathOf("kill"), fields.text("kill")));
            case "settled" ->
                new Settled(
                        fields.text("journal"),
                        fields.whole("first", 1, Long.MAX_VALUE),
                        fields.whole("last", 1, Long.MAX_VALUE));
            case "token" -> new TokenSaved(nested(fields, "token", Token::read));
            case "node" -> new NodeSaved(nested(fields, "node", Node::read));
            case "ledger-continued" ->
                new LedgerContinued(fields.whole("entry", 1, Long.MAX_VALUE), fields.text("found"));
            case "observed" -> Observed.read(fields);
            case "request" -> new RequestDone(fields.text("request"), fields.text("digest"));
            default ->
                throw new InvalidInput(
                        fields.pathOf("type"),
                        Json.of(type).text(),
                        "an event type that this version knows; update Andon");
        };
    }

    private static <T> T nested(Fields fields, String name, Function<Fields, T> read) {
        Fields object = fields.object(name);
        T value = read.apply(object);
        object.end();
        return value;
    }

    static Json listJson(List<Event> events) {
        List<Json> items = new ArrayList<>();
        events.forEach(event -> items.add(event.toJson()));
        return Json.array(items);
    }
}
