package dev.andon.server.node;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Versioned;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A command, decided on one image: what it would write, checked, and not written yet. */
final class Change<R> {
    private final Decision<R> decision;
    private final Committed committed;

    private Change(Decision<R> decision, Committed committed) {
        this.decision = decision;
        this.committed = committed;
    }

    /** The version in which the same request was carried out before; empty if it wasn't. */
    static Optional<Long> repeated(Image image, CommandContext context) {
        if (context.idempotency().isEmpty()) {
            return Optional.empty();
        }
        CommandContext.Idempotency request = context.idempotency().get();
        Versioned<Event.RequestDone> done = image.requests().get(request.key());
        if (done == null) {
            return Optional.empty();
        }
        if (!done.value().digest().equals(request.digest())) {
            throw new Refused(
                    Refused.Code.KEY_REUSED,
                    "Idempotency-Key",
                    request.key(),
                    "a new key: this one came with another request, carried out in version " + done.version());
        }
        return Optional.of(done.version());
    }

    static <R> Change<R> decide(
            Command<R> command, CommandContext context, KnownKills kills, List<Invariant> invariants, Instant now) {
        Image before = kills.image();
        Decision<R> decision = command.decide(before, kills, now);
        long at = before.provenance().version();
        if (decision.events().isEmpty()) {
            return new Change<>(decision, new Committed(at, now, before, before, List.of()));
        }
        long version = at + 1;
        List<Event> events = new ArrayList<>(decision.events());
        context.idempotency().ifPresent(request -> events.add(new Event.RequestDone(request.key(), request.digest())));
        ImageDelta delta = new ImageDelta(before);
        events.forEach(event -> delta.apply(version, event));
        Image after = delta.build(before.provenance().at(version));
        Committed committed = new Committed(version, now, before, after, events);
        invariants.forEach(invariant -> invariant.check(committed, kills));
        return new Change<>(decision, committed);
    }

    boolean changesNothing() {
        return committed.events().isEmpty();
    }

    Outcome<R> unchanged() {
        return new Outcome.Unchanged<>(committed, decision.reply().apply(committed));
    }

    Outcome<R> rehearsed() {
        return new Outcome.Rehearsed<>(committed, decision.reply().apply(committed));
    }

    /** @param after the image that the ledger's thread folded with this change */
    Outcome<R> done(Image after) {
        Committed written =
                new Committed(committed.version(), committed.at(), committed.before(), after, committed.events());
        return new Outcome.Done<>(written, decision.reply().apply(written));
    }

    byte[] entry(CommandContext context) {
        Map<String, Long> previous = new LinkedHashMap<>();
        for (Event event : committed.events()) {
            long version = committed.before().versionOf(event.subject());
            if (version > 0) {
                previous.put(event.subject(), version);
            }
        }
        return new Entry(
                        decision.type(),
                        context.actor(),
                        committed.at(),
                        context.reason(),
                        decision.cause(),
                        context.correlation(),
                        previous,
                        committed.events())
                .encode();
    }
}
