package dev.andon.proof.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.BoolFlag;
import dev.andon.server.AndonServer;
import dev.andon.server.ServerConfig;
import dev.andon.server.delivery.StreamLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TLS from end to end: own trust, proxies that want credentials, certificates that are renewed while all runs. */
class SecureTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir
    private static Path folder;

    private static Path certificate;
    private static Path key;
    private static Identity first;
    private static Identity second;
    private static AndonServer server;
    private static Api admin;
    private static String sdkKey;
    private String flag;

    @BeforeAll
    static void serve() throws Exception {
        first = Identity.issue(folder, "first");
        second = Identity.issue(folder, "second");
        certificate = folder.resolve("server.crt");
        key = folder.resolve("server.key");
        first.install(certificate, key);
        server = AndonServer.start(ServerConfig.in(folder.resolve("data"))
                .withAddress("127.0.0.1", 0)
                .withTls(certificate, key, LOOK_AGAIN)
                .withStreams(StreamLimits.DEFAULT.withHeartbeatMs(1_000)));
        admin = new Api(
                server.uri(),
                Files.readString(server.adminTokenFile()).strip(),
                HttpClient.newBuilder()
                        .sslContext(Identity.trusting(first, second))
                        .build());
        sdkKey = admin.sdkKey("secure");
    }

    @AfterAll
    static void end() {
        admin.close();
        server.close();
    }

    @BeforeEach
    void flag() throws Exception {
        if (!presented().equals("CN=first")) {
            first.install(certificate, key);
            holds("the first certificate", () -> presented().equals("CN=first"));
        }
        flag = "flag-" + NAMES.incrementAndGet();
        admin.createFlag(flag).expect(201);
    }

    private AndonOptions.Builder options() {
        return AndonOptions.builder()
                .server(server.uri())
                .key(sdkKey)
                .service("checkout")
                .instance("i-" + NAMES.get())
                .closeOnExit(false);
    }

    private static void holds(String what, Callable<Boolean> condition) {
        Until.holds(what, SOON, condition);
    }

    /** Live, and a kill reaches it and is proven by it. */
    private void assertObeys(Andon andon) throws InterruptedException {
        assertThat(andon.awaitReady(SOON)).isTrue();
        BoolFlag checkout = andon.bool(flag);
        holds("the flag is on", () -> checkout.isOn(Context.EMPTY));
        String kill = admin.kill(flag, "errors").expect(201).text("id");
        Answer receipt = admin.receipt(kill, SOON);
        assertThat(receipt.text("receipt.verdict")).as(receipt.body().text()).isEqualTo("proven");
        assertThat(checkout.isOn(Context.EMPTY)).isFalse();
        admin.restore(flag, "mended").expect(200, 201);
        holds("the restore", () -> checkout.isOn(Context.EMPTY));
    }

    private static Path trusted(String name, Identity... identities) throws IOException {
        Path pem = folder.resolve(name + ".pem");
        StringBuilder text = new StringBuilder();
        for (Identity identity : identities) {
            text.append(identity.certificate());
        }
        return Files.writeString(pem, text);
    }

    /** The subject of the certificate that new connections get. */
    private static String presented() throws Exception {
        SSLContext trusting = Identity.trusting(first, second);
        try (SSLSocket socket =
                (SSLSocket) trusting.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.startHandshake();
            X509Certificate leaf = (X509Certificate) socket.getSession().getPeerCertificates()[0];
            return leaf.getSubjectX500Principal().getName();
        }
    }

    @Test
    void trusts_a_pem_file_or_a_context_of_the_applications_own() throws Exception {
        try (Andon andon = Andon.connect(
                options().trustedCertificates(trusted("pem", first)).build())) {
            assertObeys(andon);
        }
        try (Andon andon =
                Andon.connect(options().sslContext(Identity.trusting(first)).build())) {
            assertObeys(andon);
        }
    }

    @Test
    void trusts_nobody_else() throws Exception {
        try (Andon andon = Andon.connect(
                        options().trustedCertificates(trusted("other", second)).build());
                Andon byDefault = Andon.connect(options().instance("default").build())) {
            assertThat(andon.awaitReady(Duration.ofMillis(500))).isFalse();
            assertThat(byDefault.awaitReady(Duration.ofMillis(100))).isFalse();
            assertThat(admin.instances()).noneMatch(json -> json.text().contains("\"default\""));
        }
    }

    @Test
    void goes_through_a_proxy_with_credentials_and_comes_back_when_it_is_cut() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy("ann:pass:word")) {
            String address = "@127.0.0.1:" + proxy.port();
            try (Andon andon = Andon.connect(options()
                    .trustedCertificates(trusted("proxied", first))
                    .proxy(URI.create("http://ann:pass:word" + address))
                    .build())) {
                assertObeys(andon);
                proxy.cut();
                holds("lost", () -> !andon.status().live());
                holds("live again", () -> andon.status().live());
                assertObeys(andon);
                assertThat(proxy.targets).hasSizeGreaterThan(1).containsOnly("127.0.0.1:" + server.port());
                assertThat(proxy.refused).isEmpty();
            }
            try (Andon stranger = Andon.connect(options()
                    .instance("stranger")
                    .trustedCertificates(trusted("stranger", first))
                    .proxy(URI.create("http://ann:wrong" + address))
                    .build())) {
                holds("refused", () -> !proxy.refused.isEmpty());
                assertThat(stranger.status().live()).isFalse();
            }
        }
    }

    @Test
    void certificates_are_renewed_while_all_runs() throws Exception {
        try (FaultProxy network = new FaultProxy(server.port());
                Andon prepared = Andon.connect(options()
                        .server(URI.create("https://127.0.0.1:" + network.port()))
                        .trustedCertificates(trusted("both", first, second))
                        .build())) {
            assertObeys(prepared);
            second.install(certificate, key);
            holds("the second certificate", () -> presented().equals("CN=second"));
            assertThat(prepared.status().live()).as("what is open stays").isTrue();
            assertObeys(prepared);
            network.cut();
            holds("lost", () -> !prepared.status().live());
            holds("live again, by the new certificate", () -> prepared.status().live());
            assertObeys(prepared);
            try (Andon unprepared = Andon.connect(options()
                    .instance("unprepared")
                    .trustedCertificates(trusted("old", first))
                    .build())) {
                assertThat(unprepared.awaitReady(Duration.ofMillis(500))).isFalse();
                first.install(certificate, key);
                assertThat(unprepared.awaitReady(SOON))
                        .as("once what it trusts is back")
                        .isTrue();
            }
        }
    }
}
