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
    private static final byte[] HEARTBEAT = ": \n\n".getBytes(StandardCharsets.UTF_8);

    private final ServedStates states;
    private final String environment;
    private final long heartbeatNanos;
    private final BooleanSupplier admitted;
    private final LongSupplier refusals;
    private String sent = "";
    private long refusalsBefore;

    /**
     * @param admitted whether the client may go on hearing
     * @param refusals how often the client's key was refused for asking too often
     */
    EventStream(
            ServedStates states,
            String environment,
            long heartbeatNanos,
            BooleanSupplier admitted,
            LongSupplier refusals) {
        this.states = states;
        this.environment = environment;
        this.heartbeatNanos = heartbeatNanos;
        this.admitted = admitted;
        this.refusals = refusals;
    }

    @Override
    public boolean hasNext() {
        return !states.closed() && admitted.getAsBoolean();
    }

    @Override
    public byte[] next() {
        boolean first = sent.isEmpty();
        Optional<ServedState> newest = newest();
        long refused = refusals.getAsLong();
        if (newest.isEmpty() || (newest.get().id().equals(sent) && refused == refusalsBefore)) {
            return HEARTBEAT;
        }
        refusalsBefore = refused;
        sent = newest.get().id();
        return ((first ? RETRY : "") + event(newest.get())).getBytes(StandardCharsets.UTF_8);
    }

    private Optional<ServedState> newest() {
        try {
            return states.await(environment, state -> !state.id().equals(sent), heartbeatNanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoSuchElementException("the server ends");
        }
    }

    private static String event(ServedState state) {
        Json data = Json.object()
                .put("type", "refetchEvaluation")
                .put("etag", state.id())
                .put("lastModified", state.modifiedSeconds())
                .build();
        return "event: message\nid: " + state.id() + "\ndata: " + data.text() + "\n\n";
    }
}
