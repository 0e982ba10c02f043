package dev.andon.sdk;

import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.model.Keys;
import dev.andon.core.tls.TrustedCertificates;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** How a process connects to Andon. Immutable. */
public final class AndonOptions {
    /** Default of {@link Builder#blindAfter}: 30 seconds. */
    public static final Duration BLIND_AFTER = Duration.ofSeconds(30);

    private final List<URI> servers;
    private final String key;
    private final String service;
    private final Optional<String> region;
    private final Optional<String> instance;
    private final Optional<Path> stateDirectory;
    private final Duration blindAfter;
    private final Optional<Proxy> proxy;
    private final Optional<SSLContext> sslContext;
    private final boolean closeOnExit;
    private final LocalStops.Sources stops;

    /** A proxy that is asked to CONNECT. */
    record Proxy(String host, int port, Optional<Credentials> credentials) {
        InetSocketAddress address() {
            return InetSocketAddress.createUnresolved(host, port);
        }
    }

    record Credentials(String user, String password) {}

    private AndonOptions(Builder from) {
        servers = from.servers();
        key = from.key();
        service = Keys.name(
                "service", required("service", from.service, "the name of this service, as receipts show it"));
        region = from.region.map(name -> Keys.name("region", name));
        instance = from.instance.map(name -> Keys.name("instance", name));
        stateDirectory = from.stateDirectory;
        blindAfter = from.blindAfter;
        proxy = from.proxy;
        sslContext = from.trustedCertificates.isPresent()
                ? from.trustedCertificates.map(file ->
                        TrustedCertificates.sslContext("trustedCertificates", file, () -> Files.readAllBytes(file)))
                : from.sslContext;
        closeOnExit = from.closeOnExit;
        stops = from.stops(System.getenv());
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Options from {@code ANDON_SERVER}, {@code ANDON_SDK_KEY}, {@code ANDON_SERVICE}, {@code ANDON_REGION},
     * {@code ANDON_STATE_DIRECTORY}, {@code ANDON_PROXY} and {@code ANDON_TRUSTED_CERTIFICATES}, as far as they are set;
     * what is set on the builder afterwards takes their place. {@code ANDON_KILL} and {@code ANDON_KILL_FILE} are obeyed by
     * every process, however its options were made.
     */
    public static Builder fromEnvironment() {
        return from(System.getenv());
    }

    static Builder from(Map<String, String> environment) {
        Builder builder = builder();
        given(environment, "ANDON_SERVER").ifPresent(value -> builder.servers(uris("ANDON_SERVER", value)));
        given(environment, "ANDON_SDK_KEY").ifPresent(builder::key);
        given(environment, "ANDON_SERVICE").ifPresent(builder::service);
        given(environment, "ANDON_REGION").ifPresent(builder::region);
        given(environment, "ANDON_STATE_DIRECTORY").ifPresent(value -> builder.stateDirectory(Path.of(value)));
        given(environment, "ANDON_PROXY").ifPresent(value -> builder.proxy(uri("ANDON_PROXY", value)));
        given(environment, "ANDON_TRUSTED_CERTIFICATES")
                .ifPresent(value -> builder.trustedCertificates(Path.of(value)));
        return builder;
    }

    private static Optional<String> given(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
    }

    private static URI uri(String name, String value) {
        try {
            return URI.create(value.strip());
        } catch (IllegalArgumentException e) {
            throw new InvalidInput(name, value, "an address such as https://andon.example.com");
        }
    }

    private static List<URI> uris(String name, String values) {
        List<URI> uris = new ArrayList<>();
        for (String value : values.split(",", -1)) {
            uris.add(uri(name, value));
        }
        return uris;
    }

    private static String required(String name, @Nullable String value, String expected) {
        if (value == null || value.isBlank()) {
            throw new InvalidInput(name, "nothing", expected);
        }
        return value;
    }

    public List<URI> servers() {
        return servers;
    }

    /** The servers' addresses, for people. */
    String at() {
        return servers.stream().map(URI::toString).collect(Collectors.joining(", "));
    }

    String key() {
        return key;
    }

    public String service() {
        return service;
    }

    public Optional<String> region() {
        return region;
    }

    public Optional<String> instance() {
        return instance;
    }

    public Optional<Path> stateDirectory() {
        return stateDirectory;
    }

    public Duration blindAfter() {
        return blindAfter;
    }

    Optional<Proxy> proxy() {
        return proxy;
    }

    Optional<SSLContext> sslContext() {
        return sslContext;
    }

    public boolean closeOnExit() {
        return closeOnExit;
    }

    LocalStops.Sources stops() {
        return stops;
    }

    /** Without the SDK key and the proxy's password. */
    @Override
    public String toString() {
        return service + region.map(name -> " in " + name).orElse("") + " at " + at();
    }

    /** Collects options. Not thread-safe. */
    public static final class Builder {
        private static final String SERVER = "the server's address, such as https://andon.example.com";

        private List<URI> servers = List.of();
        private @Nullable String key;
        private @Nullable String service;
        private Optional<String> region = Optional.empty();
        private Optional<String> instance = Optional.empty();
        private Optional<Path> stateDirectory = Optional.empty();
        private Duration blindAfter = BLIND_AFTER;
        private Optional<Proxy> proxy = Optional.empty();
        private Optional<SSLContext> sslContext = Optional.empty();
        private Optional<Path> trustedCertificates = Optional.empty();
        private boolean closeOnExit = true;
        private Optional<String> kill = Optional.empty();
        private Optional<Path> killFile = Optional.empty();
        private Duration killFilePause = LocalStops.Sources.PAUSE;

        private Builder() {}

        /** The server's address, such as {@code https://andon.example.com}. Required. */
        public Builder server(URI address) {
            return servers(List.of(address));
        }

        /** Servers on one ledger: the process connects to one of them, and to the next when that is gone. */
        public Builder servers(List<URI> addresses) {
            servers = List.copyOf(addresses);
            return this;
        }

        /** The SDK key, which names the environment. Required. */
        public Builder key(String sdkKey) {
            key = sdkKey;
            return this;
        }

        /** The service that this process is an instance of. Required. */
        public Builder service(String name) {
            service = name;
            return this;
        }

        /** Where the process runs. Unknown unless set: kills aimed at any region stop here, too. */
        public Builder region(String name) {
            region = Optional.of(name);
            return this;
        }

        /** The process's own name, unlike that of any other of the service. The host's name and a random part unless set. */
        public Builder instance(String name) {
            instance = Optional.of(name);
            return this;
        }

        /**
         * Where the last known state is kept, to begin with when the server can't be reached at start. It isn't kept unless
         * set. Processes may share a directory.
         */
        public Builder stateDirectory(Path directory) {
            stateDirectory = Optional.of(directory);
            return this;
        }

        /** How long without contact {@link Status.State#STALE} becomes {@link Status.State#BLIND}; 30 seconds unless set. */
        public Builder blindAfter(Duration time) {
            if (time.isNegative() || time.compareTo(Duration.ofDays(1)) > 0) {
                throw new InvalidInput("blindAfter", time.toString(), "0 seconds to 1 day");
            }
            blindAfter = time;
            return this;
        }

        /**
         * An HTTP proxy, such as {@code http://user:password@proxy.example.com:3128}. The JVM's own settings
         * ({@code https.proxyHost}, …) apply unless set.
         */
        public Builder proxy(URI address) {
            String host = address.getHost();
            if (!"http".equals(address.getScheme()) || host == null || address.getPort() < 1) {
                throw new InvalidInput(
                        "proxy",
                        withoutUser(address),
                        "an address such as http://user:password@proxy.example.com:3128");
            }
            proxy = Optional.of(new Proxy(
                    host,
                    address.getPort(),
                    Optional.ofNullable(address.getUserInfo()).map(Builder::credentials)));
            return this;
        }

        private static Credentials credentials(String userInfo) {
            int colon = userInfo.indexOf(':');
            return colon < 0
                    ? new Credentials(userInfo, "")
                    : new Credentials(userInfo.substring(0, colon), userInfo.substring(colon + 1));
        }

        private static String withoutUser(URI address) {
            return Json.of(address.toString().replaceAll("//[^@/]*@", "//…@")).text();
        }

        /** What certificates to trust, and with which to introduce itself. The JVM's own unless set. */
        public Builder sslContext(SSLContext context) {
            sslContext = Optional.of(context);
            trustedCertificates = Optional.empty();
            return this;
        }

        /** A PEM file with the certificates to trust, and no others. Read when the options are built. */
        public Builder trustedCertificates(Path pemFile) {
            trustedCertificates = Optional.of(pemFile);
            sslContext = Optional.empty();
            return this;
        }

        /** Whether to say goodbye when the JVM exits, as {@link Andon#close} does; true unless set. */
        public Builder closeOnExit(boolean close) {
            closeOnExit = close;
            return this;
        }

        /**
         * What this process stops by itself, from the first evaluation on and whatever any server says, such as
         * {@code new-checkout,tag:vendor:stripe}; beside what the variable {@code ANDON_KILL} says. What makes no sense is
         * logged, and takes nothing from the rest.
         */
        public Builder kill(String targets) {
            kill = Optional.of(targets);
            return this;
        }

        /**
         * A file that says what this process stops by itself, one target a line, with a reason after it; read before
         * anything else and watched. The variable {@code ANDON_KILL_FILE} names one unless it is set here.
         */
        public Builder killFile(Path file) {
            killFile = Optional.of(file);
            return this;
        }

        Builder killFilePause(Duration pause) {
            killFilePause = pause;
            return this;
        }

        LocalStops.Sources stops(Map<String, String> environment) {
            List<String> problems = new ArrayList<>();
            Optional<Path> file = killFile.or(() -> given(environment, LocalStops.FILE_VARIABLE)
                    .flatMap(value -> {
                        try {
                            return Optional.of(Path.of(value));
                        } catch (InvalidPathException e) {
                            // An application that starts without this stop is better than none, and it is said.
                            problems.add(LocalStops.FILE_VARIABLE + ": " + value + " (expected: a file's path; "
                                    + e.getMessage() + ")");
                            return Optional.empty();
                        }
                    }));
            return new LocalStops.Sources(kill, given(environment, LocalStops.VARIABLE), file, killFilePause, problems);
        }

        /** Refuses what is missing or can't be used with {@link InvalidInput}. */
        public AndonOptions build() {
            return new AndonOptions(this);
        }

        private List<URI> servers() {
            if (servers.isEmpty()) {
                throw new InvalidInput("server", "nothing", SERVER);
            }
            return servers.stream().map(Builder::checked).distinct().toList();
        }

        private static URI checked(URI address) {
            String scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            boolean plain =
                    address.getUserInfo() == null && address.getQuery() == null && address.getFragment() == null;
            if (!(scheme.equals("http") || scheme.equals("https")) || address.getHost() == null || !plain) {
                throw new InvalidInput("server", withoutUser(address), SERVER);
            }
            return URI.create(scheme + address.toString().substring(scheme.length()));
        }

        private String key() {
            String value = required("key", key, "the environment's SDK key; make one with: andon token create");
            if (value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new InvalidInput("key", "characters that no key has", "the SDK key as it was given out");
            }
            return value;
        }
    }
}
