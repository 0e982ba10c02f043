package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KillFileTest {
    @TempDir
    Path folder;

    private Path path;
    private KillFile file;

    @BeforeEach
    void make() {
        path = folder.resolve("kills");
        file = new KillFile(path);
    }

    private void write(String text) {
        try {
            Files.writeString(path, text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> stops() {
        return file.read().stops().stream().map(stop -> stop.target().label()).toList();
    }

    @Test
    void a_file_that_is_not_there_yet_is_no_problem() {
        assertThat(file.read()).isEqualTo(StopList.NONE);
        write("checkout\n");
        assertThat(stops()).containsExactly("checkout");
    }

    @Test
    void what_is_added_counts_at_once_and_what_is_taken_out_when_it_was_read_twice_without() {
        write("checkout\n");
        assertThat(stops()).containsExactly("checkout");
        write("search\n");
        assertThat(stops()).containsExactlyInAnyOrder("checkout", "search");
        assertThat(stops()).containsExactly("search");
    }

    @Test
    void a_file_that_is_read_while_it_is_written_lifts_nothing() {
        write("checkout\nsearch\n");
        assertThat(stops()).containsExactly("checkout", "search");
        write("");
        assertThat(stops()).containsExactly("checkout", "search");
        write("chec");
        assertThat(stops()).contains("checkout", "search");
        write("checkout\nsearch\npricing\n");
        assertThat(stops()).contains("checkout", "search", "pricing");
        assertThat(stops()).containsExactly("checkout", "search", "pricing");
    }

    @Test
    void a_file_that_vanishes_lifts_nothing_and_is_a_problem() throws IOException {
        write("checkout\n");
        file.read();
        Files.delete(path);
        StopList kept = file.read();
        assertThat(kept.stops()).hasSize(1);
        assertThat(kept.problems()).singleElement().asString().contains("isn't there any more");
        write("# all is well\n");
        file.read();
        assertThat(file.read()).isEqualTo(StopList.NONE);
    }

    @Test
    void a_folder_in_its_place_is_a_problem() throws IOException {
        write("checkout\n");
        file.read();
        Files.delete(path);
        Files.createDirectory(path);
        assertThat(file.read().problems()).singleElement().asString().contains("is no regular file");
        assertThat(stops()).containsExactly("checkout");
    }

    /** Opening a pipe for reading waits for somebody who writes. */
    @Test
    void a_pipe_in_its_place_holds_nobody_up() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", path.toString()).start().waitFor())
                .isZero();
        assertThat(file.read().problems()).singleElement().asString().contains("is no regular file");
    }

    @Test
    void of_a_file_that_is_too_long_the_beginning_is_obeyed_and_nothing_lifted() {
        write("checkout\n");
        file.read();
        write("search\n" + "#\n".repeat(KillFile.MAX_BYTES));
        StopList list = file.read();
        assertThat(list.stops())
                .extracting(stop -> stop.target().label())
                .containsExactlyInAnyOrder("checkout", "search");
        assertThat(list.problems()).singleElement().asString().contains("longer than 65536 bytes");
    }

    @Test
    void bytes_that_are_no_text_take_nothing_from_the_lines_that_are() throws IOException {
        byte[] bytes = "checkout\nXX\nsearch\n".getBytes(StandardCharsets.US_ASCII);
        bytes[9] = (byte) 0xC3;
        bytes[10] = (byte) 0xFF;
        Files.write(path, bytes);
        StopList list = file.read();
        assertThat(list.stops()).hasSize(2);
        assertThat(list.problems()).singleElement().asString().startsWith("kill file, line 2: ");
    }

    /** Kubernetes mounts a ConfigMap as links to a folder that is swapped as a whole. */
    @Test
    void links_that_are_swapped_as_kubernetes_does_are_followed() throws IOException {
        Path first = Files.createDirectory(folder.resolve("..1"));
        Path second = Files.createDirectory(folder.resolve("..2"));
        Files.writeString(first.resolve("kills"), "checkout\n");
        Files.writeString(second.resolve("kills"), "checkout\nsearch\n");
        Path data = folder.resolve("..data");
        Files.createSymbolicLink(data, first.getFileName());
        Files.createSymbolicLink(path, Path.of("..data/kills"));
        assertThat(stops()).containsExactly("checkout");

        Path next = folder.resolve("..data_tmp");
        Files.createSymbolicLink(next, second.getFileName());
        Files.move(next, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        assertThat(stops()).containsExactly("checkout", "search");
    }

    @Test
    void a_file_that_has_no_folder_to_be_in_is_awaited_and_one_that_cannot_be_looked_for_is_a_problem()
            throws IOException {
        KillFile absent = new KillFile(folder.resolve("none").resolve("kills"));
        assertThat(absent.read()).isEqualTo(StopList.NONE);
        assertThat(absent.awaited()).isTrue();
        Path circle = folder.resolve("circle");
        KillFile loop = new KillFile(Files.createSymbolicLink(circle, circle.getFileName()));
        assertThat(loop.read().problems()).singleElement().asString().contains("can't be read");
        assertThat(loop.awaited()).isFalse();
    }

    @Test
    void what_was_lifted_stays_lifted_and_what_is_put_back_counts() {
        write("checkout\nsearch\n");
        assertThat(stops()).containsExactly("checkout", "search");
        for (int i = 0; i < 3; i++) {
            write("search\n");
            assertThat(stops()).contains("checkout", "search");
            assertThat(stops()).containsExactly("search");
            assertThat(stops()).containsExactly("search");
            write("checkout\nsearch\n");
            assertThat(stops()).containsExactly("checkout", "search");
        }
    }

    /** Read between any two bytes of being written, what it says before and after stays stopped. */
    @Test
    void wherever_writing_is_interrupted_nothing_is_lifted() {
        String next = "# INC-8\ncheckout\nsearch card payments fail\n";
        for (int length = 0; length <= next.length(); length++) {
            file = new KillFile(path);
            write("search\ncheckout\n");
            assertThat(stops()).containsExactly("search", "checkout");
            write(next.substring(0, length));
            assertThat(stops()).as("after " + length + " bytes").contains("checkout", "search");
            write(next);
            assertThat(stops()).as("after " + length + " bytes").contains("checkout", "search");
            assertThat(stops()).containsExactly("checkout", "search");
        }
    }
}
