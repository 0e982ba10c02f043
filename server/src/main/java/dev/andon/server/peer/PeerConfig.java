package dev.andon.server.peer;

import dev.andon.core.model.Node;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a node and the other ones of its ledger find each other.
 *
 * @param advertise where others reach this node, such as {@code https://andon-1.example:8080}; derived unless set, where
 *     the address that it listens on leaves no doubt
 * @param trusted a PEM file with the certificates that other nodes' are signed by; those that Java trusts, unless set
 * @param upstream the one node that a relay dials
 */
public record PeerConfig(Optional<String> advertise, Optional<Path> trusted, Optional<Above> upstream) {
    public static final PeerConfig DEFAULT = new PeerConfig(Optional.empty(), Optional.empty());

    /**
     * A relay's upstream.
     *
     * @param token the secret that it lets the relay in for
     */
    public record Above(String address, String token) {
        public Above {
            Node.address("upstream", address);
        }

        /** Without the token. */
        @Override
        public String toString() {
            return "Above[address=" + address + "]";
        }
    }

    public PeerConfig {
        advertise.ifPresent(address -> Node.address("advertise", address));
    }

    /** Of a node that has a ledger. */
    public PeerConfig(Optional<String> advertise, Optional<Path> trusted) {
        this(advertise, trusted, Optional.empty());
    }

    public PeerConfig withAdvertise(String address) {
        return new PeerConfig(Optional.of(address), trusted, upstream);
    }

    public PeerConfig withTrusted(Path pemFile) {
        return new PeerConfig(advertise, Optional.of(pemFile), upstream);
    }

    /** Of a relay. */
    public PeerConfig below(Above node, Optional<Path> trusting) {
        return new PeerConfig(advertise, trusting, Optional.of(node));
    }
}
