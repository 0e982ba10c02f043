package dev.andon.server.http;

import java.util.Optional;

/** Is told of every answer. Called on event loops: must be quick and thread-safe. */
@FunctionalInterface
public interface RequestWatcher {
    /** @param route none if the path or method is unknown */
    void answered(Optional<Route> route, int status, long nanos);
}
