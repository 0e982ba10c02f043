package dev.andon.server.instance;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Room;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is known of one client that doesn't speak Andon's own stream. Only for the bookkeeper's thread. */
final class ForeignEntry {
    /** A client that asks from time to time is patiently waited for so long at least: three times what web clients take. */
    static final Duration PATIENCE = Duration.ofSeconds(90);

    /** One that keeps nothing. */
    static final Duration PATIENCE_WITH_FORGETFUL = Duration.ofSeconds(60);

    static final Duration LONGEST_PATIENCE = Duration.ofMinutes(10);

    private static final int MISSED_ASKS = 3;

    Client client;
    private Instant since;
    private Instant heard;
    private Duration gap = Duration.ZERO;

    /** By the number of the stream; empty where nothing was sent yet. */
    private final Map<Long, Optional<Sent>> streams = new LinkedHashMap<>();

    /** When streams opened that didn't come for one that was missing. */
    private final Map<Long, Instant> additional = new LinkedHashMap<>();

    private Optional<Served> asked = Optional.empty();
    private Optional<Served> sent = Optional.empty();

    /** How many processes behind it vanished and aren't back. */
    private int missing;

    /** When the last of those that are missing vanished. */
    private @Nullable Instant vanishedAt;

    /** What was handed to the network on a stream, and when, by the monotonic clock. */
    record Sent(Served served, long nanos) {}

    enum State {
        /** It has the newest, as it asked for it. */
        LIVE("live"),
        /** It was sent the newest. */
        SENT("sent"),
        /** It is there, and has something older as far as is known. */
        SILENT("silent"),
        UNREACHABLE("unreachable");

        private final String word;

        State(String word) {
            this.word = word;
        }

        String word() {
            return word;
        }
    }

    ForeignEntry(Client client, Instant now) {
        this.client = client;
        this.since = now;
        this.heard = now;
    }

    Instance instance() {
        return new Instance(client.key(), Optional.empty(), client.sdk(), client.protocol(), client.divergence());
    }

    private boolean ofSeveral() {
        return client.protocol().ofSeveral();
    }

    Instant heard() {
        return heard;
    }

    /** It was known before, and forgotten: how often it asks counts from then. */
    void heardBefore(Instant last) {
        heard = last;
    }

    boolean streaming() {
        return !streams.isEmpty();
    }

    /** Whether nobody of it is missing. */
    boolean whole() {
        return missing == 0;
    }

    int missing() {
        return missing;
    }

    Optional<Instant> vanishedAt() {
        return Optional.ofNullable(vanishedAt);
    }

    private void wholeAgain() {
        missing = 0;
        vanishedAt = null;
    }

    /** Those that are missing are waited for no longer. */
    void forgetMissing() {
        wholeAgain();
    }

    State state(Optional<Served> newest) {
        if (!whole()) {
            return State.UNREACHABLE;
        }
        if (newest.isPresent() && same(asked, newest.get())) {
            return State.LIVE;
        }
        return newest.isPresent() && same(sent, newest.get()) ? State.SENT : State.SILENT;
    }

    /** Which kills are widened for a client doesn't make it another state. */
    private static boolean same(Optional<Served> one, Served other) {
        return one.filter(served ->
                        served.at().equals(other.at()) && served.pending().equals(other.pending()))
                .isPresent();
    }

    /** Whoever opens a stream counts as one that was missing, as nothing tells it from that one. */
    void opened(long stream, Instant now) {
        streams.put(stream, Optional.empty());
        heard = now;
        if (missing == 0) {
            additional.put(stream, now);
        } else {
            missing = ofSeveral() ? missing - 1 : 0;
            if (missing == 0) {
                wholeAgain();
                since = now;
            }
        }
    }

    /** What all of its streams were sent at least; empty if one was sent nothing, or somebody is missing. */
    Optional<Sent> sent(long stream, Served served, long nanos) {
        return streams.replace(stream, Optional.of(new Sent(served, nanos))) == null ? Optional.empty() : everywhere();
    }

    private Optional<Sent> everywhere() {
        List<Sent> all = streams.values().stream().flatMap(Optional::stream).toList();
        if (all.isEmpty() || all.size() < streams.size()) {
            return Optional.empty();
        }
        Served oldest = all.getFirst().served();
        for (Sent one : all) {
            if (follows(oldest, one.served())) {
                oldest = one.served();
            }
        }
        Set<KillId> widened = new HashSet<>();
        for (Sent one : all) {
            if (!follows(one.served(), oldest)) {
                return Optional.empty();
            }
            widened.addAll(one.served().widened());
        }
        Served everywhere = new Served(oldest.at(), oldest.pending(), widened);
        sent = Optional.of(everywhere);
        long nanos = all.stream()
                .mapToLong(Sent::nanos)
                .reduce((a, b) -> b - a > 0 ? b : a)
                .getAsLong();
        return whole() ? Optional.of(new Sent(everywhere, nanos)) : Optional.empty();
    }

    /** Whether a state is the other one, or a later one, which holds all that the other holds and nobody has restored. */
    private static boolean follows(Served later, Served earlier) {
        if (later.at().equals(earlier.at())) {
            return later.pending().containsAll(earlier.pending());
        }
        return later.at().sameLedger(earlier.at()) && earlier.at().olderThan(later.at());
    }

