package dev.andon.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.store.StoreException.Code;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataDirectoryTest {
    @TempDir
    Path parent;

    @Test
    void createsAFolderForItsOwnerAlone() throws Exception {
        Path path = parent.resolve("new/data");
        try (DataDirectory data = DataDirectory.open(path)) {
            assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
            assertThat(data.resolve("admin.token")).isEqualTo(data.path().resolve("admin.token"));
            assertThat(data.ledger()).hasFileName("ledger.db");
        }
    }

    @Test
    void namesTheProcessThatHoldsIt() throws Exception {
        Path path = parent.resolve("data");
        Process holder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        path.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.US_ASCII))) {
            assertThat(out.readLine()).isEqualTo("held " + path.toRealPath());
            assertLocked(path, "in use by process " + holder.pid());
        } finally {
            holder.destroyForcibly();
            assertThat(holder.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
        DataDirectory.open(path).close();
    }

    /** Holds a data folder until it is killed, or whoever started it is gone. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (DataDirectory data = DataDirectory.open(Path.of(arguments[0]))) {
                System.out.println("held " + data.path());
                System.in.transferTo(OutputStream.nullOutputStream());
            }
        }
    }

    @Test
    void oneProcessHoldsItOnceAndAgainAfterClosing() {
        Path path = parent.resolve("data");
        DataDirectory first = DataDirectory.open(path);
        assertLocked(path, "in use by this process");
        assertLocked(parent.resolve("data/../data"), "in use by this process");
        first.close();
        first.close();
        DataDirectory.open(path).close();
    }

    private static void assertLocked(Path path, String message) {
        assertThatThrownBy(() -> DataDirectory.open(path)).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.code()).isEqualTo(Code.LOCKED);
            assertThat(e).hasMessageContaining(message).hasMessageContaining("Stop that one");
        });
    }

    @Test
    void aFileInItsPlaceIsRefused() throws Exception {
        Path file = Files.createFile(parent.resolve("file"));
        assertThatThrownBy(() -> DataDirectory.open(file))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.DENIED));
    }

    @Test
    void namesStayInTheFolder() {
        try (DataDirectory data = DataDirectory.open(parent.resolve("data"))) {
            for (String name : new String[] {"../x", "a/b", "", ".hidden"}) {
                assertThatThrownBy(() -> data.resolve(name)).isInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
