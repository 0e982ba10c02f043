package dev.andon.server.ofrep;

import dev.andon.server.http.Call;
import dev.andon.server.http.Caller;
import dev.andon.server.node.ForeignListener;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Room;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.Pseudonyms;
import dev.andon.server.node.Seal;
import dev.andon.server.node.StreamListener.InstanceKey;
import dev.andon.server.node.Tag;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Tells clients by OFREP apart, which say nothing of who they are, and tells of what they ask.
 *
 * <ol>
 *   <li>A bulk evaluation gives out an id, random and in the ETag and in the event stream's address. Whoever comes back with
 *       one is the client that got it. It counts for the key alone that it was given to: with another one, it names somebody
 *       else.
 *   <li>One that asks for single flags keeps nothing, and is told by its key, address and user agent.
 *   <li>One that fetched all flags and hasn't come back with its id yet is a client, too: it holds what it fetched. One that never sends
 *       an ETag is another one at each fetch, as nothing tells it from another page of the same place.
 *   <li>An id may be in two hands, as pages of one origin share what they store. When two streams are open under one, whoever
 *       asks next gets a new one.
 * </ol>
 *
 * <p>Names that are shown tell neither an id nor an address. Thread-safe.
 */
final class Clients {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final int ID_BYTES = 16;
    private static final int NAME_CHARS = 16;
    private static final int MANY = 10_000;

    /** Of what a client may make as long as it likes. */
    private static final int TOLD_CHARS = 128;

    private final ForeignListener listener;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final Map<Where, Client> asking = new ConcurrentHashMap<>();

    /** Open streams by the client's name and their numbers. */
    private final Map<InstanceKey, Map<String, EventStream>> streams = new ConcurrentHashMap<>();

    /** By what ETags said, the latest last: whoever shows one has what it was given with. */
    private final SequencedMap<String, Served> answers = new LinkedHashMap<>();

    private final Pseudonyms names;

    /** Where a question comes from, and what the client says to be; as far as it is told apart. */
    private record Where(String token, String peer, String forwarded, String agent) {}

    Clients(ForeignListener listener, Seal seal, RandomGenerator random, LongSupplier nanoTime) {
        this.listener = listener;
        this.names = new Pseudonyms(seal);
        this.random = random;
        this.nanoTime = nanoTime;
    }

    /** The id that a client came back with, if it has the form of one. */
    static Optional<String> id(String text) {
        return Optional.of(text).filter(id -> ID.matcher(id).matches());
    }

    /** The id to answer a bulk evaluation with. */
    String idFor(Call call, Optional<String> shown) {
        return shown.filter(id -> !shared(key(call.caller(), id))).orElseGet(this::anew);
    }

    private boolean shared(InstanceKey client) {
        return streams.getOrDefault(client, Map.of()).size() > 1;
    }

    /** A random id. */
    synchronized String anew() {
        byte[] bytes = new byte[ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** A flag was evaluated, and the answer handed over. */
    void evaluated(Call call, Served served) {
        listener.asked(asking(call), served, nanoTime.getAsLong());
    }

    /**
     * All flags were evaluated, and the answer handed over.
     *
     * @param first whether the id is a new one
     * @param tag what the answer's ETag says
     */
    void answered(Call call, String id, boolean first, String tag, Served served) {
        synchronized (answers) {
            answers.put(tag, served);
            if (answers.size() > MANY) {
                answers.pollFirstEntry();
            }
        }
        listener.answered(client(call.caller(), id, agent(call)), first, served, nanoTime.getAsLong());
    }

    /** What was answered with an ETag that says this, as far as that is remembered. */
    Optional<Served> answeredWith(String tag) {
        synchronized (answers) {
            return Optional.ofNullable(answers.get(tag));
        }
    }

    /** It showed that it has this already. */
    void has(Call call, String id, Served served) {
        listener.asked(client(call.caller(), id, agent(call)), served, nanoTime.getAsLong());
    }

    /** @param agent what the client says to be */
    Client client(Caller caller, String id, String agent) {
        return client(caller.token(), caller.name(), caller.environment().orElse(""), id, agent);
    }

    Client client(String token, String service, String environment, String id, String agent) {
        return new Client(key(token, service, environment, id), Protocol.OFREP, agent, true, new Room(true, token));
    }

    private static InstanceKey key(Caller caller, String id) {
        return key(caller.token(), caller.name(), caller.environment().orElse(""), id);
    }

    private static InstanceKey key(String token, String service, String environment, String id) {
        return new InstanceKey(
                environment, service, "ofrep-" + Tag.of("client", token, id).substring(0, NAME_CHARS));
    }

    /** @param number of the stream, which nobody but its client knows */
    ForeignListener.Stream opened(Client client, String number, EventStream stream) {
        streams.compute(client.key(), (key, open) -> {
            Map<String, EventStream> all = open == null ? new ConcurrentHashMap<>() : open;
            all.put(number, stream);
            return all;
        });
        return listener.opened(client, nanoTime.getAsLong());
    }

    /** Ends the client's stream of this number, if there is one: it opened another one in its place. */
    void supersede(Client client, String number) {
        EventStream stream = streams.getOrDefault(client.key(), Map.of()).get(number);
        if (stream != null) {
            closed(client, number);
            stream.supersede();
        }
    }

    void closed(Client client, String number) {
        streams.computeIfPresent(client.key(), (key, open) -> {
            open.remove(number);
            return open.isEmpty() ? null : open;
        });
    }

    /** What the client says to be. */
    static String agent(Call call) {
        return cut(call.header("User-Agent").orElse(""));
    }

    private static String cut(String text) {
        return text.length() <= TOLD_CHARS ? text : text.substring(0, TOLD_CHARS);
    }

    private Client asking(Call call) {
        Where where = new Where(
                call.caller().token(),
                call.peer(),
                cut(call.header("X-Forwarded-For").orElse("")),
                agent(call));
        Client known = asking.get(where);
        if (known != null) {
            return known;
        }
        if (asking.size() > MANY) {
            asking.clear();
        }
        return asking.computeIfAbsent(where, from -> asking(call.caller(), from));
    }

    private Client asking(Caller caller, Where where) {
        String name = names.of(where.token(), where.peer(), where.forwarded(), where.agent());
        return new Client(
                new InstanceKey(caller.environment().orElse(""), caller.name(), "ofrep-asking-" + name),
                Protocol.OFREP,
                where.agent(),
                false,
                new Room(true, where.token()));
    }
}
