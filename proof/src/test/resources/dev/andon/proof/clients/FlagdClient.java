import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.openfeature.contrib.providers.flagd.Config;
import dev.openfeature.contrib.providers.flagd.FlagdOptions;
import dev.openfeature.contrib.providers.flagd.FlagdProvider;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.Value;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/**
 * Evaluates flags with flagd's provider for Java: a question as JSON on each line of the input, an answer on each of the output. A
 * program of its own, so that it has the libraries that an application with that provider has.
 */
public final class FlagdClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        String[] address = arguments[1].split(":");
        FlagdOptions options = FlagdOptions.builder()
                .resolverType(arguments[0].equals("rpc") ? Config.Resolver.RPC : Config.Resolver.IN_PROCESS)
                .host(address[0])
                .port(Integer.parseInt(address[1]))
                .build();
        // Standard output is for answers.
        PrintStream answers = System.out;
        System.setOut(System.err);
        OpenFeatureAPI openFeature = OpenFeatureAPI.getInstance();
        CountDownLatch ready = new CountDownLatch(1);
        openFeature.onProviderReady(event -> ready.countDown());
        openFeature.setProvider(new FlagdProvider(options));
        // For longer than its own patience: a client that starts late is none that doesn't start.
        ready.await();
        answers.println("{\"ready\":true}");
        Client client = openFeature.getClient();
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            answers.println(JSON.writeValueAsString(answer(client, JSON.readTree(line))));
        }
        openFeature.shutdown();
        System.exit(0);
    }

    private static ObjectNode answer(Client client, JsonNode question) {
        Map<String, Value> attributes = new HashMap<>();
        String key = "";
        for (Map.Entry<String, JsonNode> attribute : question.get("context").properties()) {
            if (attribute.getKey().equals("targetingKey")) {
                key = attribute.getValue().asText();
            } else {
                attributes.put(
                        attribute.getKey(), new Value(attribute.getValue().asText()));
            }
        }
        ImmutableContext context = new ImmutableContext(key, attributes);
        String flag = question.get("flag").asText();
        ObjectNode answer = JSON.createObjectNode();
        FlagEvaluationDetails<?> details = switch (question.get("type").asText()) {
            case "boolean" -> {
                FlagEvaluationDetails<Boolean> got = client.getBooleanDetails(flag, false, context);
                answer.put("value", got.getValue());
                yield got;
            }
            case "string" -> {
                FlagEvaluationDetails<String> got = client.getStringDetails(flag, "default", context);
                answer.put("value", got.getValue());
                yield got;
            }
            case "integer" -> {
                FlagEvaluationDetails<Integer> got = client.getIntegerDetails(flag, -1, context);
                answer.put("value", got.getValue());
                yield got;
            }
            case "number" -> {
                FlagEvaluationDetails<Double> got = client.getDoubleDetails(flag, -1.0, context);
                answer.put("value", got.getValue());
                yield got;
            }
            default -> {
                FlagEvaluationDetails<Value> got = client.getObjectDetails(flag, new Value("default"), context);
                answer.set(
                        "value",
                        JSON.valueToTree(
                                got.getValue().isStructure()
                                        ? got.getValue().asStructure().asObjectMap()
                                        : got.getValue().asObject()));
                yield got;
            }
        };
        return answer.put("variant", details.getVariant())
                .put("reason", details.getReason())
                .put(
                        "errorCode",
                        details.getErrorCode() == null
                                ? null
                                : details.getErrorCode().name());
    }
}
