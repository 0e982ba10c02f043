package dev.andon.bench.evaluation;

import dev.openfeature.contrib.providers.flagd.Config;
import dev.openfeature.contrib.providers.flagd.FlagdOptions;
import dev.openfeature.contrib.providers.flagd.FlagdProvider;
import dev.openfeature.sdk.Client;
import dev.openfeature.sdk.ImmutableContext;
import io.getunleash.DefaultUnleash;
import io.getunleash.UnleashContext;
import io.getunleash.util.UnleashConfig;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * An application of another product's SDK that looks at one flag all the time, and says each value that it sees with when it saw it, as
 * {@link System#nanoTime} counts: {@code flagd PORT FLAG}, or {@code unleash URL KEY SECONDS FLAG}.
 */
public final class Watcher {
    private static final long LOOK_NANOS = 200_000;
    private static final int START_MS = 30_000;

    private Watcher() {}

    /** Looks until it is ended. */
    public static void main(String[] arguments) {
        BooleanSupplier flag = switch (arguments[0]) {
            case "flagd" -> flagd(Integer.parseInt(arguments[1]), arguments[2]);
            case "unleash" -> unleash(arguments[1], arguments[2], Integer.parseInt(arguments[3]), arguments[4]);
            default -> throw new IllegalArgumentException("product: " + arguments[0]);
        };
        boolean said = false;
        boolean last = false;
        while (true) {
            boolean now = flag.getAsBoolean();
            if (!said || now != last) {
                System.out.println(now + " " + System.nanoTime());
                said = true;
                last = now;
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static BooleanSupplier flagd(int port, String flag) {
        Client client = OpenFeatureClients.of(
                "flagd",
                new FlagdProvider(FlagdOptions.builder()
                        .resolverType(Config.Resolver.IN_PROCESS)
                        .host("127.0.0.1")
                        .port(port)
                        .tls(false)
                        .deadline(START_MS)
                        .build()));
        ImmutableContext context = new ImmutableContext(Caller.user(0), Map.of());
        return () -> client.getBooleanValue(flag, false, context);
    }

    private static BooleanSupplier unleash(String url, String key, int seconds, String flag) {
        DefaultUnleash client = new DefaultUnleash(UnleashConfig.builder()
                .appName("application")
                .instanceId("instance-" + seconds)
                .unleashAPI(url + "/api/")
                .apiKey(key)
                .backupFile(Flags.absentFile())
                .fetchTogglesInterval(seconds)
                .synchronousFetchOnInitialisation(true)
                .build());
        UnleashContext context = UnleashContext.builder()
                .userId(Caller.user(0))
                .addProperty("country", Caller.COUNTRY)
                .build();
        return () -> client.isEnabled(flag, context);
    }
}
