package dev.andon.server.node;

/**
 * Someone who is told of every new image, in order, on the ledger's thread: it must return quickly, and what it throws is
 * logged and otherwise ignored.
 */
public interface Publisher {

    /** For log lines. */
    String name();

    void publish(Publication publication);
}
