package dev.andon.server.delivery;

import dev.andon.core.image.Image;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.server.http.Call;
import dev.andon.server.http.Reply;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** The streams by long polling. Thread-safe; what others hand over is passed on by an executor of its own. */
final class Polls implements Feeds.Receiver {
    static final String SESSION = "Andon-Session";

    /** Every poll that waits takes one of the requests that the server works on at a time. */
    private static final int MAX_SESSIONS = 400;

    private static final int MAX_FRAMES = 1_000;
    private static final int SESSION_BYTES = 16;

    private final Hub hub;
    private final Executor executor;
    private final RandomGenerator random;
    private final Map<String, PollSession> sessions = new ConcurrentHashMap<>();

    /** @param executor runs one task at a time, in order */
    Polls(Hub hub, Executor executor, RandomGenerator random) {
        this.hub = hub;
        this.executor = executor;
        this.random = random;
    }

    @Override
    public void offered(String environment, Feed feed) {
        executor.execute(() -> sessions.values().forEach(session -> {
            if (session.environment().equals(environment)) {
                session.offered(feed);
            }
        }));
    }

    @Override
    public void tokensChanged(Image image) {
        executor.execute(() -> sessions.values().forEach(PollSession::checkToken));
    }

    /** To be called a few times in a heartbeat. */
    void tick() {
        executor.execute(() -> sessions.forEach((name, session) -> {
            session.checkToken();
            if (!session.tick() && sessions.remove(name, session)) {
                hub.leave();
            }
        }));
    }

    /** Answers a poll; waits on the caller's virtual thread. */
    Reply poll(Call call, Feed feed) throws InterruptedException {
        List<byte[]> frames = frames(call.json());
        Optional<String> name = call.header(SESSION);
        PollSession session = name.map(sessions::get)
                .filter(found -> found.belongsTo(call.caller()))
                .orElse(null);
        if (session == null) {
            if (!startsWithHello(frames)) {
                return refuse(
                        new Frame.Refused(Frame.Refused.HELLO_EXPECTED, "no such session here: begin with hello", 0));
            }
            if (sessions.size() >= MAX_SESSIONS || !hub.enter()) {
                return refuse(hub.overloaded());
            }
            byte[] bytes = new byte[SESSION_BYTES];
            random.nextBytes(bytes);
            name = Optional.of(HexFormat.of().formatHex(bytes));
            session = new PollSession(
                    hub,
                    feed.environment().environment().key(),
                    call.caller().token(),
                    call.caller().secretHash(),
                    feed);
            sessions.put(name.get(), session);
        }
        Optional<PollSession.Answer> answer = session.poll(frames, call.header("If-None-Match"));
        if (answer.isEmpty()) {
            return refuse(new Frame.Refused(
                    Frame.Refused.HELLO_EXPECTED,
                    "If-None-Match: an ETag that isn't of this session (expected: the newest seen); begin anew with"
                            + " hello",
                    0));
        }
        Reply reply = answer.get().frames().isEmpty()
                ? Reply.empty(304)
                : new Reply(200, Map.of(), Reply.JSON, array(answer.get().frames()));
        Reply named = reply.header(SESSION, name.orElseThrow());
        String etag = answer.get().etag();
        return etag.isEmpty() ? named : named.header("ETag", etag);
    }

    private static Reply refuse(Frame.Refused why) {
        return new Reply(200, Map.of(), Reply.JSON, array(List.of(Message.of(why))));
    }

    private static List<byte[]> frames(Json body) {
        if (!(body instanceof Json.Array array) || array.items().size() > MAX_FRAMES) {
            throw new InvalidInput("body", body.text(), "an array of at most " + MAX_FRAMES + " frames");
        }
        List<byte[]> frames = new ArrayList<>();
        array.items().forEach(item -> frames.add(item.utf8()));
        return frames;
    }

    private static boolean startsWithHello(List<byte[]> frames) {
        try {
            return !frames.isEmpty()
                    && FrameCodec.decode(frames.getFirst(), FrameCodec.FROM_CLIENT) instanceof Frame.Hello;
        } catch (InvalidInput e) {
            return false;
        }
    }

    private static byte[] array(List<Message> frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write('[');
        for (int i = 0; i < frames.size(); i++) {
            if (i > 0) {
                bytes.write(',');
            }
            bytes.writeBytes(frames.get(i).bytes());
        }
        bytes.write(']');
        return bytes.toByteArray();
    }

    void close() {
        sessions.values().forEach(session -> session.end(Hub.shuttingDown()));
    }
}
