package dev.andon.server.delivery;

import dev.andon.core.model.KillId;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.Offer;
import dev.andon.core.stream.ServerInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A stream by long polling: frames collect here until a poll takes them, and only while there are few, so that what comes
 * and goes between two polls is never sent. Its lock is held for one step at a time, never while a poll waits.
 */
final class PollSession implements Session.Transport {
    private static final int MAX_QUEUED = 8;

    private final Hub hub;
    private final Session session;
    private final List<Message> queue = new ArrayList<>();
    private String answered = "";
    private int waiting;
    private long heardMs;
    private boolean full;
    private boolean closed;

    /** Counts up with every poll; a poll that isn't the newest any more stops waiting. */
    private int turn;

    /** What a poll is answered with: frames, or nothing new. */
    record Answer(List<Message> frames, String etag) {}

    PollSession(Hub hub, String environment, String token, String secretHash, Feed feed) {
        this.hub = hub;
        this.session = new Session(hub, this, environment, token, secretHash, feed);
        this.heardMs = hub.nowMs();
        hub.feeds().feed(environment).ifPresent(this::offered);
    }

    String environment() {
        return session.environment();
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
     * @return empty if the client has missed an answer and must begin anew
     */
    synchronized Optional<Answer> poll(List<byte[]> frames, Optional<String> known) throws InterruptedException {
        heardMs = hub.nowMs();
        if (!answered.isEmpty() && !known.equals(Optional.of(answered))) {
            session.step(new ServerInput.Closed());
            closed = true;
            notifyAll();
            return Optional.empty();
        }
        acknowledge(known);
        frames.forEach(session::received);
        full = false;
        session.step(new ServerInput.Drained());
        afterStep();
        waiting++;
        int mine = ++turn;
        notifyAll();
        try {
            long endMs = hub.nowMs() + hub.limits().pollWaitMs();
            long leftMs = hub.limits().pollWaitMs();
            while (queue.isEmpty() && !session.ended() && mine == turn && leftMs > 0) {
                wait(leftMs);
                leftMs = endMs - hub.nowMs();
            }
        } finally {
            waiting--;
            heardMs = hub.nowMs();
        }
        List<Message> taken = mine == turn ? List.copyOf(queue) : List.of();
        if (mine == turn) {
            queue.clear();
            answered = full ? "" : etag(session.feed().offer());
        }
        return Optional.of(new Answer(taken, answered));
    }

    private void acknowledge(Optional<String> known) {
        Offer offer = session.feed().offer();
        if (known.equals(Optional.of(etag(offer)))) {
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

    /** Names the newest state and the pending kills. */
    private static String etag(Offer offer) {
        StringBuilder text = new StringBuilder(offer.newest().provenance().toString());
        for (KillId kill : new TreeSet<>(offer.pending().keySet())) {
            text.append('+').append(kill);
        }
        String whole = text.toString();
        return whole.length() <= 200
                ? '"' + whole + '"'
                : '"'
                        + java.util
                                .UUID
                                .nameUUIDFromBytes(whole.getBytes(StandardCharsets.UTF_8))
                                .toString()
                        + '"';
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
