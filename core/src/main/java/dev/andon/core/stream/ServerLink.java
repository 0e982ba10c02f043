package dev.andon.core.stream;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * The server's end of one stream, by WebSocket or long polling. Holds what was sent and the newest offer, never a queue:
 * while the connection is full, states that come and go in between are never sent. Kills go out at once, also into a full
 * connection, up to a bound; beyond it they wait for room with everything else.
 *
 * <p>A client counts as lost when nothing was heard of it for three heartbeats. While a large state is on its way, it gets
 * the time that a slow connection needs for it on top.
 *
 * <p>Not thread-safe; times come in through {@link #step}.
 *
 * @see <a href="../../../../../../../../api/stream.md">api/stream.md</a>
 */
public final class ServerLink {
    private static final int MISSED_HEARTBEATS = 3;
    private static final int MAX_KILL_FRAMES_WHILE_FULL = 16;
    private static final int SLOWEST_BYTES_PER_MS = 64;

    private final String node;
    private final String environment;
    private final int heartbeatMs;
    /** With the flags that they named, apart from what their targets say; those that the client brought, as their bodies say. */
    private final Map<KillId, SortedSet<String>> sentKills = new HashMap<>();

    private Phase phase = Phase.EXPECTING_HELLO;
    private Offer offer;
    private Frame.@Nullable Hello hello;
    private @Nullable Provenance sentState;
    private boolean acknowledged;

    /** Acks that the client owes for what was sent, one for each. */
    private int owedAcks;

    /** It was told that the client owes something, and not yet that it has acknowledged all. */
    private boolean owing;

    private boolean full;
    private int killFramesWhileFull;
    private long heardMs;
    private long patienceMs;
    private long pingAtMs;

    private enum Phase {
        EXPECTING_HELLO,
        LIVE,
        ENDED
    }

    public ServerLink(String node, String environment, int heartbeatMs, Offer offer, long nowMs) {
        this.node = node;
        this.environment = environment;
        this.heartbeatMs = heartbeatMs;
        this.offer = offer;
        this.heardMs = nowMs;
        this.patienceMs = (long) MISSED_HEARTBEATS * heartbeatMs;
        this.pingAtMs = nowMs + heartbeatMs;
    }

    /** @param nowMs from a clock that never goes back */
    public List<ServerEffect> step(ServerInput input, long nowMs) {
        if (phase == Phase.ENDED) {
            return List.of();
        }
        List<ServerEffect> effects = new ArrayList<>();
        if (input instanceof ServerInput.Received received) {
            heardMs = nowMs;
            receive(received.frame(), effects);
        } else if (input instanceof ServerInput.Malformed malformed) {
            refuse(Frame.Refused.MALFORMED_FRAME, malformed.problem().getMessage(), effects);
        } else if (input instanceof ServerInput.Offered offered) {
            offer = offered.offer();
            sentKills.keySet().retainAll(offer.pending().keySet());
            bringUpToDate(effects);
        } else if (input instanceof ServerInput.Filled filled) {
            full = true;
            patienceMs = (long) MISSED_HEARTBEATS * heartbeatMs + filled.bytes() / SLOWEST_BYTES_PER_MS;
        } else if (input instanceof ServerInput.Drained) {
            full = false;
            killFramesWhileFull = 0;
            patienceMs = (long) MISSED_HEARTBEATS * heartbeatMs;
            heardMs = nowMs;
            bringUpToDate(effects);
        } else if (input instanceof ServerInput.End end) {
            effects.add(new ServerEffect.Send(end.why()));
            end(effects);
        } else if (input instanceof ServerInput.Closed) {
            lost(effects);
            phase = Phase.ENDED;
        } else if (input instanceof ServerInput.Tick) {
            tick(nowMs, effects);
        }
        return effects;
    }

    /** When a {@link ServerInput.Tick} may have something to do: until then, none is needed. */
    public long dueMs() {
        long lostMs = heardMs + patienceMs + 1;
        return switch (phase) {
            case EXPECTING_HELLO -> lostMs;
            case LIVE -> Math.min(lostMs, pingAtMs);
            case ENDED -> Long.MAX_VALUE;
        };
    }

    public boolean ended() {
        return phase == Phase.ENDED;
    }

    private void receive(Frame frame, List<ServerEffect> effects) {
        if (frame instanceof Frame.Hello greeting) {
            greet(greeting, effects);
        } else if (hello == null) {
            refuse(Frame.Refused.HELLO_EXPECTED, "type: " + frame.type() + " (expected: hello first)", effects);
        } else if (frame instanceof Frame.Ack ack) {
            acknowledge(ack, effects);
        } else if (frame instanceof Frame.Report report) {
            effects.add(new ServerEffect.Reported(report));
        } else if (frame instanceof Frame.Bye) {
            effects.add(new ServerEffect.Left());
            effects.add(new ServerEffect.Close());
            phase = Phase.ENDED;
        } else if (!(frame instanceof Frame.Pong)) {
            refuse(
                    Frame.Refused.MALFORMED_FRAME,
                    "type: " + frame.type() + " (expected: hello, ack, report, pong or bye)",
                    effects);
        }
    }

    private void greet(Frame.Hello greeting, List<ServerEffect> effects) {
        if (greeting.protocol() > Frame.PROTOCOL || greeting.protocol() < Frame.OLDEST_PROTOCOL) {
            refuse(
                    Frame.Refused.UNSUPPORTED_PROTOCOL,
                    "protocol: " + greeting.protocol() + " (expected: " + Frame.OLDEST_PROTOCOL + " to "
                            + Frame.PROTOCOL + "; update the server before its clients)",
                    effects);
            return;
        }
        if (hello != null
                && !(hello.service().equals(greeting.service())
                        && hello.instance().equals(greeting.instance()))) {
            refuse(
                    Frame.Refused.MALFORMED_FRAME,
                    "instance: " + greeting.instance() + " (expected: the same on all of one stream)",
                    effects);
            return;
        }
        boolean first = hello == null;
        hello = greeting.withoutCarried();
        sentKills.clear();
        greeting.carried().forEach(kill -> sentKills.put(kill.id(), kill.kill().flags()));
        sentKills.keySet().retainAll(offer.pending().keySet());
        sentState = greeting.has().map(Frame.Held::provenance).orElse(null);
        acknowledged = false;
        if (first) {
            effects.add(new ServerEffect.Introduced(greeting));
        }
        if (!greeting.carried().isEmpty()) {
            effects.add(new ServerEffect.Adopt(greeting.carried()));
        }
        if (first) {
            effects.add(new ServerEffect.Send(new Frame.Welcome(Frame.PROTOCOL, node, environment, heartbeatMs)));
            owedAcks = greeting.has().isPresent() || !greeting.carried().isEmpty() ? 1 : 0;
            phase = Phase.LIVE;
        }
        boolean differs = greeting.has().isPresent()
                && greeting.has().get().provenance().equals(offer.newest().provenance())
                && !greeting.has().get().digest().equals(offer.newest().digest());
        if (differs) {
            sentState = null;
        }
        if (first && greeting.has().isEmpty()) {
            // The snapshot that it gets now has them; on their own, they would say less of what they hold.
            offer.pending().values().forEach(kill -> sentKills.put(kill.id(), kill.flags()));
        }
        bringUpToDate(effects);
        if (first) {
            effects.add(new ServerEffect.Send(new Frame.Ping()));
        }
    }

    private void bringUpToDate(List<ServerEffect> effects) {
        if (phase != Phase.LIVE) {
            return;
        }
        List<StandingKill> kills = new ArrayList<>();
        for (StandingKill kill : offer.pending().values()) {
            if (!kill.flags().equals(sentKills.get(kill.id()))) {
                kills.add(kill);
            }
        }
        if (!kills.isEmpty() && (!full || killFramesWhileFull < MAX_KILL_FRAMES_WHILE_FULL)) {
            killFramesWhileFull += full ? 1 : 0;
            kills.forEach(kill -> sentKills.put(kill.id(), kill.flags()));
            effects.add(new ServerEffect.SendKills(kills));
            owe(effects);
        }
        if (stateOwed() && !full) {
            Optional<Provenance> from = continues(sentState) ? Optional.ofNullable(sentState) : Optional.empty();
            effects.add(new ServerEffect.SendState(offer, from));
            sentState = offer.newest().provenance();
            owe(effects);
        }
    }

    /** A client never goes back: a state that isn't newer than what it has isn't sent. */
    private boolean stateOwed() {
        Provenance newest = offer.newest().provenance();
        Provenance sent = sentState;
        return sent == null || !sent.sameLedger(newest) || sent.olderThan(newest);
    }

    private boolean continues(@Nullable Provenance sent) {
        Provenance newest = offer.newest().provenance();
        return sent != null && sent.sameLedger(newest) && sent.epoch() == newest.epoch();
    }

    private void owe(List<ServerEffect> effects) {
        acknowledged = false;
        owedAcks++;
        if (!owing) {
            owing = true;
            effects.add(new ServerEffect.Owes());
        }
    }

    private void acknowledge(Frame.Ack ack, List<ServerEffect> effects) {
        Provenance acked = ack.state().provenance();
        Provenance sent = sentState;
        boolean hasState = sent == null || !sent.sameLedger(acked) || !acked.olderThan(sent);
        owedAcks = Math.max(0, owedAcks - 1);
        // A client that comes from a node further on may know what became of the kills that are pending here: it
        // doesn't show
        // those that its state covers. That it has seen them, its ack for the last of them says, and no earlier one.
        boolean ahead = owedAcks == 0 && offer.newest().provenance().olderThan(acked);
        acknowledged = hasState && !stateOwed() && (ahead || ack.pending().containsAll(sentKills.keySet()));
        owing &= !acknowledged;
        effects.add(new ServerEffect.Acked(ack, acknowledged));
    }

    private void tick(long nowMs, List<ServerEffect> effects) {
        if (nowMs - heardMs > patienceMs && phase == Phase.EXPECTING_HELLO) {
            refuse(Frame.Refused.HELLO_EXPECTED, "nothing came in time (expected: hello)", effects);
        } else if (nowMs - heardMs > patienceMs) {
            lost(effects);
            effects.add(new ServerEffect.Close());
            phase = Phase.ENDED;
        } else if (phase == Phase.LIVE && nowMs >= pingAtMs) {
            pingAtMs = nowMs + heartbeatMs;
            if (!full) {
                effects.add(new ServerEffect.Send(new Frame.Ping()));
            }
        }
    }

    private void refuse(String code, @Nullable String detail, List<ServerEffect> effects) {
        effects.add(new ServerEffect.Send(new Frame.Refused(code, detail == null ? "" : detail, 0)));
        end(effects);
    }

    private void end(List<ServerEffect> effects) {
        lost(effects);
        effects.add(new ServerEffect.Close());
        phase = Phase.ENDED;
    }

    private void lost(List<ServerEffect> effects) {
        if (phase == Phase.LIVE) {
            effects.add(new ServerEffect.Lost());
        }
    }
}
