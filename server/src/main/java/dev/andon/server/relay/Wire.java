package dev.andon.server.relay;

import dev.andon.core.event.Event;
import dev.andon.core.image.Relays;
import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.json.JsonLimits;
import dev.andon.core.ledger.ChainHash;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Node;
import dev.andon.server.node.Observation;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.LedgerStore;
import dev.andon.store.StoreDescription.Replication;
import dev.andon.store.StoredEntry;
import dev.andon.store.StoredSnapshot;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What goes between a relay and its upstream by HTTP, as JSON. Bounded on both sides. */
final class Wire {
    /** An entry in Base64, and what stands around it; or a page of small ones. */
    static final int MAX_ENTRIES_BYTES = 2 * LedgerStore.MAX_ENTRY_BYTES;

    /** An image, and the line that stands before it. */
    static final int MAX_SNAPSHOT_BYTES = LedgerStore.MAX_SNAPSHOT_BYTES + 1_024;

    static final int MAX_SMALL_BYTES = 64 << 10;

    /** What is longer is taken for so long, and what is below nothing for nothing: a clock was set, and the rest of the head is as good. */
    private static final long MAX_CUT_OFF_MS = 1_000L * 60 * 60 * 24 * 366;

    private static final JsonLimits ENTRIES = new JsonLimits(MAX_ENTRIES_BYTES, 8, MAX_ENTRIES_BYTES);
    private static final JsonLimits SMALL = new JsonLimits(MAX_SMALL_BYTES, 8, MAX_SMALL_BYTES);
    private static final Map<String, Replication> REPLICATIONS =
            Arrays.stream(Replication.values()).collect(Collectors.toMap(Replication::word, Function.identity()));

    private Wire() {}

    /**
     * Where the upstream's ledger ends.
     *
     * @param warnings what should be known about the store behind it
     * @param way the relays by which the upstream has it, itself first; none if it has the ledger
     * @param cutOffMs for how long it has been cut off from the ledger, or one above it; empty if none is
     */
    record Head(
            LedgerHead head,
            Replication replication,
            List<String> warnings,
            List<String> way,
            Optional<Long> cutOffMs) {
        Head {
            warnings = List.copyOf(warnings);
            way = List.copyOf(way);
        }

        Json toJson() {
            Json.Builder json = Json.object()
                    .put("ledger", head.ledgerId())
                    .put("epoch", head.epoch())
                    .put("version", head.version())
                    .put("hash", head.hash().hex())
                    .put("replication", replication.word())
                    .put("warnings", Json.texts(warnings))
                    .put("way", Json.texts(way));
            cutOffMs.ifPresent(forMs -> json.put("cutOffMs", forMs));
            return json.build();
        }

        static Head read(byte[] body) {
            Fields fields = Fields.lenient(Json.parse(body, SMALL));
            return new Head(
                    new LedgerHead(
                            Keys.line("ledger", fields.text("ledger"), Keys.KEY_CHARS),
                            fields.whole("epoch", 0, Long.MAX_VALUE),
                            position(fields)),
                    fields.word("replication", REPLICATIONS),
                    fields.texts("warnings"),
                    way(fields),
                    fields.has("cutOffMs")
                            ? Optional.of(Math.clamp(
                                    fields.whole("cutOffMs", Long.MIN_VALUE, Long.MAX_VALUE), 0L, MAX_CUT_OFF_MS))
                            : Optional.empty());
        }

        private static List<String> way(Fields fields) {
            List<String> way = fields.has("way") ? fields.texts("way") : List.of();
            Keys.atMost("way", way.size(), Relays.MAX_DEPTH);
            way.forEach(relay -> Keys.key("way", relay));
            return way;
        }
    }

    static Json joiningJson(Node relay, String signature) {
        return Json.object()
                .put("publicKey", relay.publicKey())
                .put("region", relay.relay().map(Node.Relay::region))
                .put("joining", relay.joining().orElseThrow().toJson())
                .put("signature", signature)
                .build();
    }

    private static LedgerPosition position(Fields fields) {
        return new LedgerPosition(fields.whole("version", 0, Long.MAX_VALUE), hash(fields));
    }

