package dev.andon.server;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Holds what a server does against its API document: every answer must be one that the document declares, of the declared
 * shape and without members beyond it; every request that was carried out must have been as described. Thread-safe.
 */
public final class Contract {
    private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");

    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Json components;
    private final Map<String, Json> operations = new HashMap<>();
    private final Map<String, Schema> schemas = new ConcurrentHashMap<>();
    private final Set<String> succeeded = new ConcurrentSkipListSet<>();

    public Contract(Json document) {
        Json closed = closed(document);
        components = member(closed, "components");
        members(member(closed, "paths"))
                .forEach((path, methods) -> members(methods).forEach((method, operation) -> {
                    if (METHODS.contains(method)) {
                        operations.put(method.toUpperCase(java.util.Locale.ROOT) + " " + path, operation);
                    }
                }));
    }

    /** Methods and paths, as declared. */
    public Set<String> operations() {
        return new TreeSet<>(operations.keySet());
    }

    /** Those that have answered with success. */
    public Set<String> succeeded() {
        return succeeded;
    }

    /** Checks one exchange; those with paths or methods that aren't declared are passed over. */
    public void check(
            String method, String target, Optional<String> sent, int status, String contentType, String body) {
        Optional<String> found = find(method, target);
        if (found.isEmpty()) {
            return;
        }
        String label = method + " " + target + " answered " + status + " " + body;
        Json operation = operations.get(found.get());
        Json response = members(member(operation, "responses")).get("" + status);
        if (response == null) {
            throw new AssertionError(label + ": undeclared status; declared: "
                    + members(member(operation, "responses")).keySet());
        }
        Json content = members(response).get("content");
        if (content != null) {
            Map.Entry<String, Json> declared =
                    members(content).entrySet().iterator().next();
            if (!contentType.startsWith(declared.getKey())) {
                throw new AssertionError(label + ": content type " + contentType + ", declared: " + declared.getKey());
            }
            if (contentType.contains("json") && !contentType.contains("ndjson")) {
                require(label, found.get() + status, member(declared.getValue(), "schema"), body);
            }
        }
        if (status < 300) {
            succeeded.add(found.get());
            checkRequest(label, found.get(), operation, sent);
        }
    }

    private void checkRequest(String label, String key, Json operation, Optional<String> sent) {
        Json body = members(operation).get("requestBody");
        if (body != null) {
            Json schema = member(member(member(body, "content"), "application/json"), "schema");
            require(label + " to " + sent.orElse("nothing"), key, schema, sent.orElse(""));
        }
    }

    private void require(String label, String key, Json schema, String body) {
        Schema compiled = schemas.computeIfAbsent(key, name -> compile(schema));
        List<String> errors = new ArrayList<>();
        compiled.validate(body, InputFormat.JSON).forEach(error -> errors.add(error.toString()));
        if (!errors.isEmpty()) {
            throw new AssertionError(label + ": not as described: " + errors);
        }
    }

    private Schema compile(Json schema) {
        Json whole = Json.object()
                .put("allOf", Json.array(List.of(schema)))
                .put("components", components)
                .build();
        return registry.getSchema(whole.text(), InputFormat.JSON);
    }

    private Optional<String> find(String method, String target) {
        String path = target.replaceFirst("\\?.*", "");
        String declared = method.equals("HEAD") ? "GET" : method;
        return operations.keySet().stream()
                .filter(operation -> operation.startsWith(declared + " "))
                .filter(operation -> path.matches(operation
                        .substring(declared.length() + 1)
                        .replace(".", "\\.")
                        .replaceAll("\\{[a-z]+}", "[^/]+")))
                .findFirst();
    }

    /** The document with every object closed to members that it doesn't describe. */
    private static Json closed(Json json) {
        if (json instanceof Json.Array array) {
            return Json.array(array.items().stream().map(Contract::closed).toList());
        }
        if (!(json instanceof Json.Members object)) {
            return json;
        }
        Json.Builder copy = Json.object();
        object.members().forEach((name, value) -> copy.put(name, closed(value)));
        boolean open = Json.of("object").equals(object.members().get("type"))
                && object.members().containsKey("properties")
                && !object.members().containsKey("additionalProperties");
        return open ? copy.put("additionalProperties", false).build() : copy.build();
    }

    private static Map<String, Json> members(Json json) {
        return ((Json.Members) json).members();
    }

    private static Json member(Json json, String name) {
        return Optional.ofNullable(members(json).get(name))
                .orElseThrow(() -> new AssertionError("no " + name + " in " + json.text()));
    }
}
