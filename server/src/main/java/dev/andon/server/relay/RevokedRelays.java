package dev.andon.server.relay;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises an alarm for every relay that isn't believed any more, as a token on its way was revoked: what it has stopped stays
 * stopped, and somebody has to see whether it should. Once for each of its joinings in the ledger, whichever nodes see it. Only for the
 * ledger's thread.
 */
public final class RevokedRelays implements Publisher {
    private static final Logger log = LoggerFactory.getLogger(RevokedRelays.class);
    private static final int MAX_NAMED = 100;

    private final Consumer<Observation> ledger;
    private final InstantSource clock;
    private Set<String> told = new HashSet<>();

    /** @param ledger takes what the ledger is to keep; must not block */
    public RevokedRelays(Consumer<Observation> ledger, InstantSource clock) {
        this.ledger = ledger;
        this.clock = clock;
    }

    @Override
    public String name() {
        return "revoked-relays";
    }

    @Override
    public void publish(Publication publication) {
        boolean concerned = publication.entries().isEmpty()
                || publication.entries().stream()
                        .flatMap(recorded -> recorded.entry().events().stream())
                        .anyMatch(event -> event instanceof Event.TokenSaved || event instanceof Event.NodeSaved);
        if (concerned) {
            look(publication.after());
        }
    }

    private void look(Image image) {
        Set<String> found = new HashSet<>();
        for (Versioned<Node> known : image.nodes().values()) {
            Node relay = known.value();
            Relays.doubt(image, relay, clock.instant()).ifPresent(why -> {
                String joining = relay.id() + "/"
                        + relay.joining().map(Node.Joining::number).orElse(0L);
                found.add(joining);
                if (!told.contains(joining)) {
                    tell(image, relay, joining, why);
                }
            });
        }
        told = found;
    }

    private void tell(Image image, Node relay, String joining, String why) {
        List<KillId> kills = standing(image, relay);
        log.error(
                "ALARM: relay {} isn't believed any more: {}. Kills that it signs from now on aren't taken; of those"
                        + " that it took before, {} stand: {}",
                relay.id(),
                why,
                kills.size(),
                kills.stream().limit(MAX_NAMED).toList());
        ledger.accept(new Observation(
                "relay-revoked/" + joining,
                "relay.token-revoked",
                "ALARM: a relay isn't believed any more, and the kills that it took stand",
                new Event.Observed(
                        "relay-revoked",
                        "node/" + relay.id(),
                        Optional.empty(),
                        Optional.empty(),
                        new TreeSet<>(),
                        new Json.Members(Map.of(
                                "why",
                                Json.of(why),
                                "standingKills",
                                Json.of(kills.size()),
                                "kills",
                                Json.texts(kills.stream()
                                        .limit(MAX_NAMED)
                                        .map(KillId::toString)
                                        .toList()))))));
    }

    private static List<KillId> standing(Image image, Node relay) {
        return image.environments().values().stream()
                .flatMap(environment -> environment.kills().values().stream())
                .map(kill -> kill.value().signed().kill())
                .filter(kill -> kill.node().equals(relay.id()))
                .map(kill -> kill.id())
                .sorted()
                .toList();
    }
}
