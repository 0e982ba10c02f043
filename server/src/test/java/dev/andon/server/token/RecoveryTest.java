package dev.andon.server.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.model.Role;
import dev.andon.server.MemoryPlane;
import dev.andon.server.http.Access;
import dev.andon.server.http.Caller;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RecoveryTest {
    private static final Duration NOT_AT_ALL = Duration.ofMillis(1);

    @TempDir
    private Path data;

    private final MemoryPlane plane = new MemoryPlane(() -> Instant.EPOCH);
    private final Authenticator authenticator = new Authenticator(plane::image, () -> Instant.EPOCH);
    private final Random random = new Random(1);

    @BeforeEach
    void aServerHasUsedTheFolder() throws Exception {
        Files.createFile(data.resolve("node.key"));
    }

    private RecoveryWatch watch() {
        return new RecoveryWatch(plane, data, random);
    }

    private Recovery ask() throws Exception {
        return Recovery.ask(data, "lost it", random);
    }

    @Test
    void aFolderThatNoServerHasUsedIsRefusedAndLeftAsItWas() throws Exception {
        Files.delete(data.resolve("node.key"));
        assertThatThrownBy(this::ask).isInstanceOf(NoSuchFileException.class).hasMessageContaining("node.key");
        assertThat(data).isEmptyDirectory();
    }

    @Test
    void aRunningServerAcceptsTheNewSecret() throws Exception {
        try (var executor = Executors.newSingleThreadScheduledExecutor()) {
            watch().start(executor);
            Recovery recovery = ask();
            Recovery.Outcome outcome = recovery.await(Duration.ofSeconds(60), System::nanoTime);
            assertThat(outcome).isInstanceOf(Recovery.Outcome.Accepted.class);
            Caller caller = authenticator.authorise("Bearer " + recovery.secret(), Access.ADMIN);
            assertThat(caller.role()).isEqualTo(Role.ADMIN);
            assertThat(data.resolve("admin.token")).hasContent(recovery.secret());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("admin.token"))))
                    .isEqualTo("rw-------");
            executor.shutdownNow();
        }
        assertThat(data.resolve("recovery.request")).doesNotExist();
        assertThat(data.resolve("recovery.answer")).doesNotExist();
    }

    @Test
    void aServerThatIsNotRunningAcceptsItWhenItStarts() throws Exception {
        Recovery recovery = ask();
        assertThat(recovery.await(NOT_AT_ALL, System::nanoTime)).isInstanceOf(Recovery.Outcome.Waiting.class);
        assertThat(Files.readString(data.resolve("recovery.request"))).doesNotContain(recovery.secret());
        watch().look();
        assertThat(authenticator
                        .authorise("Bearer " + recovery.secret(), Access.ADMIN)
                        .name())
                .startsWith("recovery-");
    }

    @Test
    void withoutTheLedgerItIsTriedAgain() throws Exception {
        plane.cutOff();
        Recovery recovery = ask();
        RecoveryWatch watch = watch();
        watch.look();
        assertThat(recovery.await(Duration.ofMillis(300), System::nanoTime))
                .isInstanceOfSatisfying(
                        Recovery.Outcome.Waiting.class,
                        waiting -> assertThat(waiting.why()).contains("ledger"));
        plane.reconnect();
        watch.look();
        assertThat(recovery.await(Duration.ofSeconds(60), System::nanoTime))
                .isInstanceOf(Recovery.Outcome.Accepted.class);
    }

    @Test
    void aRequestIsCarriedOutOnce() throws Exception {
        ask();
        byte[] request = Files.readAllBytes(data.resolve("recovery.request"));
        watch().look();
        long version = plane.image().provenance().version();
        new RecoveryFiles(data).write(data.resolve("recovery.request"), request);
        watch().look();
        assertThat(plane.image().provenance().version()).isEqualTo(version);
        assertThat(plane.image().tokens()).hasSize(1);
    }

    @Test
    void aRequestThatOthersCouldHaveWrittenIsLeftAlone() throws Exception {
        ask();
        Path request = data.resolve("recovery.request");
        Files.setPosixFilePermissions(request, PosixFilePermissions.fromString("rw-rw-rw-"));
        watch().look();
        assertThat(plane.image().tokens()).isEmpty();

        Files.delete(request);
        Path elsewhere = Files.createTempFile("elsewhere", ".request");
        Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-------"));
        Files.createSymbolicLink(request, elsewhere);
        watch().look();
        assertThat(plane.image().tokens()).isEmpty();
        Files.delete(elsewhere);
    }

    @Test
    void nonsenseIsLeftAlone() throws Exception {
        RecoveryFiles files = new RecoveryFiles(data);
        for (String content : new String[] {"", "{", "[]", "{\"hash\":\"x\",\"reason\":\"r\"}", "{\"hash\":7}"}) {
            files.write(files.request(), content.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            watch().look();
        }
        assertThat(plane.image().tokens()).isEmpty();
        assertThat(plane.image().provenance().version()).isZero();
    }
}
