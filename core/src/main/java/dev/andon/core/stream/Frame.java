package dev.andon.core.stream;

import dev.andon.core.event.Event;
import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.image.Versioned;
import dev.andon.core.json.Json;
import dev.andon.core.model.KillId;
import dev.andon.core.model.LocalStop;
import dev.andon.core.model.SignedKill;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One message of the native stream. {@code api/stream.md} says who sends which when, and their JSON forms. */
public sealed interface Frame {
    /** The newest protocol version that this program speaks; it speaks every version from {@link #OLDEST_PROTOCOL}. */
    int PROTOCOL = 1;

    int OLDEST_PROTOCOL = 1;

    String type();

    /**
     * The client introduces itself; also sent again on a running stream when it wants a whole snapshot.
     *
     * @param sdk name and version, such as {@code andon-java/0.1.0}
     * @param instance unique among the running processes of the service
     * @param region where the process runs; unknown unless set
     * @param has the state that it holds
     * @param carried kills that it knows and that its state's marks don't cover
     */
    record Hello(
            int protocol,
            String sdk,
            String service,
            String instance,
            Optional<String> region,
            Optional<Held> has,
            List<SignedKill> carried)
            implements Frame {
        public Hello {
            carried = List.copyOf(carried);
        }

        /** Who it is and what it has: little enough to be remembered. */
        Hello withoutCarried() {
            return new Hello(protocol, sdk, service, instance, region, has, List.of());
        }

        @Override
        public String type() {
            return "hello";
        }
    }

    /** A state as its holder describes it. */
    record Held(Provenance provenance, String digest) {}

    /** The server accepts the client; always its first frame. After it comes a snapshot, a patch or nothing new. */
    record Welcome(int protocol, String node, String environment, int heartbeatMs) implements Frame {
        @Override
        public String type() {
            return "welcome";
        }
    }

    /** A whole state: the events that make it from nothing, and the kills that are still on their way to the ledger. */
    record Snapshot(Provenance provenance, String digest, List<Versioned<Event>> events, List<StandingKill> pending)
            implements Frame {
        public Snapshot {
            events = List.copyOf(events);
            pending = List.copyOf(pending);
        }

        @Override
        public String type() {
            return "snapshot";
        }
    }

    /** What turns the state at version {@code from} of the same ledger and epoch into the state {@code provenance}. */
    record Patch(long from, Provenance provenance, String digest, List<Versioned<Event>> events) implements Frame {
        public Patch {
            events = List.copyOf(events);
        }

        @Override
        public String type() {
            return "patch";
        }
    }

    /**
     * Kills to obey at once, before the ledger has them.
     *
     * @param at the state on which the sender says what they hold; {@link Provenance#NONE} if it doesn't say
     */
    record Kills(List<StandingKill> kills, Provenance at) implements Frame {
        public Kills {
            kills = List.copyOf(kills);
        }

        public Kills(List<StandingKill> kills) {
            this(kills, Provenance.NONE);
        }

        @Override
        public String type() {
            return "kill";
        }
    }

    record Ping() implements Frame {
        @Override
        public String type() {
            return "ping";
        }
    }

    record Pong() implements Frame {
        @Override
        public String type() {
            return "pong";
        }
    }

    /**
     * What the client has put in force: every evaluation that begins after it was sent sees at least this.
     *
     * @param pending kills in force that the state's marks don't cover
     * @param applyMicros from receiving the last frame to putting it in force
     */
    record Ack(Held state, List<KillId> pending, long applyMicros) implements Frame {
        public Ack {
            pending = List.copyOf(pending);
        }

        @Override
        public String type() {
            return "ack";
        }
    }

    /**
     * What was served since the last report.
     *
     * @param defaults per flag, the default value that callers give, once for each value
     * @param local what the process stops by itself, if that changed or the server can't know it yet
     */
    record Report(List<Exposures> exposures, Map<String, Json> defaults, Optional<LocalStops> local) implements Frame {
        public Report(List<Exposures> exposures, Map<String, Json> defaults) {
            this(exposures, defaults, Optional.empty());
        }

        public Report {
            exposures = List.copyOf(exposures);
            defaults = Map.copyOf(defaults);
        }

        @Override
        public String type() {
            return "report";
        }
    }

    /**
     * Evaluations that one ruleset generation served: a version together with the pending kills in force.
     *
     * @param counts by flag, then variant
     */
    record Exposures(long version, List<KillId> pending, Map<String, Map<String, Long>> counts) {
        public Exposures {
            pending = List.copyOf(pending);
            counts = Map.copyOf(counts);
        }
    }

    /**
     * All that a process stops by itself.
     *
     * @param problems what of its orders it couldn't make sense of, a sentence each
     */
    record LocalStops(List<Standing> stops, List<String> problems) {
        public static final LocalStops NONE = new LocalStops(List.of(), List.of());
        public static final int MAX_STOPS = 1_000;
        public static final int MAX_PROBLEMS = 20;
        public static final int PROBLEM_CHARS = 300;

