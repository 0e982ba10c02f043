package dev.andon.server.flagd;

import dev.andon.core.json.Json;
import dev.andon.flagd.evaluation.v2.EventStreamResponse;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ServedState;
import java.util.Optional;
import java.util.SortedMap;

/** A client that has flags evaluated here, and hears which of them may have changed. */
final class EventStream extends OpenStream {
    private static final long LEAST_PAUSE_MS = 20;

    private static final GrpcMessage READY = event("provider_ready", Optional.empty());
    private static final GrpcMessage KEEP_ALIVE = event("keep_alive", Optional.empty());

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
        boolean kill = Stops.of(state).exceed(Stops.of(newest));
        newest = state;
        if (told.isEmpty()) {
            return;
        }
        if (!FlagChanges.between(view(), told.get(), newest).isEmpty()) {
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
        SortedMap<String, String> changes = FlagChanges.between(view(), how.again() ? beforeBurst : told.get(), newest);
        told = Optional.of(newest);
        return event("configuration_change", Optional.of(FlagChanges.data(changes)));
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

    private static GrpcMessage event(String type, Optional<Json> data) {
        EventStreamResponse.Builder event = EventStreamResponse.newBuilder().setType(type);
        data.ifPresent(json -> event.setData(Structs.value(json).getStructValue()));
        return GrpcMessage.of(event.build().toByteArray());
    }
}
