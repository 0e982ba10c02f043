package dev.andon.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Screen screen(Terminal terminal) {
        return new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
    }

    private String shown() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void redrawsItsLiveLineOnATerminal() {
        Screen screen = screen(new Terminal(true, 20, false));
        screen.live("one", 0);
        screen.live("a line that is too long for this", 1);
        screen.say("next");
        assertThat(shown()).isEqualTo("\r\u001b[K   one\r\u001b[K   a line that is …\n   next\n");
    }

    @Test
    void printsALiveLineASecondElsewhere() {
        Screen screen = screen(Terminal.PLAIN);
        screen.live("one", 0);
        screen.live("two", 999_999_999);
        screen.live("three", 1_000_000_000);
        assertThat(shown()).isEqualTo("   one\n   three\n");
    }

    @Test
    void showsCommandsAsTheyAreTyped() {
        screen(Terminal.PLAIN).typed(List.of("kill", "x", "--reason", "it fails"));
        assertThat(shown()).isEqualTo("\n $ andon kill x --reason \"it fails\"\n");
    }
}
