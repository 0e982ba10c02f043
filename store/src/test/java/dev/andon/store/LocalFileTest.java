package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.store.StoreException.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LocalFileTest {
    @TempDir
    Path directory;

    private Path path;
    private LocalFile file;

    @BeforeEach
    void choose() {
        path = directory.resolve("image");
        file = new LocalFile(path);
    }

    @Test
    void savesAndLoads() throws Exception {
        assertThat(file.load()).isEmpty();
        file.save("one".getBytes(UTF_8));
        file.save(new byte[0]);
        file.save("three".getBytes(UTF_8));
        assertThat(new LocalFile(path).load()).hasValue("three".getBytes(UTF_8));
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(path);
        }
    }

    @Test
    void anyDamageIsNoticedAndSetAside() throws Exception {
        file.save("content".getBytes(UTF_8));
        byte[] good = Files.readAllBytes(path);
        for (int i = 0; i < good.length; i++) {
            byte[] flipped = good.clone();
            flipped[i] ^= 0x10;
            Files.write(path, flipped);
            assertThat(file.load()).as("byte %s flipped", i).isEmpty();
            Files.write(path, Arrays.copyOf(good, i));
            assertThat(file.load()).as("cut to %s", i).isEmpty();
        }
        assertThat(Files.readAllBytes(directory.resolve("image.damaged-2"))).isEmpty();
        file.save("new".getBytes(UTF_8));
        assertThat(file.load()).hasValue("new".getBytes(UTF_8));
    }

    @Test
    void whatAnInterruptedSaveLeftIsNoObstacle() throws Exception {
        file.save("one".getBytes(UTF_8));
        Files.writeString(directory.resolve("image.new"), "half of t");
        assertThat(file.load()).hasValue("one".getBytes(UTF_8));
        file.save("two".getBytes(UTF_8));
        assertThat(file.load()).hasValue("two".getBytes(UTF_8));
    }

    @Test
    void aMissingFolderIsAnError() {
        LocalFile nowhere = new LocalFile(directory.resolve("missing/image"));
        assertThat(nowhere.load()).isEmpty();
        assertThatThrownBy(() -> nowhere.save(new byte[1]))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.code()).isEqualTo(Code.FAILED));
    }
}
