package dev.andon.server.node;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import java.util.List;

/** Settling at a relay: kills go up on the link and settle there; here it is seen by the marks when they have. */
record HandingUp(Ledger ledger) implements StopLoop.Settling {
    @Override
    public void settle(Provenance at, List<StandingKill> kills, Result result) {
        result.failed("they settle at the upstream");
    }

    @Override
    public void catchUp() {
        ledger.catchUpSoon();
    }
}
