package dev.andon.server.ofrep;

import dev.andon.core.json.Json;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * What one client hears of an environment: that there is something to fetch, and nothing that it would have to keep. It is
 * made when it can be sent, so that a client that reads slowly gets the newest and costs no more than that. Each stream begins
 * with an event: clients don't look after a reconnect by themselves, and may have missed a change before the first one.
 * A client that was refused for asking too often doesn't ask again by itself; so it hears of the same state again later.
 * Used by one thread.
 */
final class EventStream implements Iterator<byte[]> {
    private static final String RETRY = "retry: 200\n\n";
    private static final String NUMBER = "~";
    private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

    private final ServedStates states;
    private final String environment;
    private final long heartbeatNanos;
    private final BooleanSupplier admitted;
    private final LongSupplier refusals;
    private final Witness witness;
    private final String number;
    private boolean begun;
    private String sent = "";
    private Optional<ServedState> making = Optional.empty();
    private long refusalsBefore;
    private volatile boolean superseded;

    /** Who is told what became of the stream, on its thread. */
    interface Witness {
        /** It begins. */
        void began(EventStream stream);

        /** It was handed to the network that this state is to be fetched. */
        void sent(ServedState state);

        /** @param superseded whether the client opened another one in its place */
        void ended(boolean superseded);
    }

    /**
     * @param admitted whether the client may go on hearing
     * @param refusals how often the client's key was refused for asking too often
     * @param number names the stream; events carry it, so that its client names it when it comes back
     */
    EventStream(
            ServedStates states,
            String environment,
            long heartbeatNanos,
            BooleanSupplier admitted,
            LongSupplier refusals,
            String number,
            Witness witness) {
        this.states = states;
        this.environment = environment;
        this.heartbeatNanos = heartbeatNanos;
        this.admitted = admitted;
        this.refusals = refusals;
        this.number = number;
        this.witness = witness;
    }

    /** Whoever asks whether there is more has sent what there was. */
    @Override
    public boolean hasNext() {
        making.ifPresent(witness::sent);
        making = Optional.empty();
        return !states.closed() && !superseded && admitted.getAsBoolean();
    }

    /** Ends it soon: its client has another one. On any thread. */
    void supersede() {
        superseded = true;
    }

    /** To be called once, when it is over; also where it never began. */
    void end() {
        if (begun) {
            witness.ended(superseded);
        }
    }

    @Override
    public byte[] next() {
        boolean first = !begun;
        if (first) {
            begun = true;
            witness.began(this);
        }
        Optional<ServedState> newest = newest();
        long refused = refusals.getAsLong();
        if (newest.isEmpty() || (newest.get().id().equals(sent) && refused == refusalsBefore)) {
            return HEARTBEAT;
        }
        refusalsBefore = refused;
        sent = newest.get().id();
        making = newest;
        return ((first ? RETRY : "") + event(newest.get())).getBytes(StandardCharsets.UTF_8);
    }

    /** The number of the stream that an event came by, as its id tells; empty if it doesn't. */
    static String numberIn(String eventId) {
        int at = eventId.lastIndexOf(NUMBER);
        return at < 0 ? "" : eventId.substring(at + 1);
    }

    private Optional<ServedState> newest() {
        try {
            return states.await(environment, state -> !state.id().equals(sent), heartbeatNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoSuchElementException("the server ends");
        }
    }

    private String event(ServedState state) {
        Json data = Json.object()
                .put("type", "refetchEvaluation")
                .put("etag", state.id())
                .put("lastModified", state.modifiedSeconds())
                .build();
        return "event: message\nid: " + state.id() + NUMBER + number + "\ndata: " + data.text() + "\n\n";
    }
}
