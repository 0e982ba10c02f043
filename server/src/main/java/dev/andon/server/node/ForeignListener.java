package dev.andon.server.node;

import dev.andon.core.image.Provenance;
import dev.andon.core.model.KillId;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Who keeps the books on clients that don't speak Andon's own stream. What they are known to hold is what they asked for;
 * what was written to them is known to be sent, and no more. Called on any thread; must not block, and is cheap enough for
 * each evaluation. {@code nanos} is the server's monotonic clock at the moment that it happened.
 */
public interface ForeignListener {
    /** Where nobody keeps the books. */
    ForeignListener NONE = new ForeignListener() {
        @Override
        public Stream opened(Client client, long nanos) {
            return Stream.NONE;
        }

        @Override
        public void asked(Client client, Served served, long nanos) {
            // Nobody wants to know.
        }

        @Override
        public void answered(Client client, boolean first, Served served, long nanos) {
            // Nobody wants to know.
        }
    };

    /**
     * A client, as well as it can be told from others. Texts come from clients: they are cut to a length that can be shown,
     * and what isn't visible is replaced.
     *
     * @param key the instance's name is to be the same whenever the client comes back, and to show no secret and no address
     * @param sdk what it says to be, such as its user agent
     * @param keeps whether it may serve what it was answered once again without asking; one that doesn't, serves nothing
     *     while it doesn't ask
     * @param room whom it shares room with where there are too many
     * @param divergence in which case it is known to evaluate differently, in half a sentence; empty if in none. It
     *     concerns splits alone, and no kill splits: what a kill holds is the same for such a client, with an audience and
     *     without
     */
    record Client(
            InstanceKey key, Protocol protocol, String sdk, boolean keeps, Room room, Optional<String> divergence) {
        private static final String JAVA_SPLITS =
                "splits put users elsewhere if it is a flagd client for Java up to 0.11.15, which can't be told";

        public Client {
            key = new InstanceKey(key.environment(), Visible.of(key.service()), Visible.of(key.instance()));
            sdk = Visible.of(sdk);
        }

        /**
         * With the divergence that is known of its kind. Clients for Java bucket users of a split with floats where all
         * others do with integers, up to 0.11.15 at least; their user agent is that of their library, so that their own
         * version can't be told.
         */
        public Client(InstanceKey key, Protocol protocol, String sdk, boolean keeps, Room room) {
            this(
                    key,
                    protocol,
                    sdk,
                    keeps,
                    room,
                    Optional.of(JAVA_SPLITS).filter(text -> splitsByFloats(protocol, sdk)));
        }

        private static boolean splitsByFloats(Protocol protocol, String sdk) {
            return protocol == Protocol.FLAGD_SYNC && sdk.startsWith("grpc-java");
        }
    }

    /**
     * Those who may crowd each other out, and nobody else: the clients of one key, or, without keys, those of one place. It is
     * nothing that a client can make up.
     *
     * @param keyed whether they have a key
     * @param name of the key, or made from the address; shows no secret and no address
     */
    record Room(boolean keyed, String name) {}

    /**
     * What a client was sent, or answered from.
     *
     * <p>{@link ServedState#served()} is one, for clients for whom no kill is widened.
     *
     * @param at {@link ServedState#at()}
     * @param pending {@link ServedState#pending()}
     * @param widened the kills that hold more for this client than they were meant to, as their audience can't be said in its
     *     language
     */
    record Served(Provenance at, Set<KillId> pending, Set<KillId> widened) {
        public Served {
            pending = Set.copyOf(pending);
            widened = Set.copyOf(widened);
        }
    }

    /** One stream of a client. Its calls come in order; after the last two, none comes. */
    interface Stream {
        Stream NONE = new Stream() {
            @Override
            public void sent(Served served, long nanos) {
                // Nobody wants to know.
            }

            @Override
            public void lost(Duration unheard) {
                // Nobody wants to know.
            }

            @Override
            public void left() {
                // Nobody wants to know.
            }
        };

        /** It was handed to the network, flushed: not when it waits in a queue of this process. */
        void sent(Served served, long nanos);

        /**
         * It ended without goodbye.
         *
         * @param unheard for how long nothing had been heard of the client
         */
        void lost(Duration unheard);

        /** The client ended it, in a way that its protocol has for a client that needs nothing more. */
        void left();
    }

    /**
     * A stream has opened on which it hears of changes. One client may have several, as when it comes back before the old
     * one is noticed to be dead: it was sent what all of them were sent. By flagd's protocols there may as well be several
     * processes behind it, which nothing tells apart: each stream that is lost leaves one behind that is missing, until another
     * stream opens, or if none has opened since the lost one was last heard of.
     */
    Stream opened(Client client, long nanos);

    /**
     * It asked, keeps nothing, and the answer from this state was handed to the network; or it keeps what it is answered, and showed that it
     * has this state already.
     */
    void asked(Client client, Served served, long nanos);

    /**
     * It asked, keeps what it is answered, and the answer from this state was handed to the network. It may never arrive.
     *
     * @param first whether it can't have anything older, as it was never answered before
     */
    void answered(Client client, boolean first, Served served, long nanos);
}
