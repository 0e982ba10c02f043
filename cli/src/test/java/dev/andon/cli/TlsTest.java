package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.start.RunningServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands against a server that speaks TLS, with a certificate that nobody has signed. */
class TlsTest {
    @TempDir
    static Path directory;

    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        Certificate certificate = Certificate.issue(directory, "server");
        server = RunningServer.start(new RunningServer.Settings(
                directory.resolve("data"),
                "127.0.0.1",
                0,
                Optional.of(new RunningServer.Tls(certificate.chain(), certificate.key()))));
    }

    @AfterAll
    static void close() {
        server.close();
    }

    private static Run.Place at(String address) {
        return Run.place().in(directory).with("ANDON_SERVER", address).with("ANDON_DATA", "data");
    }

    private static Run.Place place() {
        return at(server.address().toString());
    }

    @Test
    void aCertificateMayBeTrustedByName() {
        assertThat(place().andon("flag", "list", "--cacert", "server.crt").exitCode())
                .isZero();
        assertThat(place().with("ANDON_CACERT", "server.crt")
                        .andon("flag", "list")
                        .exitCode())
                .isZero();
    }

    @Test
    void aCertificateThatNobodyTrustsEndsTheConnectionAndSaysHowToTrustIt() {
        Run run = place().andon("flag", "list");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains(server.address().toString(), "nobody who is trusted here", "--cacert");
    }

    @Test
    void anAddressWithoutTlsIsToldFromAServerThatIsDown() {
        String plain = server.address().toString().replace("https://", "http://");
        Run run = at(plain).andon("flag", "list");
        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err()).contains("its address begins with https://");
    }

    @Test
    void aLostAdminTokenIsRecoveredThroughTheDataFolder() throws Exception {
        Files.delete(directory.resolve("data/admin.token"));
        assertThat(place().andon("flag", "list", "--cacert", "server.crt").err())
                .contains("token recover");
        Run recovered = place().andon("token", "recover", "--data", "data", "-r", "lost");
        assertThat(recovered.exitCode()).as(recovered.err()).isZero();
        assertThat(recovered.out()).startsWith("RECOVERED");
        assertThat(place().andon("flag", "list", "--cacert", "server.crt").exitCode())
                .isZero();
    }
}
