package dev.andon.server.relay;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.Relays;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Token;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.KnownKills;
import dev.andon.server.node.Observation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises an alarm for every secret of a token that isn't in force any more, if relays have joined by it: what they have stopped
 * stays stopped, and somebody has to see whether it should. Once for each secret and version of its token, whichever nodes see
 * it, and however many relays there are. Looks at the clock, too: a secret that was rotated out ends without an entry of the
 * ledger. Not thread-safe.
 */
public final class RevokedRelays {
    private static final Logger log = LoggerFactory.getLogger(RevokedRelays.class);
    private static final int LOOK_EVERY_MS = 1_000;
    private static final int MAX_NAMED = 100;
    private static final int SECRET_DIGITS = 16;

    private final ControlPlane plane;
    private final Consumer<Observation> ledger;
    private final InstantSource clock;
    private Set<String> told = new HashSet<>();

    /** @param ledger takes what the ledger is to keep; must not block */
    public RevokedRelays(ControlPlane plane, Consumer<Observation> ledger, InstantSource clock) {
        this.plane = plane;
        this.ledger = ledger;
        this.clock = clock;
    }

    /** Looks from now on, on the executor's threads, until the executor is shut down. */
    public void start(ScheduledExecutorService executor) {
        ScheduledFuture<?> _ = executor.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            look(plane.kills(), clock.instant());
        } catch (RuntimeException e) {
            log.error("revoked relays: a look failed; the next one follows", e);
        }
    }

    /** Relays that aren't believed for one and the same reason, without those that are gone and have stopped nothing. */
    private record Lapse(String about, String why, List<Node> relays) {}

    private void look(KnownKills kills, Instant now) {
        Map<String, List<KillId>> standing = standing(kills);
        Map<String, Lapse> lapses = new TreeMap<>();
        for (Versioned<Node> known : kills.image().nodes().values()) {
            Node relay = known.value();
            if (!relay.relays() && !standing.containsKey(relay.id())) {
                continue;
            }
            Relays.doubt(kills.image(), relay, now).ifPresent(why -> {
                Optional<Node.Shown> shown = Relays.lapsed(kills.image(), relay, now);
                String name = shown.map(secret -> name(kills.image(), secret))
                        .orElseGet(() -> relay.id() + "/"
                                + relay.joining().map(Node.Joining::number).orElse(0L));
                String about = shown.map(secret -> "token/" + secret.token()).orElse("node/" + relay.id());
                lapses.computeIfAbsent(name, key -> new Lapse(about, why, new ArrayList<>()))
                        .relays()
                        .add(relay);
            });
        }
        Set<String> found = new HashSet<>();
        lapses.forEach((name, lapse) -> {
            found.add(name);
            if (!told.contains(name)) {
                List<KillId> theirs = lapse.relays().stream()
                        .flatMap(relay -> standing.getOrDefault(relay.id(), List.of()).stream())
                        .sorted()
                        .toList();
                tell(name, lapse, theirs);
            }
        });
        told = found;
    }

    private static String name(Image image, Node.Shown shown) {
        Versioned<Token> token = image.tokens().get(shown.token());
        return shown.token() + "/" + shown.secret().substring(0, SECRET_DIGITS) + "/"
                + (token == null ? 0 : token.version());
    }

    private void tell(String name, Lapse lapse, List<KillId> kills) {
        List<String> relays =
                lapse.relays().stream().map(Node::id).sorted().limit(MAX_NAMED).toList();
        List<String> named =
                kills.stream().limit(MAX_NAMED).map(KillId::toString).toList();
        log.error(
                "ALARM: {} relays aren't believed any more: {}. Kills that they sign from now on aren't taken; of those"
                        + " that they took before, {} stand: {}. Relays: {}",
                lapse.relays().size(),
                lapse.why(),
                kills.size(),
                named,
                relays);
        ledger.accept(new Observation(
                "relay-revoked/" + name,
                "relay.token-revoked",
                "ALARM: relays aren't believed any more, and the kills that they took stand",
                new Event.Observed(
                        "relay-revoked",
                        lapse.about(),
                        Optional.empty(),
                        Optional.empty(),
                        new TreeSet<>(),
                        new Json.Members(Map.of(
                                "why",
                                Json.of(lapse.why()),
                                "relayCount",
                                Json.of(lapse.relays().size()),
                                "relays",
                                Json.texts(relays),
                                "standingKills",
                                Json.of(kills.size()),
                                "kills",
                                Json.texts(named))))));
    }

    /** By the node that took them; in the ledger, or on their way there. */
    private static Map<String, List<KillId>> standing(KnownKills kills) {
        return kills.image().environments().keySet().stream()
                .flatMap(environment -> kills.standing(environment).stream())
                .map(kill -> kill.signed().kill())
                .collect(Collectors.groupingBy(Kill::node, Collectors.mapping(Kill::id, Collectors.toList())));
    }
}
