package dev.andon.core.stream;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.SignedKill;
import dev.andon.core.stream.LinkConnection.Phase;
import dev.andon.core.stream.LinkEffect.Transport;
import dev.andon.core.stream.LinkStatus.Contact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A client's end of the native stream, without I/O: what happens goes into {@link #step}, what is to be done comes out.
 * {@code api/stream.md} is the protocol. Not thread-safe: one thread steps, and carries out the effects in their order.
 *
 * <p>When things fail (nothing but {@link LinkInput.Close} is final):
 *
 * <ol>
 *   <li>Nothing answers, or a connection breaks: come back, with {@link BackOff.Kind#ABSENT}.
 *   <li>The server, or something before it, answers that it can't serve now (429, 5xx, {@code overloaded},
 *       {@code superseded}): come back when it asks for, or else with {@link BackOff.Kind#BUSY}.
 *   <li>The key, the address or the protocol is refused (any other status, {@code unauthorized}, …), the certificate isn't
 *       trusted, or a message can't be read: warn, and come back with {@link BackOff.Kind#REFUSED}, for ever: keys are rotated and servers mended.
 *   <li>No connection, or no welcome, in time: as 1.
 *   <li>Three heartbeat intervals of silence: the connection is dead, as 1.
 *   <li>A few WebSockets in a row fail before the welcome although something is there: long polls are tried, from then on
 *       in turn with WebSockets until one of them works. While polls work, a WebSocket is tried beside them now and then,
 *       and takes over once it is welcomed.
 *   <li>A patch doesn't fit: its kills are obeyed, and a snapshot is asked for; if none comes in time, as 1.
 *   <li>Even a snapshot leads to another digest than the server's: it is held all the same, with a warning, and the
 *       ack shows the digest to the server.
 *   <li>Another ledger's state: it replaces the one held, with a warning; kills known before stand on.
 *   <li>A state can't be put in force: nothing is acknowledged, the state before counts as held, as 1.
 * </ol>
 */
public final class ClientLink {
    /** How much of the frame limit the kills of one {@code hello} may take; the others go with the next. */
    private static final int HELLO_KILL_CHARS = FrameCodec.FROM_CLIENT.bytes() / 8;

    private static final int HELLO_KILLS = 1_000;

    /** Who introduces itself to the server; the members of {@link Frame.Hello}. */
    public record Identity(String sdk, String service, String instance, Optional<String> region) {}

    private final Identity identity;
    private final LinkSettings settings;
    private final BackOff backOff;
    private final Map<String, Long> warnedMs = new HashMap<>();
    private final BlindFlags blind = new BlindFlags();

    private List<LinkEffect> effects = new ArrayList<>();
    private HeldState state;
    private LinkStatus status = new LinkStatus(Contact.BLIND, 0);
    /** When contact was lost; without any so far, when the process began. */
    private long sinceMs;

    private long lastContactMs = BlindFlags.NEVER;
    private long nowMs = Long.MIN_VALUE;
    private boolean started;
    private boolean closed;
    private long lastId;
    private @Nullable LinkConnection current;
    private @Nullable LinkConnection probe;
    private long openAtMs;
    private long probeAtMs;
    private long reportAtMs;
    private Transport next = Transport.WEB_SOCKET;
    private int webSocketFailures;

    /** @param loaded the state from the last time, which is in force already; or {@link HeldState#EMPTY} */
    public ClientLink(Identity identity, LinkSettings settings, HeldState loaded, RandomGenerator random) {
        this.identity = identity;
        this.settings = settings;
        this.state = loaded;
        this.backOff = new BackOff(random);
        blind.update(loaded, lastContactMs, nowMs);
    }

    public LinkStatus status() {
        return status;
    }

    /** What was put in force last. */
    public HeldState state() {
        return state;
    }

    /** Flags that serve their safe variants because contact is lost; before the first, all that ever do. */
    public Set<String> blind() {
        return blind.inForce();
    }

    /**
     * What is to be done, in this order, after something happened.
     *
     * @param time on any clock that doesn't jump, in milliseconds; never before an earlier step's
     */
    public List<LinkEffect> step(LinkInput input, long time) {
        nowMs = Math.max(nowMs, time);
        effects = new ArrayList<>();
        if (!closed) {
            take(input);
        }
        if (!closed && started) {
            pass();
        }
        return effects;
    }

    /** When the next {@link LinkInput.Tick} is due at the latest; {@link Long#MAX_VALUE} for never. */
    public long deadlineMs() {
        if (closed || !started) {
            return Long.MAX_VALUE;
        }
        long deadline = status.contact() == Contact.LIVE ? Long.MAX_VALUE : blind.nextMs();
        if (status.contact() == Contact.STALE) {
            deadline = Math.min(deadline, sinceMs + settings.blindAfterMs());
        }
        if (current == null) {
            return Math.min(deadline, openAtMs);
        }
        deadline = Math.min(deadline, deadline(current));
        if (probe != null) {
            return Math.min(deadline, deadline(probe));
        }
        return wantsProbe(current) ? Math.min(deadline, probeAtMs) : deadline;
    }

    private long deadline(LinkConnection connection) {
        return switch (connection.phase) {
            case OPENING -> connection.phaseSinceMs + settings.openTimeoutMs();
            case GREETED -> connection.phaseSinceMs + settings.welcomeTimeoutMs();
            case WELCOMED ->
                connection.phaseSinceMs + (state.hasImage() ? settings.settleMs() : settings.welcomeTimeoutMs());
            case CURRENT ->
                Math.min(
                        reportAtMs,
                        Math.min(
                                silentAtMs(connection),
                                after(connection.snapshotAskedMs, settings.welcomeTimeoutMs())));
        };
    }

    private long silentAtMs(LinkConnection connection) {
        int silence = connection.transport == Transport.LONG_POLL
                ? settings.pollSilenceMs()
                : settings.silentHeartbeats() * connection.heartbeatMs;
        return connection.heardMs + silence;
    }

    private static long after(long sinceMs, long ms) {
        return sinceMs == Long.MAX_VALUE ? sinceMs : sinceMs + ms;
    }

    private void take(LinkInput input) {
        if (input instanceof LinkInput.Start) {
            start();
        } else if (input instanceof LinkInput.Opened opened) {
            open(connection(opened.connection()));
        } else if (input instanceof LinkInput.Received received) {
            LinkConnection connection = connection(received.connection());
            if (connection != null) {
                connection.heardMs = nowMs;
                receive(connection, received.frame());
            }
        } else if (input instanceof LinkInput.Heard heard) {
            LinkConnection connection = connection(heard.connection());
            if (connection != null) {
                connection.heardMs = nowMs;
            }
        } else if (input instanceof LinkInput.Unreadable unreadable) {
            LinkConnection connection = connection(unreadable.connection());
            if (connection != null) {
                unusable(connection, unreadable.detail());
            }
        } else if (input instanceof LinkInput.Closed ended) {
            LinkConnection connection = connection(ended.connection());
            if (connection != null) {
                lost(connection, ended.cause());
            }
        } else if (input instanceof LinkInput.NotInForce failed) {
            state = failed.inForce();
            connections().forEach(connection -> give(connection, new LinkInput.Lost(failed.detail())));
        } else if (input instanceof LinkInput.Close) {
            close();
        }
    }

    private void start() {
        started = true;
        sinceMs = nowMs;
        openAtMs = nowMs;
        status = new LinkStatus(state.hasImage() ? Contact.STALE : Contact.BLIND, nowMs);
        effects.add(new LinkEffect.StatusChanged(status));
    }

    private void close() {
        closed = true;
        for (LinkConnection connection : connections()) {
            if (connection.greeted()) {
                if (connection.welcomed()) {
                    effects.add(new LinkEffect.Report(connection.id));
                }
                send(connection, new Frame.Bye());
            }
            effects.add(new LinkEffect.Disconnect(connection.id));
        }
        current = null;
        probe = null;
    }

    /** Whatever is due by now, whichever input brought us here. */
    private void pass() {
        for (LinkConnection connection : connections()) {
            passIn(connection);
        }
        if (current == null && nowMs >= openAtMs) {
            current = new LinkConnection(++lastId, next, nowMs);
            effects.add(new LinkEffect.Open(current.id, next));
        } else if (current != null && probe == null && wantsProbe(current) && nowMs >= probeAtMs) {
            probe = new LinkConnection(++lastId, Transport.WEB_SOCKET, nowMs);
            effects.add(new LinkEffect.Open(probe.id, Transport.WEB_SOCKET));
        }
        if (status.contact() != Contact.LIVE) {
            passWithoutContact();
        }
    }

    private void passIn(LinkConnection connection) {
        switch (connection.phase) {
            case OPENING -> {
                if (due(connection.phaseSinceMs, settings.openTimeoutMs())) {
                    give(connection, new LinkInput.Lost("no connection in " + settings.openTimeoutMs() + " ms"));
                }
            }
            case GREETED -> {
                if (due(connection.phaseSinceMs, settings.welcomeTimeoutMs())) {
                    give(connection, new LinkInput.Lost("no welcome in " + settings.welcomeTimeoutMs() + " ms"));
                }
            }
            case WELCOMED -> {
                if (state.hasImage() && due(connection.phaseSinceMs, settings.settleMs())) {
                    current(connection);
                    passInCurrent(connection);
                } else if (!state.hasImage() && due(connection.phaseSinceMs, settings.welcomeTimeoutMs())) {
                    give(connection, new LinkInput.Lost("no snapshot in " + settings.welcomeTimeoutMs() + " ms"));
                }
            }
            case CURRENT -> passInCurrent(connection);
        }
    }

    private void passInCurrent(LinkConnection connection) {
        if (nowMs >= silentAtMs(connection)) {
            give(connection, new LinkInput.Lost("nothing heard for " + (nowMs - connection.heardMs) + " ms"));
        } else if (connection.snapshotAskedMs != Long.MAX_VALUE
                && due(connection.snapshotAskedMs, settings.welcomeTimeoutMs())) {
            give(connection, new LinkInput.Lost("no snapshot in " + settings.welcomeTimeoutMs() + " ms"));
        } else {
            if (backOff.failures() > 0 && due(connection.phaseSinceMs, settings.stableMs())) {
                backOff.reset();
                warnedMs.remove("connection");
            }
            if (nowMs >= reportAtMs) {
                reportAtMs = nowMs + settings.reportMs();
                effects.add(new LinkEffect.Report(connection.id));
            }
        }
    }

    private void passWithoutContact() {
        if (nowMs >= blind.nextMs() && blind.update(state, lastContactMs, nowMs)) {
            effects.add(new LinkEffect.PutInForce(state, blind.inForce(), Changes.NONE));
        }
        if (status.contact() == Contact.STALE && due(sinceMs, settings.blindAfterMs())) {
            status = new LinkStatus(Contact.BLIND, sinceMs);
            effects.add(new LinkEffect.StatusChanged(status));
        }
    }

    private boolean due(long sinceMs, long ms) {
        return nowMs - sinceMs >= ms;
    }

    private boolean wantsProbe(LinkConnection connection) {
        return connection.transport == Transport.LONG_POLL && connection.phase == Phase.CURRENT;
    }

    private void open(@Nullable LinkConnection connection) {
        if (connection != null && connection.phase == Phase.OPENING) {
            connection.enter(Phase.GREETED, nowMs);
            connection.heardMs = nowMs;
            hello(connection, state.hasImage());
        }
    }

    private void receive(LinkConnection connection, Frame frame) {
        if (frame instanceof Frame.Welcome welcome) {
            welcome(connection, welcome);
        } else if (frame instanceof Frame.Refused refused) {
            refused(connection, refused);
        } else if (frame instanceof Frame.Ping) {
            send(connection, new Frame.Pong());
            if (connection.handsAgain(nowMs)) {
                handUp(connection);
            }
            if (connection.phase == Phase.WELCOMED && state.hasImage()) {
                current(connection);
            }
        } else if (!(frame instanceof Frame.Pong)) {
            if (connection.welcomed()) {
                apply(connection, frame);
            } else {
                unusable(connection, "a " + frame.type() + " before the welcome");
            }
        }
    }

    private void welcome(LinkConnection connection, Frame.Welcome welcome) {
        if (welcome.protocol() < Frame.OLDEST_PROTOCOL || welcome.protocol() > Frame.PROTOCOL) {
            unusable(connection, "protocol " + welcome.protocol() + " (expected: at most " + Frame.PROTOCOL + ")");
            return;
        }
        if (connection.phase != Phase.GREETED) {
            return;
        }
        if (connection == probe) {
            LinkConnection slower = current;
            current = connection;
            probe = null;
            if (slower != null) {
                effects.add(new LinkEffect.Disconnect(slower.id));
            }
        }
        connection.enter(Phase.WELCOMED, nowMs);
        connection.heartbeatMs = welcome.heartbeatMs();
        next = connection.transport;
        if (connection.transport == Transport.WEB_SOCKET) {
            webSocketFailures = 0;
        }
        probeAtMs = nowMs + backOff.around(settings.webSocketRetryMs());
        if (state.hasImage() || !state.carried().isEmpty()) {
            ack(connection);
        }
        handUp(connection);
    }

    private void apply(LinkConnection connection, Frame frame) {
        HeldState.Outcome outcome;
        Provenance before = state.image().provenance();
        boolean whole = true;
        try {
            if (frame instanceof Frame.Snapshot snapshot) {
                snapshot.pending().forEach(kill -> connection.told(kill.id()));
                outcome = state.apply(snapshot);
            } else if (frame instanceof Frame.Patch patch) {
                outcome = state.apply(patch);
            } else if (frame instanceof Frame.Kills kills) {
                kills.kills().forEach(kill -> connection.told(kill.id()));
                outcome = state.apply(kills);
                whole = false;
            } else {
                unusable(connection, "a " + frame.type() + " from the server");
                return;
            }
        } catch (InvalidInput e) {
            unusable(connection, String.valueOf(e.getMessage()));
            return;
        }
        boolean unfit = outcome instanceof HeldState.Gap || outcome instanceof HeldState.DigestMismatch;
        boolean contact = whole && !unfit && connection.phase == Phase.WELCOMED;
        hold(outcome, contact);
        if (!isOfHistory(before)) {
            connections().forEach(LinkConnection::forgetKnown);
            if (frame instanceof Frame.Snapshot snapshot) {
                snapshot.pending().forEach(kill -> connection.told(kill.id()));
            }
        }
        ack(connection);
        if (unfit) {
            if (connection.snapshotAskedMs == Long.MAX_VALUE) {
                connection.snapshotAskedMs = nowMs;
                hello(connection, false);
            }
            return;
        }
        if (frame instanceof Frame.Snapshot) {
            connection.snapshotAskedMs = Long.MAX_VALUE;
        }
        handUp(connection);
        if (contact) {
            current(connection);
        }
    }

    private boolean isOfHistory(Provenance before) {
        Provenance now = state.image().provenance();
        return now.sameLedger(before) && now.epoch() == before.epoch();
    }

    /**
     * Puts what came out of a frame in force and keeps it for the next start.
     *
     * @param contact whether contact is made with it, so that nobody is blind any more
     */
    private void hold(HeldState.Outcome outcome, boolean contact) {
        HeldState before = state;
        state = outcome.next();
        if (outcome instanceof HeldState.Applied applied && applied.replaced()) {
            warn(
                    "ledger",
                    "the server's state is " + state.image().provenance() + ", of another ledger or environment than "
                            + before.image().provenance()
                            + ", which it replaces; see that all servers share one store");
        }
        if (state.drifted() && !before.drifted()) {
            warn(
                    "digest",
                    "the state at " + state.image().provenance() + " has another digest here than at the server; update"
                            + " the older of the two");
        }
        if (state.equals(before)) {
            return;
        }
        if (contact) {
            blind.contactRegained();
        } else if (status.contact() != Contact.LIVE) {
            blind.update(state, lastContactMs, nowMs);
        }
        effects.add(new LinkEffect.PutInForce(state, blind.inForce(), outcome.changes()));
        effects.add(new LinkEffect.Save(state));
    }

    private void current(LinkConnection connection) {
        connection.enter(Phase.CURRENT, nowMs);
        reportAtMs = nowMs + settings.reportMs();
        if (blind.contactRegained()) {
            effects.add(new LinkEffect.PutInForce(state, Set.of(), Changes.NONE));
        }
        if (status.contact() != Contact.LIVE) {
            status = new LinkStatus(Contact.LIVE, nowMs);
            effects.add(new LinkEffect.StatusChanged(status));
        }
    }

    private void refused(LinkConnection connection, Frame.Refused refused) {
        String detail = refused.code() + (refused.detail().isEmpty() ? "" : ": " + refused.detail());
        BackOff.Kind kind = switch (refused.code()) {
            case Frame.Refused.UNAUTHORIZED, Frame.Refused.UNSUPPORTED_PROTOCOL, Frame.Refused.MALFORMED_FRAME ->
                BackOff.Kind.REFUSED;
            case Frame.Refused.SHUTTING_DOWN, Frame.Refused.HELLO_EXPECTED -> BackOff.Kind.ABSENT;
            default -> BackOff.Kind.BUSY;
        };
        effects.add(new LinkEffect.Disconnect(connection.id));
        end(connection, "the server ended the stream with " + detail, kind, refused.retryAfterMs());
    }

    private void unusable(LinkConnection connection, String detail) {
        effects.add(new LinkEffect.Disconnect(connection.id));
        end(connection, "the server sent what can't be used: " + detail, BackOff.Kind.REFUSED, 0);
    }

    /** Closes a connection that doesn't do. */
    private void give(LinkConnection connection, LinkInput.Cause cause) {
        effects.add(new LinkEffect.Disconnect(connection.id));
        lost(connection, cause);
    }

    private void lost(LinkConnection connection, LinkInput.Cause cause) {
        boolean blocked = !connection.welcomed() && !(cause instanceof LinkInput.Unreachable);
        BackOff.Kind kind = cause instanceof LinkInput.Distrusted ? BackOff.Kind.REFUSED : BackOff.Kind.ABSENT;
        long askedMs = 0;
        if (cause instanceof LinkInput.Status answer) {
            boolean busy = answer.code() == 408 || answer.code() == 429 || answer.code() >= 500;
            kind = busy ? BackOff.Kind.BUSY : BackOff.Kind.REFUSED;
            askedMs = answer.retryAfterMs();
            blocked &= answer.code() != 429 && answer.code() != 503;
        }
        if (connection.transport == Transport.WEB_SOCKET && blocked) {
            webSocketFailures++;
        }
        end(connection, cause.detail(), kind, askedMs);
    }

    private void end(LinkConnection connection, String detail, BackOff.Kind kind, long askedMs) {
        if (connection == probe) {
            probe = null;
            probeAtMs = nowMs + backOff.around(settings.webSocketRetryMs());
            return;
        }
        if (connection.phase == Phase.CURRENT) {
            lastContactMs = connection.heardMs;
            sinceMs = lastContactMs;
            status = new LinkStatus(Contact.STALE, sinceMs);
            effects.add(new LinkEffect.StatusChanged(status));
            if (blind.update(state, lastContactMs, nowMs)) {
                effects.add(new LinkEffect.PutInForce(state, blind.inForce(), Changes.NONE));
            }
        }
        if (!connection.welcomed()) {
            choose(connection.transport);
        }
        openAtMs = nowMs + backOff.nextMs(kind, askedMs);
        current = probe;
        probe = null;
        String advice = switch (kind) {
            case ABSENT, BUSY -> "";
            case REFUSED -> "; check the server's address, its certificate, the SDK key and the versions";
        };
        warn("connection", "no contact with the server: " + detail + advice + "; keeps trying");
    }

    /** The transport of the next attempt, after one that wasn't welcomed. */
    private void choose(Transport failed) {
        boolean blocked = webSocketFailures >= settings.webSocketFailures();
        next = blocked && failed == Transport.WEB_SOCKET ? Transport.LONG_POLL : Transport.WEB_SOCKET;
    }

    private void hello(LinkConnection connection, boolean has) {
        List<SignedKill> kills = new ArrayList<>();
        int chars = 0;
        for (StandingKill kill : state.carried()) {
            int length = kill.signed().body().length();
            if (kills.size() < HELLO_KILLS && chars + length <= HELLO_KILL_CHARS && connection.hands(kill.id())) {
                kills.add(kill.signed());
                chars += length;
            }
        }
        send(
                connection,
                new Frame.Hello(
                        Frame.PROTOCOL,
                        identity.sdk(),
                        identity.service(),
                        identity.instance(),
                        identity.region(),
                        has ? Optional.of(state.held()) : Optional.empty(),
                        kills));
    }

    /** Hands up kills that this server may not know: more than fit into one hello, or left over from another state. */
    private void handUp(LinkConnection connection) {
        while (state.carried().stream().anyMatch(kill -> unknown(kill, connection))) {
            hello(connection, state.hasImage());
        }
    }

    /** A kill that is too large for a hello can't be handed up: no frame could bring it back. */
    private static boolean unknown(StandingKill kill, LinkConnection connection) {
        return kill.signed().body().length() <= HELLO_KILL_CHARS && !connection.known.contains(kill.id());
    }

    private void ack(LinkConnection connection) {
        effects.add(new LinkEffect.Ack(connection.id, state.held(), state.carriedIds()));
    }

    private void send(LinkConnection connection, Frame frame) {
        effects.add(new LinkEffect.Send(connection.id, frame));
    }

    /** Says a thing once, and again after a long while as long as it lasts. */
    private void warn(String about, String text) {
        Long lastMs = warnedMs.get(about);
        if (lastMs == null || due(lastMs, settings.warnAgainMs())) {
            warnedMs.put(about, nowMs);
            effects.add(new LinkEffect.Warn(text));
        }
    }

    private @Nullable LinkConnection connection(long id) {
        for (LinkConnection connection : connections()) {
            if (connection.id == id) {
                return connection;
            }
        }
        return null;
    }

    private List<LinkConnection> connections() {
        List<LinkConnection> connections = new ArrayList<>(2);
        if (current != null) {
            connections.add(current);
        }
        if (probe != null) {
            connections.add(probe);
        }
        return connections;
    }
}
