import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openfeature.contrib.providers.flagd.Config;
import dev.openfeature.contrib.providers.flagd.FlagdOptions;
import dev.openfeature.contrib.providers.flagd.resolver.common.FlagdProviderEvent;
import dev.openfeature.contrib.providers.flagd.resolver.process.InProcessResolver;
import dev.openfeature.contrib.providers.flagd.resolver.process.model.FlagParser;
import dev.openfeature.contrib.providers.flagd.resolver.process.storage.connector.QueuePayload;
import dev.openfeature.contrib.providers.flagd.resolver.process.storage.connector.QueuePayloadType;
import dev.openfeature.contrib.providers.flagd.resolver.process.storage.connector.QueueSource;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.ImmutableStructure;
import dev.openfeature.sdk.ProviderEvaluation;
import dev.openfeature.sdk.ProviderEvent;
import dev.openfeature.sdk.Value;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The in-process engine of flagd's Java provider: a line of JSON in, {document, asks: [[flag, type, context]…], contexts}, and a
 * line out, {schema, answers: [[variant, value] | [error]…]} or {failure}. Every so often a document is read as clients read it that
 * insist on its form. The others are read as where the provider doesn't find its schema: holding a document against that takes
 * longer than all else together.
 */
public final class FlagdEngine {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int STRICT_EVERY = 20;
    private static final int SECONDS = 60;

    private final BlockingQueue<QueuePayload> documents = new LinkedBlockingQueue<>();
    private final BlockingQueue<FlagdProviderEvent> events = new LinkedBlockingQueue<>();
    private final InProcessResolver resolver = new InProcessResolver(
            FlagdOptions.builder()
                    .resolverType(Config.Resolver.IN_PROCESS)
                    .customConnector(new Fed(documents))
                    .build(),
            events::add);
    private final Field schema = FlagParser.class.getDeclaredField("SCHEMA_VALIDATOR");
    private final Object form;
    private int loaded;

    private FlagdEngine() throws ReflectiveOperationException {
        schema.setAccessible(true);
        form = Objects.requireNonNull(schema.get(null));
    }

    private record Fed(BlockingQueue<QueuePayload> getStreamQueue) implements QueueSource {
        @Override
        public void init() {}

        @Override
        public void shutdown() {}
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err);
        FlagdEngine engine = new FlagdEngine();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            out.write((JSON.writeValueAsString(engine.answer(JSON.readTree(line))) + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            out.flush();
        }
        System.exit(0);
    }

    private ObjectNode answer(JsonNode question) {
        ObjectNode all = JSON.createObjectNode().put("schema", "");
        try {
            load(question.get("document").asText());
        } catch (Exception e) {
            return all.put("failure", String.valueOf(e));
        }
        List<EvaluationContext> contexts = new ArrayList<>();
        question.get("contexts").forEach(context -> contexts.add(context(context)));
        ArrayNode answers = all.putArray("answers");
        for (JsonNode ask : question.get("asks")) {
            answers.add(answer(
                    ask.get(0).asText(),
                    ask.get(1).asText(),
                    contexts.get(ask.get(2).asInt())));
        }
        return all;
    }

    private void load(String document) throws Exception {
        boolean strict = loaded % STRICT_EVERY == 0;
        schema.set(null, strict ? form : null);
        if (strict) {
            FlagParser.parseString(document, true);
        }
        documents.add(new QueuePayload(QueuePayloadType.DATA, document));
        if (loaded++ == 0) {
            resolver.init();
        }
        FlagdProviderEvent event;
        do {
            event = events.poll(SECONDS, TimeUnit.SECONDS);
            if (event == null || event.getEvent() == ProviderEvent.PROVIDER_ERROR) {
                throw new IllegalStateException("the document isn't taken");
            }
        } while (event.getEvent() != ProviderEvent.PROVIDER_CONFIGURATION_CHANGED);
    }

    private ArrayNode answer(String flag, String type, EvaluationContext context) {
        ArrayNode answer = JSON.createArrayNode();
        try {
            ProviderEvaluation<?> got = switch (type) {
                case "boolean" -> resolver.booleanEvaluation(flag, false, context);
                case "string" -> resolver.stringEvaluation(flag, "", context);
                case "integer" -> resolver.integerEvaluation(flag, 0, context);
                case "number" -> resolver.doubleEvaluation(flag, 0.0, context);
                default -> resolver.objectEvaluation(flag, new Value(), context);
            };
            if (got.getErrorCode() != null || got.getVariant() == null) {
                return answer.add(got.getErrorCode() + " " + got.getErrorMessage());
            }
            Object value = got.getValue() instanceof Value structured ? plain(structured) : got.getValue();
            answer.add(got.getVariant()).addPOJO(value);
        } catch (RuntimeException e) {
            answer.add(e.toString());
        }
        return answer;
    }

    private static EvaluationContext context(JsonNode attributes) {
        Map<String, Value> values = new HashMap<>();
        attributes.properties().forEach(attribute -> values.put(attribute.getKey(), value(attribute.getValue())));
        Value key = values.get("targetingKey");
        if (key != null && key.isString()) {
            values.remove("targetingKey");
            return new ImmutableContext(key.asString(), values);
        }
        return new ImmutableContext(values);
    }

    private static Value value(JsonNode json) {
        return switch (json.getNodeType()) {
            case BOOLEAN -> new Value(json.asBoolean());
            case STRING -> new Value(json.asText());
            case NUMBER -> json.isInt() ? new Value(json.asInt()) : new Value(json.asDouble());
            case ARRAY -> {
                List<Value> items = new ArrayList<>();
                json.forEach(item -> items.add(value(item)));
                yield new Value(items);
            }
            case OBJECT -> {
                Map<String, Value> members = new HashMap<>();
                json.properties().forEach(member -> members.put(member.getKey(), value(member.getValue())));
                yield new Value(new ImmutableStructure(members));
            }
            default -> new Value();
        };
    }

    private static Object plain(Value value) {
        if (value.isStructure()) {
            Map<String, Object> members = new HashMap<>();
            value.asStructure().asMap().forEach((name, member) -> members.put(name, plain(member)));
            return members;
        }
        if (value.isList()) {
            List<Object> items = new ArrayList<>();
            value.asList().forEach(item -> items.add(plain(item)));
            return items;
        }
        return value.asObject();
    }
}
