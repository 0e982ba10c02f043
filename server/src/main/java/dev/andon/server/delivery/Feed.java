package dev.andon.server.delivery;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.Offer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The newest that there is for one environment's clients, with its encoded forms: each is made when first asked for, and
 * once. Immutable apart from that; thread-safe.
 */
final class Feed {
    private final Image image;
    private final EnvironmentImage environment;
    private final Offer offer;
    private final List<Image> earlier;
    private final Map<Optional<Provenance>, Message> states = new ConcurrentHashMap<>();
    private final Map<List<KillId>, Message> kills = new ConcurrentHashMap<>();

    /**
     * @param earlier images of the same ledger and epoch that clients may have, oldest first
     * @param pending kills that the image doesn't cover
     */
    Feed(Image image, EnvironmentImage environment, List<Image> earlier, Map<KillId, StandingKill> pending) {
        this.image = image;
        this.environment = environment;
        this.earlier = List.copyOf(earlier);
        Provenance at = image.provenance().at(environment.version());
        this.offer = new Offer(new Frame.Held(at, environment.digest().toString()), pending);
    }

    Offer offer() {
        return offer;
    }

    Image image() {
        return image;
    }

    List<Image> earlier() {
        return earlier;
    }

    EnvironmentImage environment() {
        return environment;
    }

    Map<KillId, StandingKill> pending() {
        return offer.pending();
    }

    /** A patch, if the state that the client has is still known and a snapshot isn't shorter; else a snapshot. */
    Message state(Optional<Provenance> from) {
        Message known = states.get(from);
        if (known != null) {
            return known;
        }
        Optional<Image> base = from.flatMap(this::earlier);
        if (base.isEmpty()) {
            return states.computeIfAbsent(Optional.empty(), none -> snapshot());
        }
        return states.computeIfAbsent(from, key -> patch(from.get(), base.get()));
    }

    private Optional<Image> earlier(Provenance from) {
        for (Image one : earlier) {
            EnvironmentImage then =
                    one.environments().get(environment.environment().key());
            if (then != null && one.provenance().at(then.version()).equals(from)) {
                return Optional.of(one);
            }
        }
        return Optional.empty();
    }

    private Message snapshot() {
        Frame.Held newest = offer.newest();
        return Message.of(new Frame.Snapshot(
                newest.provenance(),
                newest.digest(),
                image.events(environment),
                List.copyOf(offer.pending().values())));
    }

    private Message patch(Provenance from, Image base) {
        List<Versioned<Event>> events = image.eventsSince(base, environment);
        Frame.Held newest = offer.newest();
        return Message.of(new Frame.Patch(from.version(), newest.provenance(), newest.digest(), events));
    }

    Message kills(List<StandingKill> some) {
        List<KillId> ids = some.stream().map(StandingKill::id).toList();
        return kills.computeIfAbsent(
                ids, key -> Message.of(new Frame.Kills(some, offer.newest().provenance())));
    }

    /** The same state, with kills that came on top. */
    Feed with(List<StandingKill> more) {
        Map<KillId, StandingKill> all = new LinkedHashMap<>(offer.pending());
        for (StandingKill kill : more) {
            if (!image.marks().covers(kill.id())) {
                all.put(kill.id(), kill);
            }
        }
        Feed next = new Feed(image, environment, earlier, all);
        states.forEach((from, message) -> {
            if (from.isPresent()) {
                next.states.put(from, message);
            }
        });
        return next;
    }

    /** A later image; the present one joins the earlier ones if clients can be brought on from it. */
    Feed next(Image later, EnvironmentImage laterEnvironment, int keep) {
        Map<KillId, StandingKill> still = new LinkedHashMap<>(offer.pending());
        still.keySet().removeIf(later.marks()::covers);
        boolean continues = later.provenance().sameLedger(image.provenance())
                && later.provenance().epoch() == image.provenance().epoch()
                && laterEnvironment.version() >= environment.version();
        List<Image> known = new ArrayList<>();
        if (continues) {
            known.addAll(earlier);
            if (laterEnvironment.version() > environment.version()) {
                known.add(image);
            }
        }
        int from = Math.max(0, known.size() - keep);
        return new Feed(later, laterEnvironment, known.subList(from, known.size()), still);
    }
}