    private static ChainHash hash(Fields fields) {
        String hex = fields.text("hash");
        try {
            return ChainHash.parse(hex);
        } catch (IllegalArgumentException e) {
            throw new InvalidInput(
                    "hash", hex.length() + " characters", 2 * ChainHash.LENGTH_BYTES + " hexadecimal digits");
        }
    }

    /** Entries in their stored bytes. */
    static Json entriesJson(List<StoredEntry> entries) {
        return Json.object()
                .put(
                        "entries",
                        Json.array(entries.stream()
                                .map(entry -> Json.object()
                                        .put("epoch", entry.epoch())
                                        .put("version", entry.version())
                                        .put("hash", entry.hash().hex())
                                        .put("bytes", Base64.getEncoder().encodeToString(entry.bytes()))
                                        .build())
                                .toList()))
                .build();
    }

    /** @param after the version that the first one has to follow */
    static List<StoredEntry> entries(byte[] body, long after) {
        List<StoredEntry> entries = Fields.lenient(Json.parse(body, ENTRIES)).objects("entries", Wire::entry);
        long expected = after;
        for (StoredEntry entry : entries) {
            expected++;
            if (entry.version() != expected) {
                throw new InvalidInput("version", "" + entry.version(), "" + expected);
            }
        }
        return entries;
    }

    private static StoredEntry entry(Fields fields) {
        LedgerPosition position = position(fields);
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(fields.text("bytes"));
        } catch (IllegalArgumentException e) {
            throw new InvalidInput("bytes", "something else", "Base64");
        }
        if (bytes.length < 1 || bytes.length > LedgerStore.MAX_ENTRY_BYTES) {
            throw new InvalidInput("bytes", bytes.length + " bytes", "1 to " + LedgerStore.MAX_ENTRY_BYTES);
        }
        return new StoredEntry(fields.whole("epoch", 0, Long.MAX_VALUE), position.version(), bytes, position.hash());
    }

    /** Two lines: where it is, and the image as it is encoded, which has no line break. */
    static Iterator<byte[]> pieces(StoredSnapshot snapshot) {
        String first = Json.object()
                        .put("epoch", snapshot.epoch())
                        .put("version", snapshot.version())
                        .put("hash", snapshot.position().hash().hex())
                        .build()
                        .text()
                + "\n";
        return List.of(first.getBytes(StandardCharsets.UTF_8), snapshot.bytes()).iterator();
    }

    static StoredSnapshot snapshot(byte[] body) {
        int end = 0;
        while (end < body.length && body[end] != '\n') {
            end++;
        }
        if (end == body.length) {
            throw new InvalidInput("snapshot", body.length + " bytes without a line break", "two lines");
        }
        Fields fields = Fields.lenient(Json.parse(Arrays.copyOf(body, end), SMALL));
        return new StoredSnapshot(
                fields.whole("epoch", 0, Long.MAX_VALUE),
                position(fields),
                Arrays.copyOfRange(body, end + 1, body.length));
    }

    static Json observationJson(Observation observation) {
        return Json.object()
                .put("once", observation.once())
                .put("ofEachNode", observation.ofEachNode())
                .put("kind", observation.type())
                .put("said", observation.reason())
                .put("event", observation.event().toJson())
                .build();
    }

    static Observation observation(Fields fields) {
        String once = Keys.line("once", fields.text("once"), Keys.TEXT_CHARS);
        boolean ofEachNode = fields.bool("ofEachNode");
        String kind = Keys.key("kind", fields.text("kind"));
        String said = fields.text("said", Keys.TEXT_CHARS);
        // what the event says is checked by its own reader
        Event event = Event.read(Fields.lenient(new Json.Members(fields.map("event"))));
        if (event instanceof Event.Observed observed) {
            return new Observation(once, ofEachNode, kind, said, observed, version -> {});
        }
        throw new InvalidInput("event", "another one", "what a node has observed");
    }

    /** The version in an answer. */
    static long version(byte[] body) {
        return Fields.lenient(Json.parse(body, SMALL)).whole("version", 0, Long.MAX_VALUE);
    }

    /** The detail of a problem; empty if it is none of Andon's. */
    static String detail(byte[] body) {
        try {
            return Fields.lenient(Json.parse(body, SMALL)).text("detail", "");
        } catch (InvalidInput e) {
            return "";
        }
    }
}
