package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.model.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The completion script, in a real bash. */
class CompletionTest {
    @TempDir
    Path directory;

    /** What bash offers for the last of these words, as it calls the script. */
    private List<String> offered(String... words) throws IOException, InterruptedException {
        Path script = Files.writeString(
                directory.resolve("andon.bash"),
                Run.place().andon("completion", "bash").out());
        String typed = "'" + String.join("' '", words) + "'";
        String last = words[words.length - 1];
        String before = words[words.length - 2];
        Process bash = new ProcessBuilder("bash", "-c", """
            compopt() { :; }
            source %s
            COMP_WORDS=(%s) COMP_CWORD=%d
            call=$(complete -p andon) call=${call#*-F } call=${call%%%% *}
            "$call" andon '%s' '%s'
            printf '%%s\\n' "${COMPREPLY[@]}"
            """.formatted(script, typed, words.length - 1, last, before))
                .redirectErrorStream(true)
                .start();
        String said = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(said).isZero();
        return said.lines().toList();
    }

    @Test
    void itKnowsCommandsAndTheirCommands() throws Exception {
        assertThat(offered("andon", "ki")).containsExactly("kill");
        assertThat(offered("andon", "flag", "")).contains("list", "show", "create", "set", "archive");
    }

    @Test
    void itKnowsOptionsAndTheValuesThatTheyMayTake() throws Exception {
        assertThat(offered("andon", "kill", "--")).contains("--env", "--reason", "--wait", "--dry-run", "--json");
        assertThat(offered("andon", "token", "create", "--role", "")).containsExactlyElementsOf(Role.WORDS.keySet());
        assertThat(offered("andon", "flag", "create", "--type", "int")).containsExactly("integer");
    }
}
