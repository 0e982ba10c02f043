package dev.andon.server.node;

import java.time.Instant;
import java.util.Optional;

/**
 * How a relay is fed, beside what its {@link StoreHealth} says.
 *
 * @param loops whether its upstream is fed by this relay itself
 * @param cutOffSince since when the upstream, or one above it, is cut off from the ledger
 * @param unjoinedSince since when the ledger doesn't know this relay as it is
 * @param unjoined why it doesn't; empty if it does
 */
public record Feeding(boolean loops, Optional<Instant> cutOffSince, Optional<Instant> unjoinedSince, String unjoined) {}
