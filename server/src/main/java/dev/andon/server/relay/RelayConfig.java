package dev.andon.server.relay;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.Keys;
import dev.andon.core.model.Node;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What makes a server a relay.
 *
 * @param upstream the address of the node that feeds it, or of whatever stands before several, such as
 *     {@code https://andon.example:8443}
 * @param token the secret of a token of role relay
 * @param region where the relay and its clients are
 * @param trusted a PEM file with the certificates that the upstream's is signed by; those that Java trusts, unless set
 */
public record RelayConfig(String upstream, String token, String region, Optional<Path> trusted) {
    private static final int MAX_TOKEN_CHARS = 256;

    public RelayConfig {
        Node.address("upstream", upstream);
        Keys.name("region", region);
        boolean plain = token.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (token.isEmpty() || token.length() > MAX_TOKEN_CHARS || !plain) {
            throw new InvalidInput("token", token.length() + " characters", "the secret of a token of role relay");
        }
    }

    public RelayConfig(String upstream, String token, String region) {
        this(upstream, token, region, Optional.empty());
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "RelayConfig[upstream=" + upstream + ", region=" + region + "]";
    }
}
