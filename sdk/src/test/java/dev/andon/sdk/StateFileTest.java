package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.HeldState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private final HeldState state = new Ruled()
            .bool("checkout", true)
            .state()
            .apply(new Frame.Kills(List.of(Ruled.kill(1, "checkout"))))
            .next();

    @TempDir
    Path directory;

    @Test
    void what_is_saved_is_loaded_carried_kills_included() {
        StateFile file = new StateFile(directory.resolve("deep/er/andon.json"));
        assertThat(file.load()).isEqualTo(HeldState.EMPTY);
        file.save(state);
        file.save(state);
        assertThat(file.load()).isEqualTo(state);
        assertThat(directory.resolve("deep/er")).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void a_file_that_is_damaged_in_any_byte_or_cut_anywhere_is_set_aside() throws IOException {
        Path path = directory.resolve("andon.json");
        Path aside = directory.resolve("andon.json.damaged");
        byte[] good = StateFile.encode(state);
        for (int at = 0; at < good.length; at += 1 + at / 16) {
            byte[] changed = good.clone();
            changed[at] ^= 1;
            Files.write(path, changed);
            assertThat(new StateFile(path).load()).as("byte " + at).isEqualTo(HeldState.EMPTY);
            assertThat(path).doesNotExist();
            assertThat(aside).hasBinaryContent(changed);

            Files.write(path, java.util.Arrays.copyOf(good, at));
            assertThat(new StateFile(path).load()).as("cut at " + at).isEqualTo(HeldState.EMPTY);
            assertThat(path).doesNotExist();
        }
    }

    @Test
    void a_file_of_another_format_is_set_aside() throws IOException {
        Path path = directory.resolve("andon.json");
        Files.writeString(path, "andon-state-9 0 0\n");
        assertThat(new StateFile(path).load()).isEqualTo(HeldState.EMPTY);
        assertThat(directory.resolve("andon.json.damaged")).exists();
    }

    @Test
    void where_nothing_can_be_written_or_read_the_application_goes_on() throws IOException {
        Path notADirectory = directory.resolve("file");
        Files.writeString(notADirectory, "");
        StateFile file = new StateFile(notADirectory.resolve("andon.json"));
        file.save(state);
        file.save(state);
        assertThat(file.load()).isEqualTo(HeldState.EMPTY);
        Files.createDirectory(directory.resolve("andon.json"));
        assertThat(new StateFile(directory.resolve("andon.json")).load()).isEqualTo(HeldState.EMPTY);
    }

    @Test
    void each_server_and_key_has_a_file_of_its_own_that_does_not_give_the_key_away() {
        URI server = URI.create("https://andon.example.com");
        String name = StateFile.nameFor(List.of(server), "andon_sdk_secret");
        assertThat(name)
                .matches("andon-[0-9a-f]{24}\\.json")
                .isEqualTo(StateFile.nameFor(List.of(server), "andon_sdk_secret"))
                .isNotEqualTo(StateFile.nameFor(List.of(server), "andon_sdk_other"))
                .isNotEqualTo(StateFile.nameFor(List.of(URI.create("https://other.example.com")), "andon_sdk_secret"));
    }
}
