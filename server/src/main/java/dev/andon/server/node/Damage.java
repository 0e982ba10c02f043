package dev.andon.server.node;

import java.util.Optional;

/** The store answers, but what it holds can't be trusted. */
final class Damage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long entry;

    /** Damage that isn't of one entry. */
    Damage(String message) {
        this(0, message);
    }

    /** @param entry the version of the first entry that can't be trusted */
    Damage(long entry, String message) {
        super(message);
        this.entry = entry;
    }

    Optional<Long> entry() {
        return entry == 0 ? Optional.empty() : Optional.of(entry);
    }
}
