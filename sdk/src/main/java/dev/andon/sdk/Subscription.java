package dev.andon.sdk;

/** A listener's registration. */
public interface Subscription extends AutoCloseable {
    /** Ends it; the listener may be called once more if it is being called right now. Never throws. */
    @Override
    void close();
}
