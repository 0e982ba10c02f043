package dev.andon.core.tls;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.json.InvalidInput;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrustedCertificatesTest {
    @TempDir
    Path folder;

    @Test
    void aFileWithoutACertificateIsRefused() {
        for (String content : List.of(
                "",
                "\n",
                "no certificate",
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")) {
            assertThatThrownBy(
                            () -> TrustedCertificates.sslContext("--cacert", "ca.pem", () -> content.getBytes(UTF_8)))
                    .as(content)
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageStartingWith("--cacert: ca.pem")
                    .hasMessageContaining("(expected: a PEM file with at least one certificate");
        }
    }

    @Test
    void aFileThatCantBeReadIsRefused() {
        assertThatThrownBy(() -> TrustedCertificates.sslContext("--cacert", "ca.pem", () -> {
                    throw new NoSuchFileException("ca.pem");
                }))
                .isInstanceOf(InvalidInput.class)
                .hasMessageStartingWith("--cacert: ca.pem: java.nio.file.NoSuchFileException");
    }

    @Test
    void severalCertificatesAreTrusted() throws Exception {
        String both = certificate("a") + certificate("b");
        assertThat(TrustedCertificates.sslContext("--cacert", "ca.pem", () -> both.getBytes(UTF_8))
                        .getProtocol())
                .isEqualTo("TLS");
    }

    /** In PEM form, by the JDK's keytool. */
    private String certificate(String name) throws Exception {
        String store = folder.resolve(name + ".p12").toString();
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=" + name, "-keystore", store);
        Path file = folder.resolve(name + ".pem");
        keytool("-exportcert", "-rfc", "-file", file.toString(), "-keystore", store);
        return Files.readString(file);
    }

    private static void keytool(String... words) throws Exception {
        List<String> command = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        command.addAll(List.of(words));
        command.addAll(List.of("-alias", "one", "-storetype", "PKCS12", "-storepass", "password"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
