package dev.andon.proof.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConformancePageTest {

    @Test
    void thePageIsWhatTheResultsMakeIt() throws IOException {
        assertThat(Files.readString(ConformancePage.FILE)).isEqualTo(ConformancePage.text(ConformancePage.FOLDER));
    }

    @Test
    void whatFailsOrWasNotTriedIsSaid(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("some.json"), """
            {"title":"Some","date":"2026-11-26","cores":2,"java":"25","node":"v22","clients":[
            {"client":"A","version":"1","tried":[
             {"what":"obeys","tried":1,"passed":0,"killMs":3,"mostMs":7},
             {"what":"ends","tried":20,"passed":19}]},
            {"client":"B","version":"2","tried":[
             {"what":"obeys","tried":1,"passed":1}]}]}
            """);
        assertThat(ConformancePage.text(folder))
                .contains("| client | version | obeys | ends |")
                .contains("| A | 1 | NO: 3 ms (7) | 19 of 20 |")
                .contains("| B | 2 | yes | not tried |");
    }

    @Test
    void aTestsNameBecomesWords() {
        assertThat(Conformance.words("obeysAKillOfEveryTarget")).isEqualTo("obeys a kill of every target");
    }
}
