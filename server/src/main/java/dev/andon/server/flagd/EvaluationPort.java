package dev.andon.server.flagd;

import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcListener;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.http.GrpcRefusal;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code flagd.evaluation.v1} and {@code v2}: evaluations, and events that say what has changed. On its port's loop only. */
final class EvaluationPort {
    private static final Logger log = LoggerFactory.getLogger(EvaluationPort.class);

    private final Selectors selectors;
    private final ServedStates states;
    private final Executor workers;
    private final Streams streams;
    private final FlagdConfig config;
    private final Attendance attendance;
    private final ChangeFeed changes = new ChangeFeed();

    EvaluationPort(
            Selectors selectors,
            ServedStates states,
            Executor workers,
            Streams streams,
            FlagdConfig config,
            Attendance attendance) {
        this.selectors = selectors;
        this.states = states;
        this.workers = workers;
        this.streams = streams;
        this.config = config;
        this.attendance = attendance;
    }

    Map<String, GrpcListener.Method> methods() {
        Map<String, GrpcListener.Method> methods = new HashMap<>();
        new Resolutions(selectors)
                .methods()
                .forEach((name, answerer) -> methods.put(
                        name,
                        (call, request) -> work(call, () -> {
                            Answerer.Answer answer = answerer.answer(call, request);
                            ForeignListener.Client client = client(call, answer.view());
                            call.onLoop(() -> call.answer(GrpcMessage.of(answer.message()))
                                    .onSuccess(done -> attendance.asked(
                                            client, answer.state().served())));
                        })));
        methods.put("flagd.evaluation.v1.Service/EventStream", this::events);
        methods.put("flagd.evaluation.v2.Service/EventStream", this::events);
        return methods;
    }

    void changed() {
        Map<String, ServedState> newest = new HashMap<>();
        streams.each(stream -> {
            if (stream instanceof EventStream events) {
                String environment = stream.view().environment();
                states.newest(environment).ifPresent(state -> newest.putIfAbsent(environment, state));
                ServedState state = newest.get(environment);
                if (state != null) {
                    events.offered(state);
                }
            }
        });
    }

    /** Off the loop; a call that fails is ended. */
    private void work(GrpcCall call, Runnable action) {
        workers.execute(() -> {
            try {
                action.run();
            } catch (GrpcRefusal e) {
                call.onLoop(() -> call.end(e.status(), e.text()));
            } catch (RuntimeException e) {
                log.error("{}: failed", call.method(), e);
                call.onLoop(() -> call.end(GrpcStatus.INTERNAL, "Andon failed on this request; its log says how"));
            }
        });
    }

    private void events(GrpcCall call, byte[] request) {
        work(call, () -> {
            View view = selectors.view(call, "");
            ServedState state = selectors.newest(view);
            ForeignListener.Client client = client(call, view);
            call.onLoop(() -> begin(call, view, state, client));
        });
    }

    private ForeignListener.Client client(GrpcCall call, View view) {
        return attendance.client(call, Protocol.FLAGD_EVALUATION, view, selectors.caller(call), "");
    }

    private void begin(GrpcCall call, View view, ServedState state, ForeignListener.Client client) {
        if (streams.admits(call)) {
            EventStream stream = new EventStream(call, view, state, streams, config, changes, attendance, client);
            streams.add(stream, () -> {});
            stream.begin();
            states.newest(view.environment()).ifPresent(stream::offered);
        }
    }
}
