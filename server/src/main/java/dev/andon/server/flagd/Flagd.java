package dev.andon.server.flagd;

import dev.andon.server.http.Authoriser;
import dev.andon.server.http.Certificates;
import dev.andon.server.http.GrpcListener;
import dev.andon.server.http.OnLoop;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.Drain;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.Seal;
import dev.andon.server.node.ServedStates;
import dev.andon.server.node.StartProblem;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** flagd's gRPC services, each on a port of its own. Thread-safe. */
public final class Flagd implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Flagd.class);
    private static final long CLOSE_MS = 2_000;

    private final FlagdConfig config;
    private final Surroundings around;
    private final Selectors selectors;
    private final Attendance attendance;
    private final Declaring declaring;
    private final List<Streams> streams = new ArrayList<>();
    private final List<GrpcListener> listeners = new ArrayList<>();
    private OptionalInt evaluationPort = OptionalInt.empty();
    private OptionalInt syncPort = OptionalInt.empty();
    private IntSupplier documentBytes = () -> 0;
    private IntSupplier flagsLeft = () -> 0;

    /**
     * What the services need of the server.
     *
     * @param host what to listen on
     * @param certificates TLS, if it is wanted
     * @param seal of this server's own
     * @param listener hears which clients are there, and what they were sent
     * @param plane where environments are declared to be served
     * @param workers for what may take long; takes any number of tasks
     */
    public record Surroundings(
            Vertx vertx,
            String host,
            Optional<Certificates> certificates,
            ServedStates states,
            Authoriser authoriser,
            Seal seal,
            ForeignListener listener,
            ControlPlane plane,
            Executor workers,
            LongSupplier nanoTime,
            Drain drain) {}

    private Flagd(FlagdConfig config, Surroundings around) {
        this.config = config;
        this.around = around;
        this.selectors = new Selectors(
                config.environments(),
                around.states(),
                around.authoriser(),
                () -> around.plane().store().connected());
        this.attendance = new Attendance(around.listener(), around.seal(), around.nanoTime());
        this.declaring = new Declaring(around.plane());
    }

    /**
     * Opens the ports that are asked for; returns when they serve.
     *
     * @throws StartProblem if one of them can't be had
     */
    public static Flagd open(FlagdConfig config, Surroundings around) {
        Flagd flagd = new Flagd(config, around);
        try {
            flagd.open();
        } catch (RuntimeException e) {
            flagd.close();
            throw e;
        }
        return flagd;
    }

    private void open() {
        if (!config.open()) {
            return;
        }
        if (config.evaluationPort().isPresent()) {
            Context loop = loop();
            Streams mine = streams(loop);
            EvaluationPort port =
                    new EvaluationPort(selectors, around.states(), around.workers(), mine, config, attendance);
            follow(loop, port::changed);
            evaluationPort = OptionalInt.of(
                    listen(config.evaluationPort().getAsInt(), "flagd evaluation", loop, port.methods()));
        }
        if (config.syncPort().isPresent()) {
            declaring.start();
            config.environments().forEach(declaring::want);
            Context loop = loop();
            Streams mine = streams(loop);
            SyncPort port = new SyncPort(
                    selectors, around.states(), loop, around.workers(), mine, config, attendance, declaring::want);
            documentBytes = port::documentBytes;
            flagsLeft = port::flagsLeft;
            follow(loop, port::changed);
            syncPort = OptionalInt.of(listen(config.syncPort().getAsInt(), "flagd sync", loop, port.methods()));
        }
        tell();
    }

    private Context loop() {
        return ((VertxInternal) around.vertx()).createEventLoopContext();
    }

    private Streams streams(Context loop) {
        Streams made =
                new Streams(around.vertx(), loop, selectors, config.streams(), around.nanoTime(), around.drain());
        streams.add(made);
        return made;
    }

    /** Any number of changes that come before the loop looks are one. */
    private void follow(Context loop, Runnable changed) {
        AtomicBoolean told = new AtomicBoolean();
        around.states().follow(() -> {
            if (!told.getAndSet(true)) {
                OnLoop.run(loop, () -> {
                    told.set(false);
                    changed.run();
                });
            }
        });
    }

    private int listen(int port, String what, Context loop, Map<String, GrpcListener.Method> methods) {
        try {
            GrpcListener listener = GrpcListener.open(
                            around.vertx(),
                            loop,
                            around.host(),
                            port,
                            around.certificates(),
                            config.grpc(),
                            methods,
                            around.nanoTime())
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
            listeners.add(listener);
            return listener.port();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StartProblem(
                    "listening at " + around.host() + ":" + port + " for " + what + ": "
                            + String.valueOf(cause.getMessage()).strip()
                            + " (expected: an address of this machine, and a port that nobody uses)",
                    cause);
        }
    }

    private void tell() {
        String to = config.environments().isEmpty()
                ? "to clients with a key alone"
                : "to everybody who can reach it: " + String.join(", ", config.environments());
        log.info("flagd: {}serving {}", ports(), to);
        for (String environment : config.environments()) {
            if (around.states().newest(environment).isEmpty()) {
                log.warn(
                        "flagd: environment {}: there is none of this name (expected: one that exists); clients are"
                                + " told to try again until it is made",
                        environment);
            }
        }
    }

    private String ports() {
        StringBuilder text = new StringBuilder();
        evaluationPort.ifPresent(
                port -> text.append("evaluation at port ").append(port).append(", "));
        syncPort.ifPresent(port -> text.append("sync at port ").append(port).append(", "));
        return text.toString();
    }

    /** Where flags are evaluated, if anywhere. */
    public OptionalInt evaluationPort() {
        return evaluationPort;
    }

    /** Where documents are, if anywhere. */
    public OptionalInt syncPort() {
        return syncPort;
    }

    /** Streams that are open. */
    public int streams() {
        return streams.stream().mapToInt(Streams::open).sum();
    }

    /** Of the largest document that clients get, as gRPC sends it. */
    public int documentBytes() {
        return documentBytes.getAsInt();
    }

    /** How many flags a document lacks, as flagd's language can't express them. */
    public int flagsLeft() {
        return flagsLeft.getAsInt();
    }

    /** Ends all streams and closes the ports. Prompt, and idempotent. */
    @Override
    public void close() {
        declaring.close();
        for (Streams open : streams) {
            await(open.close(), "ending flagd's streams");
        }
        for (GrpcListener listener : listeners) {
            await(listener.close().toCompletionStage().toCompletableFuture(), "closing flagd's port");
        }
        streams.clear();
        listeners.clear();
    }

    private static void await(CompletableFuture<?> done, String what) {
        try {
            done.get(CLOSE_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            log.warn("{}: {}", what, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
