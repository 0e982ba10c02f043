package dev.andon.server.http;

import dev.andon.core.json.Json;
import dev.andon.core.model.Role;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Calls routes' code without a network: for one caller, who may do everything. */
public final class InProcess {
    /** As the log shows the caller. */
    public static final String ACTOR = "token:simulation (t1)";

    public static final String TOKEN = "t1";

    /** SHA-256, in hexadecimal, of the secret that it shows. */
    public static final String SECRET_HASH = "0".repeat(64);

    private static final Caller CALLER = new Caller(TOKEN, "simulation", Role.ADMIN, Optional.empty(), SECRET_HASH);

    private final Map<String, Route> routes = new HashMap<>();

    public InProcess(List<Route> routes) {
        routes.forEach(route -> this.routes.put(route.operation(), route));
    }

    /**
     * @param operation the operation's name in the API document
     * @param headers by lower-case name
     * @param body of methods that have one
     */
    public Json call(
            String operation,
            Map<String, String> path,
            Map<String, String> query,
            Map<String, String> headers,
            Optional<Json> body)
            throws Exception {
        Route route = routes.get(operation);
        if (route == null) {
            throw new IllegalArgumentException(
                    "operation: " + operation + " (expected: one of " + routes.keySet() + ")");
        }
        byte[] bytes = body.map(Json::utf8).orElse(new byte[0]);
        Call call = new Call(route, path, query, headers, bytes, Optional.of(CALLER), "simulation", "");
        return Json.parse(route.action().handle(call).body());
    }
}
