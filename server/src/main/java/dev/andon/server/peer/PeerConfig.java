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
 */
public record PeerConfig(Optional<String> advertise, Optional<Path> trusted) {
    public static final PeerConfig DEFAULT = new PeerConfig(Optional.empty(), Optional.empty());

    public PeerConfig {
        advertise.ifPresent(address -> Node.address("advertise", address));
    }

    public PeerConfig withAdvertise(String address) {
        return new PeerConfig(Optional.of(address), trusted);
    }

    public PeerConfig withTrusted(Path pemFile) {
        return new PeerConfig(advertise, Optional.of(pemFile));
    }
}
