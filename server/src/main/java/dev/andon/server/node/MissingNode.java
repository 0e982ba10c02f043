package dev.andon.server.node;

import java.util.Optional;

/**
 * A node that doesn't say now who its clients are.
 *
 * @param id a relay's upstream goes by its address for as long as it isn't known which node that is
 * @param region of a relay
 */
public record MissingNode(String id, Optional<String> region) {}
