package dev.andon.server.flagd;

import dev.andon.flagd.evaluation.v2.EventStreamResponse;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ServedState;
import java.util.Optional;

/** A client that has flags evaluated here, and hears which of them may have changed. */
final class EventStream extends OpenStream {
    private static final long LEAST_PAUSE_MS = 20;

    private static final GrpcMessage READY = event("provider_ready");
    private static final GrpcMessage KEEP_ALIVE = event("keep_alive");

    private final ChangeFeed changes;
    private ServedState newest;
    private Optional<ServedState> told = Optional.empty();
    private ServedState beforeBurst;
    private Optional<ServedState> written = Optional.empty();

    EventStream(
            GrpcCall call,
            View view,
            ServedState state,
            Streams streams,
            FlagdConfig config,
            ChangeFeed changes,
            Attendance attendance,
            ForeignListener.Client client) {
        super(
                call,
                view,
                streams,
                new Pacing.Tempo(
                        LEAST_PAUSE_MS, LEAST_PAUSE_MS, LEAST_PAUSE_MS, config.settleMs(), config.keepAliveMs()),
                attendance,
                client);
        this.changes = changes;
        this.newest = state;
        this.beforeBurst = state;
    }

    void begin() {
        offered(false, LEAST_PAUSE_MS);
    }

    void offered(ServedState state) {
        if (state.id().equals(newest.id())) {
            return;
        }
        boolean kill = changes.between(view(), newest, state).kill();
        newest = state;
        if (told.isEmpty()) {
            return;
        }
        if (changes.between(view(), told.get(), newest).any()) {
            offered(kill, LEAST_PAUSE_MS);
        } else if (written.equals(told)) {
            sent(newest.served());
        }
    }

    @Override
    GrpcMessage message(Pacing.Effect.Send how) {
        if (told.isEmpty()) {
            told = Optional.of(newest);
            return READY;
        }
        if (how.first()) {
            beforeBurst = told.get();
        }
        ServedState before = how.again() ? beforeBurst : told.get();
        told = Optional.of(newest);
        return changes.between(view(), before, newest).message();
    }

    @Override
    GrpcMessage keepAlive() {
        return KEEP_ALIVE;
    }

    @Override
    void written() {
        written = told;
        told.ifPresent(state -> sent(state.served()));
    }

    private static GrpcMessage event(String type) {
        return GrpcMessage.of(
                EventStreamResponse.newBuilder().setType(type).build().toByteArray());
    }
}