        public LocalStops {
            stops = List.copyOf(stops);
            problems = List.copyOf(problems);
        }

        /** @param flags how many of the flags that the process knows it holds; none may be because it has no state */
        public record Standing(LocalStop stop, int flags) {}

        public boolean isEmpty() {
            return stops.isEmpty() && problems.isEmpty();
        }
    }

    /** The client ends its process's use of the stream on purpose. */
    record Bye() implements Frame {
        @Override
        public String type() {
            return "bye";
        }
    }

    /**
     * A node introduces itself to another one, which it has dialled.
     *
     * @param ledger the ledger that both have to be of
     * @param to the node that it means to reach; empty if whoever answers at the address is meant, as by a relay
     * @param nonce {@link PeerProof#NONCE_DIGITS} random hexadecimal digits, new for each connection
     */
    record PeerHello(int protocol, String ledger, String node, Optional<String> to, String nonce) implements Frame {
        @Override
        public String type() {
            return "peer-hello";
        }
    }

    /**
     * The dialled node says who it is, and shows it.
     *
     * @param nonce its own, as in {@link PeerHello}
     * @param heartbeatMs how often both send {@link Ping}
     * @param proof its signature over {@link PeerProof#ofAccepting}
     */
    record PeerWelcome(int protocol, String node, String nonce, int heartbeatMs, String proof) implements Frame {
        @Override
        public String type() {
            return "peer-welcome";
        }
    }

    /**
     * The dialling node shows who it is.
     *
     * @param proof its signature over {@link PeerProof#ofDialling}
     */
    record PeerShown(String proof) implements Frame {
        @Override
        public String type() {
            return "peer-proof";
        }
    }

    /** Kills for another node to adopt: they stand at the sender. */
    record Carry(List<SignedKill> kills) implements Frame {
        public static final int MAX_KILLS = 1_000;

        public Carry {
            kills = List.copyOf(kills);
        }

        @Override
        public String type() {
            return "carry";
        }
    }

    /**
     * Clients of a node, each as it is now.
     *
     * @param of the node that they are connected to; empty if that is the sender
     * @param run of that node's process alone
     * @param telling grows with each time that the sender begins to tell
     * @param begins whether it tells of all from here on
     * @param complete whether it has told of all by now
     * @param clients for whoever knows what they say
     * @param unlisted by environment, how many it doesn't list because there are too many
     */
    record Presence(
            Optional<String> of,
            String run,
            long telling,
            boolean begins,
            boolean complete,
            List<Json> clients,
            Map<String, Long> unlisted)
            implements Frame {
        public static final int MAX_CLIENTS = 200;
        public static final int MAX_ENVIRONMENTS = 1_000;
        public static final long MAX_UNLISTED = Integer.MAX_VALUE;

        public Presence {
            clients = List.copyOf(clients);
            unlisted = Map.copyOf(unlisted);
        }

        @Override
        public String type() {
            return "presence";
        }
    }

    /**
     * Nodes of whose clients the sender can't tell any more, as no link leads to them from there, or was never told, or not of
     * all. Whoever tells of such a node, or is it, begins anew.
     */
    record Lost(List<String> nodes) implements Frame {
        public static final int MAX_NODES = 1_000;

        public Lost {
            nodes = List.copyOf(nodes);
        }

        @Override
        public String type() {
            return "lost";
        }
    }

    /** Where the ledger of whoever feeds a relay has got to: a wake-up, which may be left out and come for nothing. */
    record Moved(long epoch, long version) implements Frame {
        @Override
        public String type() {
            return "moved";
        }
    }

    /**
     * Kills that stand at the sender, or that its ledger has settled: it needn't be given them.
     *
     * @param epoch of the history that it says so of; what it said of an earlier one counts no more. 0 from one that doesn't say
     */
    record Known(List<KillId> kills, long epoch) implements Frame {
        public static final int MAX_KILLS = 10_000;

        public Known {
            kills = List.copyOf(kills);
        }

        @Override
        public String type() {
            return "known";
        }
    }

    /**
     * The server's last frame before it closes. No code is final: the client comes back after {@code retryAfterMs}, or
     * with its own back-off when that is 0.
     */
    record Refused(String code, String detail, long retryAfterMs) implements Frame {
        public static final String UNSUPPORTED_PROTOCOL = "unsupported-protocol";
        public static final String MALFORMED_FRAME = "malformed-frame";
        public static final String UNAUTHORIZED = "unauthorized";
        /** A node is dialled that isn't the one that is meant, or that has another ledger. */
        public static final String WRONG_PEER = "wrong-peer";

        public static final String SHUTTING_DOWN = "shutting-down";
        public static final String OVERLOADED = "overloaded";
        public static final String HELLO_EXPECTED = "hello-expected";
        /** The same instance has connected anew. */
        public static final String SUPERSEDED = "superseded";

        @Override
        public String type() {
            return "error";
        }
    }
}
