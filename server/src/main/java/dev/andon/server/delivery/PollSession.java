package dev.andon.server.delivery;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.Offer;
import dev.andon.core.stream.ServerInput;
import dev.andon.server.http.Caller;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A stream by long polling: frames collect here until a poll takes them, and only while there are few, so that what comes
 * and goes between two polls is never sent. Its lock is held for one step at a time, never while a poll waits.
 *
 * <p>A poll may cross an answer on its way, and an answer may get lost; both look alike, because the poll shows an older
 * ETag. So every answer begins with all that the client hasn't shown to have got: to take a frame twice does it no harm.
 */
final class PollSession implements Session.Transport {
    private static final int MAX_QUEUED = 8;
    private static final int MAX_NAMED_CHARS = 200;

    /** Nobody follows who is so many answers, or frames, behind. */
    private static final int MAX_BEHIND = 64;

    private final Hub hub;
    private final Session session;
    private final List<Message> queue = new ArrayList<>();

    /** What was sent and not shown to have arrived, oldest first; {@link #sent} is the number of the last. */
    private final Deque<Message> unconfirmed = new ArrayDeque<>();

    /** The last answers, oldest first. */
    private final Deque<Given> given = new ArrayDeque<>();

    private long sent;
    private Optional<Named> has = Optional.empty();
    private int answers;
    private int waiting;
    private long heardMs;
    private boolean full;
    private boolean closed;

    /** Counts up with every poll; a poll that isn't the newest any more stops waiting. */
    private int turn;

    /** What a poll is answered with: frames, or nothing new. */
    record Answer(List<Message> frames, String etag) {}

    /** State and pending kills that an ETag names: who shows it has them. */
    private record Named(Frame.Held state, Set<KillId> pending) {
        static Named of(Offer offer) {
            return new Named(offer.newest(), Set.copyOf(offer.pending().keySet()));
        }
    }

    /**
     * An answer with frames.
     *
     * @param names nothing if more was owed than it could hold
     * @param upTo the number of its last frame: who got it has all frames up to there
     */
    private record Given(String etag, Optional<Named> names, long upTo) {}

    PollSession(Hub hub, String environment, String token, String secretHash, Feed feed) {
        this.hub = hub;
        this.session = new Session(hub, this, environment, token, secretHash, feed);
        this.heardMs = hub.nowMs();
        hub.feeds().feed(environment).ifPresent(this::offered);
    }

    String environment() {
        return session.environment();
    }

    /** Whether who polls is who began the session: its name alone doesn't open it. */
    boolean belongsTo(Caller caller) {
        return session.token().equals(caller.token());
    }

    synchronized void offered(Feed feed) {
        session.offered(feed);
        afterStep();
    }

    synchronized void checkToken() {
        session.checkToken(hub.feeds().image());
        afterStep();
    }

    /** Whether it is still of use; ends it if no poll came for too long. */
    synchronized boolean tick() {
        session.leaveInTurn();
        if (waiting > 0) {
            // A poll that waits is as good as a heartbeat.
            heardMs = hub.nowMs();
        } else if (hub.nowMs() - heardMs > 3L * hub.limits().heartbeatMs()) {
            session.step(new ServerInput.Closed());
            closed = true;
        }
        afterStep();
        return !(session.ended() && queue.isEmpty()) && !closed;
    }

    /**
     * Takes a poll's frames and waits until there is something to answer, but no longer than it should.
     *
     * @param known the newest ETag that the client has seen
     * @return empty if the client shows an ETag that isn't of this session, and must begin anew
     */
    synchronized Optional<Answer> poll(List<byte[]> frames, Optional<String> known) throws InterruptedException {
        heardMs = hub.nowMs();
        if (!confirm(known) || unconfirmed.size() > MAX_BEHIND) {
            session.step(new ServerInput.Closed());
            closed = true;
            notifyAll();
            return Optional.empty();
        }
        acknowledge();
        frames.forEach(frame -> session.step(Session.decoded(frame)));
        full = false;
        session.step(new ServerInput.Drained());
        afterStep();
        waiting++;
        int mine = ++turn;
        notifyAll();
        try {
            long endMs = hub.nowMs() + hub.limits().pollWaitMs();
            long leftMs = hub.limits().pollWaitMs();
            while (queue.isEmpty() && unconfirmed.isEmpty() && !session.ended() && mine == turn && leftMs > 0) {
                wait(leftMs);
                leftMs = endMs - hub.nowMs();
            }
        } finally {
            waiting--;
            heardMs = hub.nowMs();
        }
        return Optional.of(mine == turn ? answer() : new Answer(List.of(), ""));
    }

    private Answer answer() {
        unconfirmed.addAll(queue);
        sent += queue.size();
        queue.clear();
        if (unconfirmed.isEmpty()) {
            return new Answer(List.of(), "");
        }
        Offer offer = session.feed().offer();
        String etag = etag(offer, ++answers);
        given.addLast(new Given(etag, full ? Optional.empty() : Optional.of(Named.of(offer)), sent));
        if (given.size() > MAX_BEHIND) {
            given.removeFirst();
        }
        return new Answer(List.copyOf(unconfirmed), etag);
    }

    /** Takes note of what the client shows to have got; false if it isn't anything of late. */
    private boolean confirm(Optional<String> etag) {
        if (etag.isEmpty()) {
            return true;
        }
        Optional<Given> shown =
                given.stream().filter(one -> one.etag.equals(etag.get())).findFirst();
        if (shown.isEmpty()) {
            return false;
        }
        long before = sent - unconfirmed.size();
        if (shown.get().upTo >= before) {
            has = shown.get().names;
        }
        for (long number = before; number < shown.get().upTo; number++) {
            unconfirmed.removeFirst();
        }
        return true;
    }

    private void acknowledge() {
        Offer offer = session.feed().offer();
        if (has.equals(Optional.of(Named.of(offer)))) {
            session.step(new ServerInput.Received(
                    new Frame.Ack(offer.newest(), List.copyOf(offer.pending().keySet()), 0)));
        }
    }

    private void afterStep() {
        if (!full && queue.size() >= MAX_QUEUED) {
            full = true;
            session.step(new ServerInput.Filled(0));
        }
        if (!queue.isEmpty() || session.ended()) {
            notifyAll();
        }
    }

    /** Names the newest state, the pending kills, and the answer that brought them. */
    private static String etag(Offer offer, int answer) {
        StringBuilder text = new StringBuilder(offer.newest().provenance().toString());
        for (KillId kill : new TreeSet<>(offer.pending().keySet())) {
            text.append('+').append(kill);
        }
        String whole = text.toString();
        String named = whole.length() <= MAX_NAMED_CHARS
                ? whole
                : UUID.nameUUIDFromBytes(whole.getBytes(StandardCharsets.UTF_8)).toString();
        return '"' + named + '#' + answer + '"';
    }

    @Override
    public void send(Message message) {
        queue.add(message);
    }

    @Override
    public boolean wantsPings() {
        return false;
    }

    @Override
    public void close() {
        // The answer that carries the last frame is the end.
    }

    @Override
    public void end(Frame.Refused why) {
        Thread.ofVirtual().start(() -> {
            synchronized (this) {
                session.step(new ServerInput.End(why));
                afterStep();
            }
        });
    }
}
