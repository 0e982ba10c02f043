package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ForeignListener.Served;
import io.vertx.core.Future;

/**
 * One client's stream: carries out what its {@link Pacing} says. What is sent is taken at the last moment, so that a client that
 * reads slowly gets the newest. On its port's loop only.
 */
abstract class OpenStream {
    private final GrpcCall call;
    private final View view;
    private final Streams streams;
    private final Pacing pacing;
    private final Attendance attendance;
    private final ForeignListener.Stream told;
    private long wakeMs = Long.MAX_VALUE;

    OpenStream(
            GrpcCall call,
            View view,
            Streams streams,
            Pacing.Tempo tempo,
            Attendance attendance,
            ForeignListener.Client client) {
        this.call = call;
        this.view = view;
        this.streams = streams;
        this.pacing = new Pacing(tempo);
        this.attendance = attendance;
        this.told = attendance.opened(client);
    }

    GrpcCall call() {
        return call;
    }

    View view() {
        return view;
    }

    /** The newest. */
    abstract GrpcMessage message(Pacing.Effect.Send how);

    abstract GrpcMessage keepAlive();

    /** What {@link #message} gave last is written. */
    abstract void written();

    /** The client was sent all that there is of this state. */
    void sent(Served served) {
        attendance.sent(told, served);
    }

    /** The call is over. */
    void ended() {
        call.whetherItParts(parts -> {
            if (parts) {
                told.left();
            } else {
                told.lost(call.connection().unheard());
            }
        });
    }

    void offered(boolean kill, long costMs) {
        step(new Pacing.Input.Offered(kill, costMs));
    }

    void wake(long nowMs) {
        if (wakeMs <= nowMs) {
            step(new Pacing.Input.Tick());
        }
    }

    long wakeMs() {
        return wakeMs;
    }

    private void step(Pacing.Input input) {
        if (call.over()) {
            return;
        }
        wakeMs = Long.MAX_VALUE;
        for (Pacing.Effect effect : pacing.step(input, streams.nowMs())) {
            switch (effect) {
                case Pacing.Effect.Send send -> write(message(send), this::written);
                case Pacing.Effect.KeepAlive alive -> write(keepAlive(), () -> {});
                case Pacing.Effect.Wake(long atMs) -> {
                    wakeMs = atMs;
                    streams.wakeAt(atMs);
                }
            }
        }
    }

    private void write(GrpcMessage message, Runnable then) {
        Future<Void> written = call.send(message);
        // A failure is the end of the call, of which the streams hear by themselves.
        written.onSuccess(done -> call.onLoop(() -> {
            then.run();
            step(new Pacing.Input.Written());
        }));
    }
}
