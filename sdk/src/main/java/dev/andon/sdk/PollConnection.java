package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.LinkInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Long polls that look like a connection. One poll is always waiting at the server; frames go up with another, which waits
 * in its stead. The link's thread decides; daemon threads, one for each poll under way, carry polls and end when idle.
 */
final class PollConnection implements Connection {
    /** Something on the way that answers at once with nothing mustn't make us spin. */
    private static final long PAUSE_MS = 250;

    private static final int MAX_WAITING = 4;
    private static final int IDLE_SECONDS = 5;
    private static final int CLOSE_MS = 500;

    private final long id;
    private final Events events;
    private final PollClient client;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0, MAX_WAITING + 1, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), PollConnection::thread);
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private List<Outgoing> outbox = new ArrayList<>();
    private String session = "";
    private String etag = "";
    private long polls;
    private long newestAnswer;
    private int waiting;
    private boolean digesting;
    private boolean pausing;
    private boolean closing;

    private record Outgoing(Frame frame, Runnable unsent) {}

    private PollConnection(long id, PollClient client, Events events) {
        this.id = id;
        this.client = client;
        this.events = events;
    }

    static Connection open(long id, Dialer dialer, String headers, Events events) {
        events.tell(new LinkInput.Opened(id));
        return new PollConnection(id, new PollClient(dialer, headers), events);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "andon-poll");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void send(Frame frame, Runnable unsent) {
        outbox.add(new Outgoing(frame, unsent));
    }

    /** Polls with what there is to send, or so that one poll waits. The first is alone: its answer names the session. */
    @Override
    public void flush() {
        boolean opening = session.isEmpty();
        if (ended.isDone() || closing || digesting || (opening && (outbox.isEmpty() || waiting > 0))) {
            return;
        }
        if (outbox.isEmpty() ? waiting == 0 && !pausing : waiting < MAX_WAITING) {
            poll();
        }
    }

    private void poll() {
        long number = ++polls;
        waiting++;
        List<Outgoing> taken = outbox;
        outbox = new ArrayList<>();
        byte[] body = body(taken);
        String of = session;
        String known = etag;
        threads.execute(() -> {
            try {
                answered(number, client.poll(of, known, body));
            } catch (Throwable e) {
                taken.forEach(outgoing -> outgoing.unsent.run());
                end(Failure.cause(e));
            }
        });
    }

    private static byte[] body(List<Outgoing> frames) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.write('[');
        for (int i = 0; i < frames.size(); i++) {
            if (i > 0) {
                body.write(',');
            }
            body.writeBytes(FrameCodec.encode(frames.get(i).frame));
        }
        body.write(']');
        return body.toByteArray();
    }

    /** On a poll's thread: says what came, one thing after the other. */
    private void answered(long number, PollClient.Answer answer) throws IOException {
        HttpHead head = answer.head();
        if (head.status() != 200 && head.status() != 304) {
            throw new Failure(head.failure());
        }
        List<LinkInput> inputs = head.status() == 200 ? frames(answer.body()) : List.of();
        events.tell(new LinkInput.Heard(id), () -> begin(number, head, inputs.isEmpty()));
        inputs.forEach(events::tell);
        events.tell(new LinkInput.Heard(id), this::finish);
    }

    private List<LinkInput> frames(byte[] body) {
        try {
            Json json = Json.parse(body, FrameCodec.FROM_SERVER);
            if (!(json instanceof Json.Array array)) {
                throw new InvalidInput("body", json.text(), "an array of frames");
            }
            List<LinkInput> inputs = new ArrayList<>();
            array.items().forEach(frame -> inputs.add(WebSocketConnection.frame(id, frame.utf8())));
            return inputs;
        } catch (InvalidInput e) {
            return List.of(new LinkInput.Unreadable(id, String.valueOf(e.getMessage())));
        }
    }

    /** From here to {@link #finish}, nothing goes out, so that what answers the frames goes out together. */
    private void begin(long number, HttpHead head, boolean empty) {
        digesting = true;
        waiting--;
        if (number > newestAnswer) {
            newestAnswer = number;
            head.header("andon-session").ifPresent(name -> session = name);
            head.header("etag").ifPresent(tag -> etag = tag);
        }
        if (empty && waiting == 0) {
            pausing = true;
            CompletableFuture.delayedExecutor(PAUSE_MS, TimeUnit.MILLISECONDS)
                    .execute(() -> events.tell(new LinkInput.Tick(), this::resume));
        }
    }

    private void finish() {
        digesting = false;
        flush();
    }

    private void resume() {
        pausing = false;
        flush();
    }

    private void end(LinkInput.Cause cause) {
        if (ended.complete(null)) {
            client.close();
            threads.shutdown();
            events.tell(new LinkInput.Closed(id, cause));
        }
    }

    /** What is left to send gets a poll of its own, and a moment. */
    @Override
    public void close() {
        closing = true;
        byte[] last = body(outbox);
        outbox = new ArrayList<>();
        if (session.isEmpty() || ended.isDone()) {
            drop();
            return;
        }
        CompletableFuture.delayedExecutor(CLOSE_MS, TimeUnit.MILLISECONDS).execute(this::drop);
        threads.execute(() -> {
            try {
                client.poll(session, etag, last);
            } catch (IOException e) {
                // The server will notice by itself.
            } finally {
                drop();
            }
        });
    }

    private void drop() {
        if (ended.complete(null)) {
            client.close();
            threads.shutdown();
        }
    }

    @Override
    public CompletableFuture<?> ended() {
        return ended;
    }
}
