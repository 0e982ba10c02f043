package dev.andon.proof.clients;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import dev.andon.core.json.Json;
import dev.openfeature.contrib.providers.ofrep.OfrepProvider;
import dev.openfeature.contrib.providers.ofrep.OfrepProviderOptions;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.FlagEvaluationDetails;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.Value;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** {@code dev.openfeature.contrib.providers:ofrep} in this process. */
final class OfrepJavaClient implements ForeignClient {
    private static final String DOMAIN = "ofrep";

    private final Client client;

    OfrepJavaClient(URI server, String key) {
        OpenFeatureAPI openFeature = OpenFeatureAPI.getInstance();
        openFeature.setProviderAndWait(
                DOMAIN,
                OfrepProvider.constructProvider(OfrepProviderOptions.builder()
                        .baseUrl(server.toString())
                        .headers(ImmutableMap.of("Authorization", ImmutableList.of("Bearer " + key)))
                        .build()));
        client = openFeature.getClient(DOMAIN);
    }

    @Override
    public Got ask(String type, String flag, Map<String, String> context) {
        Map<String, Value> attributes = new HashMap<>();
        context.forEach((name, value) -> attributes.put(name, new Value(value)));
        attributes.remove("targetingKey");
        ImmutableContext whom = new ImmutableContext(context.get("targetingKey"), attributes);
        return switch (type) {
            case "boolean" -> {
                FlagEvaluationDetails<Boolean> got = client.getBooleanDetails(flag, false, whom);
                yield got(Json.of(got.getValue()), got);
            }
            case "string" -> {
                FlagEvaluationDetails<String> got = client.getStringDetails(flag, "default", whom);
                yield got(Json.of(got.getValue()), got);
            }
            case "integer" -> {
                FlagEvaluationDetails<Integer> got = client.getIntegerDetails(flag, -1, whom);
                yield got(Json.of((long) got.getValue()), got);
            }
            case "number" -> {
                FlagEvaluationDetails<Double> got = client.getDoubleDetails(flag, -1.0, whom);
                yield got(Json.of(got.getValue()), got);
            }
            default -> {
                FlagEvaluationDetails<Value> got = client.getObjectDetails(flag, new Value("default"), whom);
                Value a = got.getValue().isStructure()
                        ? got.getValue().asStructure().getValue("a")
                        : null;
                Json.Builder json = Json.object();
                if (a != null) {
                    json.put("a", a.asInteger());
                }
                yield got(json.build(), got);
            }
        };
    }

    private static Got got(Json value, FlagEvaluationDetails<?> details) {
        return new Got(
                value,
                Objects.requireNonNullElse(details.getVariant(), ""),
                Objects.requireNonNullElse(details.getReason(), ""));
    }

    @Override
    public void close() {
        OpenFeatureAPI.getInstance().setProviderAndWait(DOMAIN, new dev.openfeature.sdk.NoOpProvider());
    }
}
