package dev.andon.server.node;

import dev.andon.core.image.StandingKill;
import java.util.List;

/** Someone who passes kills on the moment that they are taken. Called on the stop thread; must not block. */
@FunctionalInterface
public interface KillListener {
    void onKills(String environment, List<StandingKill> kills);
}
