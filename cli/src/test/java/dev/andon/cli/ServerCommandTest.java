package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.start.RunningServer;
import dev.andon.server.ofrep.OfrepLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Starts that come to nothing; each returns, as no server goes on running. */
@Timeout(300)
class ServerCommandTest {
    @TempDir
    Path directory;

    private Run server(String... more) {
        String[] arguments = new String[more.length + 1];
        arguments[0] = "server";
        System.arraycopy(more, 0, arguments, 1, more.length);
        return Run.place().in(directory).andon(arguments);
    }

    private static void refused(Run run, String... messages) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("andon: ").contains(messages).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --port 8080                         | --data: nothing (expected: folder of this server alone
        --data d --port 65536               | --port: 65536 (expected: 0 to 65535)
        --data d --ofrep 65536              | --ofrep: 65536 (expected: 0 to 65535)
        --data d --ofrep x                  | --ofrep: "x" (expected: a whole number)
        --data d --ofrep-rate 0             | --ofrep-rate: 0 (expected: at least 1)
        --data d --flagd-sync 65536         | --flagd-sync: 65536 (expected: 0 to 65535)
        --data d --flagd-evaluation -1      | --flagd-evaluation: -1 (expected: 0 to 65535)
        --data d --flagd-environment x      | --flagd-environment: x (expected: a port, too)
        --data d --port x                   | --port: "x" (expected: a whole number)
        --data d --tls-cert c.pem           | --tls-key: nothing (expected: a PEM file, as the other one is given)
        --data d --store jdbc:mysql://x     | --store: "jdbc:mysql://x" (expected: an address such as jdbc:postgresql://
        """)
    void refusesWhatItCantUnderstand(String line, String message) {
        Run run = server(line.split(" "));
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains(message);
    }

    @Test
    void theRateOfOfrepIsTheServersOwnUnlessAnotherIsAskedFor() {
        Run help = Run.place().in(directory).andon("server", "--help");
        assertThat(help.out().replaceAll("\\s+", " "))
                .contains("by OFREP (default: " + OfrepLimits.DEFAULT.ratePerSecond() + ").");
    }

    @Test
    void whatIsNoAddressIsRefused() {
        for (String wrong : List.of("andon-1:8080", "ftp://andon-1", "http://andon-1/andon")) {
            Run run = server("--data", "data", "--port", "0", "--advertise", wrong);
            assertThat(run.exitCode()).as(wrong).isEqualTo(2);
            assertThat(run.err()).contains("--advertise", wrong, "https://andon-1.example:8080");
        }
    }

    @Test
    void missingCertificatesOfOtherServersAreRefused() {
        refused(server("--data", "data", "--port", "0", "--peer-ca", "ca.pem"), "peer-ca", "ca.pem");
    }

    @Test
    void aPortInUseIsSaidInOneLine() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            refused(
                    server("--data", "data", "--port", "" + taken.getLocalPort()),
                    "127.0.0.1:" + taken.getLocalPort(),
                    "expected: an address of this machine, and a port that nobody uses");
        }
    }

    @Test
    void aFolderThatAnotherServerUsesIsRefused() {
        RunningServer.Settings settings =
                new RunningServer.Settings(directory.resolve("data"), "127.0.0.1", 0, Optional.empty());
        try (RunningServer first = RunningServer.start(settings)) {
            assertThat(first.adminTokenFile()).isPresent();
            refused(server("--data", "data", "--port", "0"), "is in use by");
        }
    }

    @Test
    void aFileInsteadOfAFolderIsRefused() throws IOException {
        Files.writeString(directory.resolve("data"), "not a folder");
        refused(server("--data", "data", "--port", "0"), "data is a file");
    }

    @Test
    void aDamagedLedgerIsRefused() throws IOException {
        Files.createDirectory(directory.resolve("data"));
        Files.writeString(directory.resolve("data/ledger.db"), "this is no database, and never was one".repeat(100));
        refused(server("--data", "data", "--port", "0"), "ledger.db");
    }

    @Test
    void missingCertificatesAreRefused() {
        refused(
                server("--data", "data", "--port", "0", "--tls-cert", "c.pem", "--tls-key", "k.pem"),
                "c.pem: no such file");
    }

    @Test
    void theKeyOfAnotherCertificateIsRefused() throws Exception {
        Certificate.issue(directory, "one");
        Certificate.issue(directory, "two");
        refused(
                server("--data", "data", "--port", "0", "--tls-cert", "one.crt", "--tls-key", "two.key"),
                "two.key",
                "the key of another certificate (expected: the key of the first one in ");
    }

    @Test
    void aStoreThatNobodyListensForIsRefusedAtTheFirstStart() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        refused(
                server("--data", "data", "--port", "0", "--store", "jdbc:postgresql://127.0.0.1:" + port + "/andon"),
                "is out of reach",
                "expected: a store that works, for the first start");
    }
}
