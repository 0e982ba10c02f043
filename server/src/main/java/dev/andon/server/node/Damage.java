package dev.andon.server.node;

/** The store answers, but what it holds can't be trusted. */
final class Damage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Damage(String message) {
        super(message);
    }
}
