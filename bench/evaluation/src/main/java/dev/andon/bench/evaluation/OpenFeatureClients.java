package dev.andon.bench.evaluation;

import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.EvaluationContext;
import dev.openfeature.sdk.FeatureProvider;
import dev.openfeature.sdk.ImmutableContext;
import dev.openfeature.sdk.OpenFeatureAPI;
import dev.openfeature.sdk.Value;
import java.util.Map;

/** Clients of the OpenFeature SDK, one for each provider, and whom they evaluate for. */
final class OpenFeatureClients {
    private OpenFeatureClients() {}

    static Client of(String domain, FeatureProvider provider) {
        OpenFeatureAPI api = OpenFeatureAPI.getInstance();
        api.setProviderAndWait(domain, provider);
        return api.getClient(domain);
    }

    static EvaluationContext[] contexts() {
        return Caller.contexts(
                user -> new ImmutableContext(user, Map.of("country", new Value(Caller.COUNTRY))),
                new EvaluationContext[0]);
    }

    static void check(Client client, EvaluationContext[] contexts) {
        int in = 0;
        for (EvaluationContext context : contexts) {
            in += client.getBooleanValue(Flags.SPLIT, false, context) ? 1 : 0;
        }
        Flags.check(client.getBooleanValue(Flags.CONSTANT, false, contexts[0]), in);
    }
}
