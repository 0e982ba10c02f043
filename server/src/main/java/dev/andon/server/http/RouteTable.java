package dev.andon.server.http;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds the route for a path. Immutable once built; where both fit, a literal part goes before a parameter. */
final class RouteTable {
    private final Place root = new Place();
    private final List<Route> routes;

    /** A path's routes by method, and the parameters' values. */
    record Match(Map<Method, Route> routes, List<String> values) {
        /** As the Allow header lists them. */
        String allowed() {
            String declared = routes.keySet().stream().map(Method::name).collect(Collectors.joining(", "));
            return (routes.containsKey(Method.GET) ? declared + ", HEAD" : declared) + ", OPTIONS";
        }
    }

    private static final class Place {
        private final Map<String, Place> literals = new HashMap<>();
        private final Map<Method, Route> routes = new EnumMap<>(Method.class);
        private @Nullable Place parameter;
    }

    RouteTable(List<Route> routes) {
        this.routes = List.copyOf(routes);
        Map<String, Route> operations = new HashMap<>();
        for (Route route : routes) {
            Place place = root;
            for (String part : parts(route.path())) {
                place = part.startsWith("{") ? parameterOf(place) : literalOf(place, part);
            }
            if (place.routes.put(route.method(), route) != null || operations.put(route.operation(), route) != null) {
                throw new IllegalStateException(route + ": declared twice");
            }
        }
    }

    List<Route> routes() {
        return routes;
    }

    /** @param parts the path's segments, decoded */
    Optional<Match> find(List<String> parts) {
        List<String> values = new ArrayList<>();
        Place place = find(root, parts, 0, values);
        return place == null ? Optional.empty() : Optional.of(new Match(place.routes, values));
    }

    /** The parameters' values by name. */
    static Map<String, String> named(Route route, List<String> values) {
        if (values.isEmpty()) {
            return Map.of();
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (Parameter parameter : route.parameters()) {
            if (parameter.place() == Parameter.Place.PATH) {
                named.put(parameter.name(), values.get(named.size()));
            }
        }
        return named;
    }

    private static @Nullable Place find(Place place, List<String> parts, int at, List<String> values) {
        if (at == parts.size()) {
            return place.routes.isEmpty() ? null : place;
        }
        Place literal = place.literals.get(parts.get(at));
        if (literal != null) {
            Place found = find(literal, parts, at + 1, values);
            if (found != null) {
                return found;
            }
        }
        if (place.parameter == null || parts.get(at).isEmpty()) {
            return null;
        }
        values.add(parts.get(at));
        Place found = find(place.parameter, parts, at + 1, values);
        if (found == null) {
            values.removeLast();
        }
        return found;
    }

    private static Place literalOf(Place place, String part) {
        return place.literals.computeIfAbsent(part, key -> new Place());
    }

    private static Place parameterOf(Place place) {
        if (place.parameter == null) {
            place.parameter = new Place();
        }
        return place.parameter;
    }

    private static List<String> parts(String path) {
        return List.of(path.substring(1).split("/", -1));
    }
}
