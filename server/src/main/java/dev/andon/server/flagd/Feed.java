package dev.andon.server.flagd;

import com.google.protobuf.Struct;
import dev.andon.core.json.InvalidInput;
import dev.andon.flagd.sync.v1.SyncFlagsResponse;
import dev.andon.server.http.GrpcMessage;
import dev.andon.server.http.OnLoop;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.ServedState;
import dev.andon.server.node.ServedStates;
import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The newest document of one view, for everyone who gets it. It is made off the loop, one at a time: what changes meanwhile is in the
 * next one. A change that doesn't change the document is no news. On the port's loop only.
 */
final class Feed {
    private static final Logger log = LoggerFactory.getLogger(Feed.class);
    private static final long RETRY_MS = 1_000;

    /** What a client of gRPC takes unless it is set up otherwise. */
    private static final int CLIENTS_TAKE = 4 << 20;

    private static final SortedMap<String, InvalidInput> NOTHING = new TreeMap<>();

    private final View view;
    private final ServedStates states;
    private final Documents documents;
    private final Context loop;
    private final Executor makers;
    private final Runnable published;
    private final Set<SyncStream> streams = new LinkedHashSet<>();
    private final List<Consumer<Published>> waiting = new ArrayList<>();
    private Optional<Published> newest = Optional.empty();
    private String triedState = "";
    private boolean making;

    /**
     * A document as it was made.
     *
     * @param state what it says
     * @param message what streams send
     * @param stops what kills hold in it
     */
    record Published(ServedState state, Document document, GrpcMessage message, Stops stops) {
        static Published of(ServedState state, Document document) {
            byte[] message = SyncFlagsResponse.newBuilder()
                    .setFlagConfiguration(document.text())
                    .setSyncContext(Struct.getDefaultInstance())
                    .build()
                    .toByteArray();
            return new Published(state, document, GrpcMessage.shared(message), Stops.of(state));
        }

        Served served() {
            return new Served(state.at(), state.pending(), document.widenedKills());
        }

        /** A later one, which sends the same message. */
        Published sending(GrpcMessage same) {
            return new Published(state, document, same, stops);
        }
    }

    /** @param published told of each new document */
    Feed(View view, ServedStates states, Documents documents, Context loop, Executor makers, Runnable published) {
        this.view = view;
        this.states = states;
        this.documents = documents;
        this.loop = loop;
        this.makers = makers;
        this.published = published;
    }

    void add(SyncStream stream) {
        streams.add(stream);
        newest.filter(this::isNewest).ifPresentOrElse(stream::offered, this::refresh);
    }

    void remove(SyncStream stream) {
        streams.remove(stream);
    }

    boolean used() {
        return !streams.isEmpty() || !waiting.isEmpty() || making;
    }

    /** @param then gets the newest document, now or when it is made */
    void ask(Consumer<Published> then) {
        Optional<Published> known = newest.filter(this::isNewest);
        if (known.isPresent()) {
            then.accept(known.get());
        } else {
            waiting.add(then);
            refresh();
        }
    }

    private boolean isNewest(Published published) {
        return states.newest(view.environment())
                .map(state -> state.id().equals(published.state().id()))
                .orElse(false);
    }

    /** Makes a new document if there may be something new in it. */
    void refresh() {
        ServedState state = states.newest(view.environment()).orElse(null);
        if (making || state == null || state.id().equals(triedState)) {
            return;
        }
        making = true;
        triedState = state.id();
        makers.execute(() -> {
            Optional<Published> made = make(state);
            OnLoop.run(loop, () -> made(made));
        });
    }

    private Optional<Published> make(ServedState state) {
        try {
            return Optional.of(Published.of(state, documents.of(state, view::shows)));
        } catch (Throwable e) {
            log.error(
                    "flagd document of {}: can't be made, and is tried again in {} ms; clients keep the one before",
                    view.name(),
                    RETRY_MS,
                    e);
            return Optional.empty();
        }
    }

    private void made(Optional<Published> made) {
        making = false;
        if (made.isPresent()) {
            publish(made.get());
            refresh();
        } else {
            triedState = "";
            loop.owner().setTimer(RETRY_MS, fired -> OnLoop.run(loop, this::refresh));
        }
    }

    private void warn(SortedMap<String, InvalidInput> before, SortedMap<String, InvalidInput> now) {
        now.forEach((flag, why) -> {
            if (!before.containsKey(flag)) {
                log.warn(
                        "flagd: {} is left out of {}, as flagd's language can't say it: {}",
                        flag,
                        view.name(),
                        why.getMessage());
            }
        });
    }

    private void warnOfSize(int before, int now) {
        if (before <= CLIENTS_TAKE && now > CLIENTS_TAKE) {
            log.warn(
                    "flagd: the document of {} has {} bytes (expected: at most {}, or clients that are set up for"
                            + " more). Clients refuse it and keep what they have, without kills: let them select a tag",
                    view.name(),
                    now,
                    CLIENTS_TAKE);
        }
    }

    /** How many flags the newest document lacks. */
    int left() {
        return newest.map(published -> published.document().left().size()).orElse(0);
    }

    /** Of the newest message; 0 before there is one. */
    int bytes() {
        return newest.map(published -> published.message().bytes()).orElse(0);
    }

    private void publish(Published made) {
        Published next = newest.filter(
                        known -> known.document().text().equals(made.document().text()))
                .map(known -> made.sending(known.message()))
                .orElse(made);
        warn(
                newest.map(known -> known.document().left()).orElse(NOTHING),
                made.document().left());
        warnOfSize(
                newest.map(known -> known.message().bytes()).orElse(0),
                next.message().bytes());
        newest = Optional.of(next);
        published.run();
        List.copyOf(streams).forEach(stream -> stream.offered(next));
        List<Consumer<Published>> asked = List.copyOf(waiting);
        waiting.clear();
        asked.forEach(one -> one.accept(next));
    }
}
