package dev.andon.server.http;

import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The OpenAPI 3.1 document, made from the declarations that the server itself runs on. */
final class ApiDocument {
    static final String PATH = Route.API + "/openapi.json";

    private static final String ABOUT = """
        Stops features everywhere, proves that they stopped, and undoes. Bodies are JSON in UTF-8 of at most 4 MiB. \
        What a request body or query holds beyond what is described is refused, and so is every value that isn't as \
        described: nothing is changed then, and the problem (RFC 9457) names field, value, what was expected and what \
        to do next. Answers may gain members.\
        """;

    private ApiDocument() {}

    /** The routes, and the one that answers their document. */
    static List<Route> including(List<Route> routes) {
        List<Route> all = new ArrayList<>(routes);
        Json[] document = new Json[1];
        all.add(Route.get(PATH)
                .operation("api", "describeApi", "This document")
                .needs(Access.OPEN)
                .answers(200, "The API, as OpenAPI 3.1", Schema.openObject("An OpenAPI document"))
                .does(call -> Reply.ok(document[0])));
        document[0] = of(all);
        return List.copyOf(all);
    }

    static Json of(List<Route> routes) {
        Map<String, Json> components = new TreeMap<>();
        Problem.SCHEMA.components(components::put);
        Map<String, Json.Builder> paths = new LinkedHashMap<>();
        for (Route route : routes) {
            route.body().ifPresent(body -> body.components(components::put));
            route.answers().forEach(answer -> answer.schema().components(components::put));
            paths.computeIfAbsent(route.path(), path -> Json.object())
                    .put(route.method().name().toLowerCase(java.util.Locale.ROOT), operation(route));
        }
        Json.Builder pathsJson = Json.object();
        paths.forEach(pathsJson::put);
        return Json.object()
                .put("openapi", "3.1.0")
                .put(
                        "info",
                        Json.object()
                                .put("title", "Andon")
                                .put("version", "1")
                                .put("description", ABOUT)
                                .put(
                                        "license",
                                        Json.object().put("name", "Apache-2.0").put("identifier", "Apache-2.0")))
                .put("paths", pathsJson)
                .put(
                        "components",
                        Json.object()
                                .put("schemas", new Json.Members(components))
                                .put(
                                        "securitySchemes",
                                        Json.object()
                                                .put(
                                                        "token",
                                                        Json.object()
                                                                .put("type", "http")
                                                                .put("scheme", "bearer")
                                                                .put("description", "An Andon token"))))
                .build();
    }

    private static Json operation(Route route) {
        Json.Builder operation = Json.object()
                .put("operationId", route.operation())
                .put("summary", route.summary())
                .put("tags", Json.of(route.tag()));
        if (route.access() == Access.OPEN) {
            operation.put("security", Json.array(List.of()));
        } else {
            operation
                    .put("description", "Needs " + route.access().needed() + ".")
                    .put(
                            "security",
                            Json.object().put("token", Json.array(List.of())).build());
        }
        if (!route.parameters().isEmpty()) {
            operation.put(
                    "parameters",
                    Json.array(
                            route.parameters().stream().map(Parameter::toJson).toList()));
        }
        route.body()
                .ifPresent(body -> operation.put(
                        "requestBody",
                        Json.object().put("required", true).put("content", content(Reply.JSON, body.reference()))));
        return operation.put("responses", responses(route)).build();
    }

    private static Json responses(Route route) {
        Map<String, Json> responses = new TreeMap<>();
        Map<Integer, List<Answer>> byStatus = new TreeMap<>();
        route.answers()
                .forEach(answer -> byStatus.computeIfAbsent(answer.status(), status -> new ArrayList<>())
                        .add(answer));
        byStatus.forEach((status, answers) -> responses.put("" + status, response(answers)));
        for (int status : route.refusals()) {
            if (!responses.containsKey("" + status)) {
                responses.put(
                        "" + status,
                        Json.object()
                                .put("description", described(status))
                                .put("content", content(Problem.CONTENT_TYPE, Problem.SCHEMA.reference()))
                                .build());
            }
        }
        return new Json.Members(responses);
    }

    /** Several answers with one status are alternatives. */
    private static Json response(List<Answer> answers) {
        Answer first = answers.getFirst();
        String description = String.join(
                "; or: ", answers.stream().map(Answer::description).distinct().toList());
        Json.Builder response = Json.object().put("description", description);
        List<Json> shapes = answers.stream()
                .map(answer -> answer.schema().reference())
                .distinct()
                .toList();
        Json shape = shapes.size() == 1
                ? shapes.getFirst()
                : Json.object().put("anyOf", Json.array(shapes)).build();
        Optional<String> type = Optional.of(first.contentType()).filter(name -> !name.isEmpty());
        type.ifPresent(name -> response.put("content", content(name, shape)));
        return response.build();
    }

    private static Json.Builder content(String type, Json schema) {
        return Json.object().put(type, Json.object().put("schema", schema));
    }

    private static String described(int status) {
        return switch (status) {
            case 400 -> "A value can't be accepted";
            case 401 -> "The token is missing, unknown, revoked or rotated out";
            case 403 -> "The token's role doesn't suffice";
            case 404 -> "There is no such thing";
            case 408 -> "The body didn't come in time";
            case 409 -> "It contradicts what is there";
            case 412 -> "It isn't the version you expect";
            case 413 -> "The body is too large";
            case 415 -> "The body isn't JSON";
            case 422 -> "The idempotency key came with another request before";
            case 426 -> "This is a WebSocket";
            case 428 -> "Say which version this replaces";
            case 429 -> "It comes too often";
            case 503 -> "The ledger is out of reach, or Andon is busy";
            default -> throw new IllegalStateException("status: " + status + " (expected: a described one)");
        };
    }
}
