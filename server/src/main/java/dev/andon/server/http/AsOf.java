package dev.andon.server.http;

import dev.andon.server.node.ControlPlane;
import dev.andon.server.node.KnownKills;

/** The state that a reader asks for: the present, or with {@code at} what was in force at a version. */
public final class AsOf {
    static final String QUERY = "at";

    private AsOf() {}

    /** Of the past, kills as the ledger had them; reads the store then. */
    public static KnownKills state(Call call, ControlPlane plane) {
        if (call.query(QUERY).isEmpty()) {
            return plane.kills();
        }
        long version = call.query(QUERY, 1, Long.MAX_VALUE, 1);
        new When.Version(version).requireReached("query." + QUERY, plane);
        return KnownKills.of(plane.history().imageAt(version), java.util.Map.of());
    }
}
