package dev.andon.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CertificatesTest {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final Route HELLO = Route.get("/hello")
            .operation("t", "hello", "Hello")
            .needs(Access.OPEN)
            .answers(200, "Hello", "text/plain", Schema.text("Hello"))
            .does(call -> Reply.text(200, "text/plain", "hello"));

    /** Seconds; longer than the test waits, so that it is the server that closes. */
    private static final int KEPT = 600;

    private static final Route GREET = Route.post("/greetings")
            .operation("t", "greet", "Greets")
            .needs(Access.ADMIN)
            .takes(Schema.object().required("name", Schema.text("Name")))
            .answers(200, "Hello", "text/plain", Schema.text("Hello"))
            .does(call -> Reply.text(200, "text/plain", "hello"));

    @TempDir
    private static Path stores;

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private Path certificate;
    private Path key;

    @BeforeAll
    static void issue() throws Exception {
        issue("first", "RSA");
        issue("second", "EC");
        issue("third", "EC");
    }

    @BeforeEach
    void installFirst() throws Exception {
        certificate = folder.resolve("server.crt");
        key = folder.resolve("server.key");
        install("first");
    }

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void newFilesAreServedFromThenOnAndOldConnectionsKeepGoing() throws Exception {
        Certificates certificates = Certificates.read(vertx, certificate, key, 50);
        try (Edge edge = new Edge(HttpLimits.DEFAULT, Optional.of(certificates), HELLO);
                Edge second = new Edge(HttpLimits.DEFAULT, Optional.of(certificates), HELLO);
                HttpClient open = HttpClient.newBuilder().sslContext(trusting()).build()) {
            HttpResponse<String> answer = get(open, edge.port());
            assertThat(answer.body()).isEqualTo("hello");
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(presented(edge.port())).isEqualTo("CN=first");

            install("second");
            await().until(() -> presented(edge.port()).equals("CN=second")
                    && presented(second.port()).equals("CN=second"));
            HttpResponse<String> same = get(open, edge.port());
            assertThat(same.body()).isEqualTo("hello");
            assertThat(((X509Certificate) same.sslSession().orElseThrow().getPeerCertificates()[0])
                            .getSubjectX500Principal()
                            .getName())
                    .isEqualTo("CN=first");
        }
    }

    /** What is kept of a request that its client takes back would else be kept for as long as the connection is open. */
    @Test
    void aConnectionWhoseRequestsWereTakenBackIsIdle() throws Exception {
        HttpLimits limits = new HttpLimits(100_000, 150_000, 4, 50, 4_096, 2_048, 60_000, 1_000, 60_000, 60_000);
        Certificates certificates = Certificates.read(vertx, certificate, key, 1_000);
        AtomicBoolean cutOff = new AtomicBoolean();
        try (Edge edge = new Edge(limits, Optional.of(certificates), GREET)) {
            var client = vertx.createHttpClient(new HttpClientOptions()
                    .setProtocolVersion(HttpVersion.HTTP_2)
                    .setHttp2KeepAliveTimeout(KEPT)
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setTrustAll(true)
                    .setVerifyHost(false));
            for (int i = 0; i < 3; i++) {
                HttpClientRequest request = client.request(HttpMethod.POST, edge.port(), "127.0.0.1", "/greetings")
                        .await();
                assertThat(request.version()).isEqualTo(HttpVersion.HTTP_2);
                request.putHeader("Authorization", "Bearer admin")
                        .putHeader("Content-Type", "application/json")
                        .putHeader("Content-Length", "9");
                request.write(Buffer.buffer("{")).await();
                request.reset().await();
                request.connection().closeHandler(closed -> cutOff.set(true));
            }
            await().untilTrue(cutOff);
        }
    }

    @Test
    void brokenFilesLeaveTheOldCertificateInUse() throws Exception {
        Certificates certificates = Certificates.read(vertx, certificate, key, 20);
        try (Edge edge = new Edge(HttpLimits.DEFAULT, Optional.of(certificates), HELLO)) {
            Files.writeString(certificate, "nonsense");
            staysFirst(edge);
            Files.delete(certificate);
            staysFirst(edge);
            installCertificate("second");
            staysFirst(edge);
            install("third");
            await().until(() -> presented(edge.port()).equals("CN=third"));
        }
    }

    /** For longer than it takes to look at the files several times. */
    private static void staysFirst(Edge edge) {
        await().during(Duration.ofMillis(200))
                .until(() -> presented(edge.port()).equals("CN=first"));
    }

    @Test
    void unusableFilesAreAnErrorAtTheStart() throws Exception {
        assertThatThrownBy(() -> Certificates.read(vertx, folder.resolve("none.crt"), key, 1_000))
                .isInstanceOf(CertificateProblem.class)
                .hasMessageContaining("none.crt");
        install("second");
        byte[] secondKey = Files.readAllBytes(key);
        install("third");
        Files.write(key, secondKey);
        assertThatThrownBy(() -> Certificates.read(vertx, certificate, key, 1_000))
                .isInstanceOf(CertificateProblem.class)
                .hasMessageContaining("the key of another certificate");
        Files.writeString(key, "nonsense");
        assertThatThrownBy(() -> Certificates.read(vertx, certificate, key, 1_000))
                .isInstanceOf(CertificateProblem.class)
                .hasMessageContaining("server.key");
        Files.writeString(certificate, "nonsense");
        assertThatThrownBy(() -> Certificates.read(vertx, certificate, key, 1_000))
                .isInstanceOf(CertificateProblem.class)
                .hasMessageContaining("server.crt");
    }

    /** Makes a self-signed certificate with the JDK's keytool. */
    private static void issue(String name, String algorithm) throws Exception {
        Path store = stores.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        algorithm,
                        "-alias",
                        "a",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        new String(PASSWORD),
                        "-keystore",
                        store.toString())
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor())
                .as(new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isZero();
    }

    /** Writes a certificate and its key as PEM to where the server reads them. */
    private void install(String name) throws Exception {
        installCertificate(name);
        Files.writeString(
                key, pem("PRIVATE KEY", keys(name).getKey("a", PASSWORD).getEncoded()));
    }

    private void installCertificate(String name) throws Exception {
        Files.writeString(
                certificate, pem("CERTIFICATE", keys(name).getCertificate("a").getEncoded()));
    }

    private static KeyStore keys(String name) throws Exception {
        return KeyStore.getInstance(stores.resolve(name + ".p12").toFile(), PASSWORD);
    }

    private static String pem(String type, byte[] content) {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n";
    }

    private static HttpResponse<String> get(HttpClient client, int port) throws Exception {
        return client.send(
                HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/hello"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The name on the certificate that a new connection is shown. */
    private static String presented(int port) throws Exception {
        try (SSLSocket socket =
                (SSLSocket) trusting().getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port)) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Trusts everyone, whatever their name; for this test's certificates. */
    private static SSLContext trusting() throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        X509TrustManager everyone = new X509TrustManager() {
            @Override
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            @Override
            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            @Override
            public X509Certificate[] getAcceptedIssuers() {
                return List.<X509Certificate>of().toArray(new X509Certificate[0]);
            }
        };
        context.init(null, new TrustManager[] {everyone}, null);
        return context;
    }
}
