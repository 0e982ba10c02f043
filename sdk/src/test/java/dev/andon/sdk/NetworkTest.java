package dev.andon.sdk;

import static dev.andon.sdk.Quick.await;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.andon.core.evaluate.Context;
import dev.andon.core.stream.Frame;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Certificates, and what stands between a process and the server. */
class NetworkTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static Certificates certificates;

    private final Ruled ruled = new Ruled().bool("checkout", true);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeAll
    static void certify() throws Exception {
        certificates = Certificates.of(directory, "mine", "ip:127.0.0.1");
    }

    @BeforeEach
    void listen() {
        log.start();
        ((Logger) LoggerFactory.getLogger(Andon.class)).addAppender(log);
    }

    @AfterEach
    void end() {
        ((Logger) LoggerFactory.getLogger(Andon.class)).detachAppender(log);
    }

    private FrameServer secure(Certificates certificates) {
        return new FrameServer(ruled.snapshot(), Optional.of(certificates.server()));
    }

    private void assertLive(Andon andon) throws InterruptedException {
        assertThat(andon.awaitReady(SOON)).isTrue();
        assertThat(andon.bool("checkout").isOn(Context.EMPTY)).isTrue();
    }

    private void awaitWarning(String text) {
        await().atMost(SOON)
                .until(() -> List.copyOf(log.list).stream()
                        .anyMatch(event -> event.getFormattedMessage().contains(text)));
    }

    @Test
    void trusts_the_certificates_of_a_pem_file() throws Exception {
        try (FrameServer server = secure(certificates);
                Andon andon = Andon.connect(
                        server.options().trustedCertificates(certificates.pem()).build())) {
            assertLive(andon);
            server.broadcast(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))));
            await().atMost(SOON).until(() -> !andon.bool("checkout").isOn(Context.EMPTY));
        }
    }

    @Test
    void trusts_no_stranger() throws Exception {
        try (FrameServer server = secure(certificates);
                Andon andon = Andon.connect(server.options().build())) {
            awaitWarning("TLS: ");
            assertThat(andon.status().live()).isFalse();
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void trusts_a_certificate_for_its_own_names_alone() throws Exception {
        Certificates elsewhere = Certificates.of(directory, "elsewhere", "dns:andon.example.com");
        try (FrameServer server = secure(elsewhere);
                Andon andon = Andon.connect(
                        server.options().trustedCertificates(elsewhere.pem()).build())) {
            awaitWarning("TLS: ");
            assertThat(andon.status().live()).isFalse();
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void leaves_a_server_that_is_gone_for_another() throws Exception {
        try (FrameServer one = new FrameServer(ruled.snapshot());
                FrameServer other = new FrameServer(ruled.snapshot());
                Andon andon = Quick.connect(one.options().servers(List.of(one.uri(), other.uri())))) {
            assertLive(andon);
            FrameServer first = one.connected() > 0 ? one : other;
            FrameServer second = first == one ? other : one;
            first.stop();
            await().atMost(SOON).until(() -> !second.received(Frame.Hello.class).isEmpty());
            second.broadcast(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))));
            await().atMost(SOON).until(() -> !andon.bool("checkout").isOn(Context.EMPTY));
        }
    }

    @Test
    void goes_through_a_proxy_with_credentials() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy("ann:pass:word");
                FrameServer server = secure(certificates);
                Andon andon = Andon.connect(server.options()
                        .trustedCertificates(certificates.pem())
                        .proxy(URI.create("http://ann:pass:word@127.0.0.1:" + proxy.port()))
                        .build())) {
            assertLive(andon);
            assertThat(proxy.targets).containsOnly("127.0.0.1:" + server.port());
        }
    }

    @Test
    void polls_through_a_proxy_with_credentials() throws Exception {
        try (ConnectProxy proxy = new ConnectProxy("ann:secret");
                FrameServer server = secure(certificates)) {
            server.webSockets = false;
            try (Andon andon = Quick.connect(server.options()
                    .trustedCertificates(certificates.pem())
                    .proxy(URI.create("http://ann:secret@127.0.0.1:" + proxy.port())))) {
                assertLive(andon);
            }
            await().atMost(SOON).until(() -> server.received(Frame.Bye.class).size() == 1);
            assertThat(proxy.targets).isNotEmpty();
        }
    }

    @Test
    void says_so_when_the_proxy_refuses_the_credentials() throws IOException {
        try (ConnectProxy proxy = new ConnectProxy("ann:secret");
                FrameServer server = new FrameServer(ruled.snapshot());
                Andon andon = Andon.connect(server.options()
                        .proxy(URI.create("http://ann:wrong@127.0.0.1:" + proxy.port()))
                        .build())) {
            awaitWarning("HTTP status 407 (the proxy wants other credentials)");
            assertThat(andon.status().live()).isFalse();
            assertThat(server.received).isEmpty();
        }
    }

    @Test
    void honours_the_proxy_of_the_jvm() throws Exception {
        ProxySelector before = ProxySelector.getDefault();
        try (ConnectProxy proxy = new ConnectProxy("");
                FrameServer server = new FrameServer(ruled.snapshot())) {
            ProxySelector.setDefault(
                    ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.port())));
            try (Andon andon = Andon.connect(server.options().build())) {
                assertLive(andon);
                assertThat(proxy.targets).containsOnly("127.0.0.1:" + server.port());
            }
        } finally {
            ProxySelector.setDefault(before);
        }
    }

    @Test
    void an_unknown_host_is_told_and_tried_again() {
        try (Andon andon = Andon.connect(AndonOptions.builder()
                .server(URI.create("http://no-such-host.invalid:1"))
                .key("x")
                .service("checkout")
                .closeOnExit(false)
                .build())) {
            awaitWarning("no such host: no-such-host.invalid; keeps trying");
            assertThat(andon.status().live()).isFalse();
        }
    }
}
