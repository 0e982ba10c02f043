package dev.andon.server.flagd;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import dev.andon.flagd.sync.v1.FetchAllFlagsRequest;
import dev.andon.flagd.sync.v1.GetMetadataResponse;
import dev.andon.flagd.sync.v1.SyncFlagsRequest;
import dev.andon.server.http.Caller;
import dev.andon.server.http.GrpcCall;
import dev.andon.server.http.GrpcListener;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.http.GrpcRefusal;
import dev.andon.server.http.GrpcStatus;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.ServedStates;
import io.vertx.core.Context;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** {@code flagd.sync.v1}: documents for clients that evaluate by themselves. On its port's loop only. */
final class SyncPort {
    private static final String SERVICE = "flagd.sync.v1.FlagSyncService/";

    private static final GrpcMessage METADATA = GrpcMessage.shared(GetMetadataResponse.newBuilder()
            .setMetadata(Struct.getDefaultInstance())
            .build()
            .toByteArray());

    /** Views whose documents are kept although nobody gets them at the moment. */
    private static final int MOST_UNUSED = 64;

    private final Selectors selectors;
    private final ServedStates states;
    private final Documents documents = new Documents();
    private final Context loop;
    private final Executor makers;
    private final Streams streams;
    private final FlagdConfig config;
    private final Attendance attendance;
    private final Consumer<String> served;
    private final Fetchers fetchers;
    private final Map<View, Feed> feeds = new HashMap<>();
    private volatile int documentBytes;
    private volatile int flagsLeft;

    /** @param served told of each environment that somebody asks for; must be quick */
    SyncPort(
            Selectors selectors,
            ServedStates states,
            Context loop,
            Executor makers,
            Streams streams,
            FlagdConfig config,
            Attendance attendance,
            Consumer<String> served) {
        this.selectors = selectors;
        this.states = states;
        this.loop = loop;
        this.makers = makers;
        this.streams = streams;
        this.config = config;
        this.attendance = attendance;
        this.served = served;
        this.fetchers = new Fetchers(attendance, config.streams());
    }

    Map<String, GrpcListener.Method> methods() {
        return Map.of(
                SERVICE + "SyncFlags",
                this::sync,
                SERVICE + "FetchAllFlags",
                this::fetch,
                SERVICE + "GetMetadata",
                (call, request) -> call.answer(METADATA));
    }

    /** Of the largest document; from any thread. */
    int documentBytes() {
        return documentBytes;
    }

    /** What the document that lacks most lacks, as flagd's language can't express it; from any thread. */
    int flagsLeft() {
        return flagsLeft;
    }

    private void measure() {
        flagsLeft = feeds.values().stream().mapToInt(Feed::left).max().orElse(0);
        documentBytes = feeds.values().stream().mapToInt(Feed::bytes).max().orElse(0);
    }

    void changed() {
        feeds.values().stream().filter(Feed::used).forEach(Feed::refresh);
    }

    private void sync(GrpcCall call, byte[] request) {
        SyncFlagsRequest asked = parsed(call, () -> SyncFlagsRequest.parseFrom(request));
        select(call, asked.getSelector(), (view, caller) -> {
            if (streams.admits(call)) {
                Feed feed = feed(view);
                SyncStream stream = new SyncStream(
                        call,
                        view,
                        streams,
                        config,
                        attendance,
                        attendance.client(call, Protocol.FLAGD_SYNC, view, caller, asked.getProviderId()));
                streams.add(stream, () -> feed.remove(stream));
                feed.add(stream);
            }
        });
    }

    /** The answer is what streams send, whose field for the document has the same number: the bytes are shared. */
    private void fetch(GrpcCall call, byte[] request) {
        FetchAllFlagsRequest asked = parsed(call, () -> FetchAllFlagsRequest.parseFrom(request));
        select(
                call,
                asked.getSelector(),
                (view, caller) -> fetchers.of(call, attendance.fetching(call, view, caller, asked.getProviderId()))
                        .ifPresent(fetcher -> feed(view)
                                .ask(published -> call.answer(published.message())
                                        .onSuccess(done -> fetcher.sent(published.served())))));
    }

    /** Off the loop: an environment may have many tags. */
    private void select(GrpcCall call, String selector, BiConsumer<View, Optional<Caller>> then) {
        makers.execute(() -> {
            try {
                View view = selectors.view(call, selector);
                selectors.newest(view);
                served.accept(view.environment());
                Optional<Caller> caller = selectors.caller(call);
                call.onLoop(() -> then.accept(view, caller));
            } catch (GrpcRefusal e) {
                call.onLoop(() -> call.end(e.status(), e.text()));
            }
        });
    }

    private Feed feed(View view) {
        if (feeds.size() >= MOST_UNUSED && !feeds.containsKey(view)) {
            feeds.values().removeIf(feed -> !feed.used());
        }
        return feeds.computeIfAbsent(
                view, unknown -> new Feed(unknown, states, documents, loop, makers, this::measure));
    }

    @FunctionalInterface
    private interface Parsing<T> {
        T parse() throws InvalidProtocolBufferException;
    }

    private static <T> T parsed(GrpcCall call, Parsing<T> parsing) {
        try {
            return parsing.parse();
        } catch (InvalidProtocolBufferException e) {
            throw new GrpcRefusal(
                    GrpcStatus.INVALID_ARGUMENT,
                    "request: " + e.getMessage() + " (expected: the message of " + call.method() + ")");
        }
    }
}
