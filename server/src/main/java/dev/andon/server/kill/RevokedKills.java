package dev.andon.server.kill;

import dev.andon.core.event.Event;
import dev.andon.core.image.EnvironmentImage;
import dev.andon.core.image.Image;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Token;
import dev.andon.server.node.Observation;
import dev.andon.server.node.Publication;
import dev.andon.server.node.Publisher;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Raises an alarm for every kill that stands although its token was revoked: it holds, and somebody has to see whether it
 * should. Once for each kill in the ledger, whichever nodes see it. Only for the ledger's thread.
 */
public final class RevokedKills implements Publisher {
    private static final Logger log = LoggerFactory.getLogger(RevokedKills.class);

    /** As actors that came with a token are written: its name, then its id. */
    private static final Pattern BY_TOKEN = Pattern.compile("token:.* \\(([^()]+)\\)");

    private final Consumer<Observation> ledger;
    private Set<KillId> told = new HashSet<>();

    /** @param ledger takes what the ledger is to keep; must not block */
    public RevokedKills(Consumer<Observation> ledger) {
        this.ledger = ledger;
    }

    /** When the token with which a kill was thrown was revoked; empty if it wasn't, or the kill came without one. */
    static Optional<Instant> revokedAt(Image image, Kill kill) {
        return token(image, kill).flatMap(Token::revokedAt);
    }

    private static Optional<Token> token(Image image, Kill kill) {
        Matcher matcher = BY_TOKEN.matcher(kill.actor());
        return matcher.matches()
                ? Optional.ofNullable(image.tokens().get(matcher.group(1))).map(Versioned::value)
                : Optional.empty();
    }

    @Override
    public String name() {
        return "revoked-kills";
    }

    @Override
    public void publish(Publication publication) {
        boolean concerned = publication.entries().isEmpty()
                || publication.entries().stream()
                        .flatMap(recorded -> recorded.entry().events().stream())
                        .anyMatch(event -> event instanceof Event.TokenSaved || event instanceof Event.KillStood);
        if (concerned) {
            look(publication.after());
        }
    }

    private void look(Image image) {
        Set<KillId> found = new HashSet<>();
        for (EnvironmentImage environment : image.environments().values()) {
            for (Versioned<StandingKill> standing : environment.kills().values()) {
                StandingKill kill = standing.value();
                token(image, kill.signed().kill())
                        .filter(token -> token.revokedAt().isPresent())
                        .ifPresent(token -> {
                            found.add(kill.id());
                            if (!told.contains(kill.id())) {
                                tell(kill, token);
                            }
                        });
            }
        }
        told = found;
    }

    private void tell(StandingKill standing, Token token) {
        Kill kill = standing.signed().kill();
        String revokedAt = token.revokedAt().map(Instant::toString).orElse("");
        log.error(
                "ALARM: kill {} of {} in {} stands, and token {} with which it was thrown was revoked at {}",
                kill.id(),
                kill.target().label(),
                kill.environment(),
                token.id(),
                revokedAt);
        ledger.accept(new Observation(
                "revoked/" + kill.id(),
                "kill.token-revoked",
                "ALARM: the kill stands, and the token with which it was thrown was revoked",
                new Event.Observed(
                        "token-revoked",
                        Event.killOf(kill.id()),
                        Optional.of(kill.environment()),
                        Optional.of(kill.target()),
                        new TreeSet<>(standing.flags().stream()
                                .limit(Event.Observed.MAX_FLAGS)
                                .toList()),
                        new Json.Members(Map.of("token", Json.of(token.id()), "revokedAt", Json.of(revokedAt))))));
    }
}
