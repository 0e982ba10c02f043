package dev.andon.cli;

import dev.andon.cli.api.ApiClient;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.tls.TrustedCertificates;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import picocli.CommandLine.Option;

/** Which server a command talks to, and as whom. */
final class Connection {
    static final String TOKEN_FILE = "admin.token";

    private static final String USUAL_SERVER = "http://127.0.0.1:8080";
    /** For each of several servers. */
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

    /** For the only server: there is no other to turn to, and on a busy machine a first TLS handshake takes seconds. */
    private static final Duration ONLY_CONNECT_TIMEOUT = Duration.ofSeconds(6);

    private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(15);

    @Option(
            names = "--server",
            order = 101,
            paramLabel = "URL",
            description = "Server's address; several, separated by commas, are tried in this order."
                    + " Otherwise ANDON_SERVER, otherwise " + USUAL_SERVER + ".")
    private Optional<String> server = Optional.empty();

    @Option(
            names = "--token",
            order = 102,
            paramLabel = "TOKEN",
            description = "Token to use. Otherwise ANDON_TOKEN, which other users of this machine can't see.")
    private Optional<String> token = Optional.empty();

    @Option(
            names = "--data",
            order = 103,
            paramLabel = "DIR",
            description = "On the server's machine: take the token from DIR/" + TOKEN_FILE + ". Otherwise ANDON_DATA.")
    private Optional<String> data = Optional.empty();

    @Option(
            names = "--cacert",
            order = 104,
            paramLabel = "FILE",
            description = "Trust these certificates (PEM) instead of the JDK's. Otherwise ANDON_CACERT.")
    private Optional<String> certificates = Optional.empty();

    ApiClient open(Shell shell) {
        String addresses = server.or(() -> shell.variable("ANDON_SERVER")).orElse(USUAL_SERVER);
        Optional<SSLContext> trust = certificates
                .or(() -> shell.variable("ANDON_CACERT"))
                .map(file -> trust(shell.directory().resolve(file)));
        List<URI> servers = servers(addresses);
        Duration connecting = servers.size() > 1 ? CONNECT_TIMEOUT : ONLY_CONNECT_TIMEOUT;
        ApiClient.Settings settings = new ApiClient.Settings(servers, token(shell), trust, connecting, ANSWER_TIMEOUT);
        return new ApiClient(settings, shell.random());
    }

    private String token(Shell shell) {
        Optional<String> directory = data;
        if (token.isEmpty() && data.isEmpty()) {
            Optional<String> given = shell.variable("ANDON_TOKEN");
            if (given.isPresent()) {
                return given.get().strip();
            }
            directory = shell.variable("ANDON_DATA");
        }
        if (token.isPresent()) {
            return token.get().strip();
        }
        if (directory.isEmpty()) {
            throw CommandFailure.usage(
                    "token",
                    "nothing",
                    "ANDON_TOKEN, --token, or --data DIR",
                    "On the server's machine, --data DIR reads the admin token from DIR/" + TOKEN_FILE + ".");
        }
        return tokenFrom(shell.directory().resolve(directory.get()).resolve(TOKEN_FILE));
    }

    private static String tokenFrom(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage(
                    "--data",
                    file.toString(),
                    "a file with a token",
                    "The server writes it there on its first start; 'andon token recover --data DIR' makes a new one.");
        } catch (IOException e) {
            throw CommandFailure.usage(
                    "--data",
                    file.toString(),
                    "a file that can be read",
                    "Run the command as the user who runs the server.");
        }
    }

    private static List<URI> servers(String addresses) {
        List<URI> servers = new ArrayList<>();
        for (String address : addresses.split(",", -1)) {
            servers.add(address(address.strip()));
        }
        return servers;
    }

    private static URI address(String text) {
        try {
            URI address = new URI(text);
            boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            if (http && address.getHost() != null) {
                return address;
            }
        } catch (URISyntaxException e) {
            // Refused below like any other text that isn't an address.
        }
        throw CommandFailure.usage(
                "--server",
                '"' + text + '"',
                "an address such as http://127.0.0.1:8080 or https://andon.example.org",
                "Correct --server or ANDON_SERVER.");
    }

    private static SSLContext trust(Path file) {
        try {
            return TrustedCertificates.sslContext("--cacert", file, () -> Files.readAllBytes(file));
        } catch (InvalidInput e) {
            throw CommandFailure.usage(e.path(), e.value(), e.expected(), "Correct --cacert or ANDON_CACERT.");
        }
    }
}