    /** Whether that was one of its streams. */
    boolean closed(long stream) {
        additional.remove(stream);
        return streams.remove(stream) != null;
    }

    /** What the streams that are left were all sent at least. */
    Optional<Sent> left() {
        return everywhere();
    }

    /**
     * A stream ended without goodbye, or it doesn't ask any more: one more is missing, unless a stream opened since it was
     * heard of. That one counts as its return, as it would if the loss had been noticed at once.
     */
    void lost(Instant since, Instant now) {
        Optional<Long> back = additional.entrySet().stream()
                .filter(stream -> stream.getValue().isAfter(since))
                .map(Map.Entry::getKey)
                .findFirst();
        if (back.isPresent()) {
            additional.remove(back.get());
        } else if (ofSeveral() || streams.isEmpty()) {
            missing++;
            vanishedAt = now;
        }
    }

    /** Whether it was missing before. Beside others, it can't be told who asked. */
    boolean asked(Served served, Instant now) {
        asked = Optional.of(served);
        return heard(now);
    }

    /** As {@link #asked}, and it may not have got it. */
    boolean answered(Served served, Instant now) {
        sent = Optional.of(served);
        return heard(now);
    }

    private boolean heard(Instant now) {
        gap = Duration.between(heard, now);
        heard = now;
        boolean back = missing > 0 && (!ofSeveral() || (missing == 1 && streams.isEmpty()));
        if (back) {
            wholeAgain();
            since = now;
        }
        return back;
    }

    Optional<Served> asked() {
        return asked;
    }

    /** Whether it has no stream, and hasn't asked for longer than it usually takes. */
    boolean missing(Instant now) {
        return whole() && streams.isEmpty() && Duration.between(heard, now).compareTo(patience()) > 0;
    }

    private Duration patience() {
        if (!client.keeps()) {
            return PATIENCE_WITH_FORGETFUL;
        }
        Duration usual = gap.multipliedBy(MISSED_ASKS);
        if (usual.compareTo(LONGEST_PATIENCE) > 0) {
            return LONGEST_PATIENCE;
        }
        return usual.compareTo(PATIENCE) > 0 ? usual : PATIENCE;
    }

    /** @param toTimeOfDay what to add to the times that came in */
    Json toJson(Optional<Served> newest, Duration toTimeOfDay) {
        Json.Builder json = Json.object()
                .put("service", client.key().service())
                .put("instance", client.key().instance())
                .put("region", Json.Null.NULL)
                .put("sdk", client.sdk())
                .put("protocol", client.protocol().word())
                .put("state", state(newest).word())
                .put("connectedAt", since.plus(toTimeOfDay).toString());
        Optional<Served> known = asked.isPresent() && state(newest) != State.SENT ? asked : sent;
        json.put(
                        "version",
                        known.<Json>map(served -> Json.of(served.at().version()))
                                .orElse(Json.Null.NULL))
                .put(
                        "pending",
                        Json.texts(known.map(served -> served.pending().stream()
                                        .sorted()
                                        .map(KillId::toString)
                                        .toList())
                                .orElse(List.of())));
        if (vanishedAt != null) {
            json.put("vanishedAt", vanishedAt.plus(toTimeOfDay).toString());
        }
        if (missing > 0 && ofSeveral()) {
            json.put("missing", missing);
        }
        client.divergence().ifPresent(divergence -> json.put("divergence", divergence));
        return json.build();
    }

    /** @param toTimeOfDay what to add to the times that came in */
    Json saved(Instant now, Duration toTimeOfDay) {
        return Json.object()
                .put("environment", client.key().environment())
                .put("service", client.key().service())
                .put("instance", client.key().instance())
                .put("protocol", client.protocol().word())
                .put("sdk", client.sdk())
                .put("divergence", client.divergence())
                .put("keyed", client.room().keyed())
                .put("room", client.room().name())
                .put("processes", Math.max(1, streams.size() + missing))
                .put("since", since.plus(toTimeOfDay).toString())
                .put("there", whole() || streaming())
                .put(
                        "vanishedAt",
                        (vanishedAt == null || streaming() ? now : vanishedAt)
                                .plus(toTimeOfDay)
                                .toString())
                .build();
    }

    /** As it was saved; without a stream it is unreachable, with all processes behind it. */
    static ForeignEntry read(Fields fields, Instant now) {
        Client client = new Client(
                new InstanceKey(fields.text("environment"), fields.text("service"), fields.text("instance")),
                fields.word("protocol", Protocol.WORDS),
                fields.text("sdk"),
                true,
                new Room(fields.bool("keyed", false), fields.text("room", "")),
                fields.optionalText("divergence"));
        ForeignEntry entry = new ForeignEntry(client, Instant.parse(fields.text("since")));
        entry.missing = (int) fields.whole("processes", 1, Integer.MAX_VALUE, 1);
        entry.vanishedAt = fields.bool("there") ? now : Instant.parse(fields.text("vanishedAt"));
        return entry;
    }
}
