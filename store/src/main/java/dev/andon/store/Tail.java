package dev.andon.store;

/** A subscription to {@link LedgerStore#tail}. {@code close()} is idempotent and prompt; a call under way finishes. */
public interface Tail extends AutoCloseable {
    @Override
    void close();
}
