package dev.andon.cli.demo;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Falls when the story is interrupted: nothing that is still being said reaches the audience then, such as a command's
 * complaint that its server is gone. Thread-safe.
 */
final class Curtain {
    private final PrintStream screen;
    private volatile boolean fallen;

    /** @param screen where the last words go */
    Curtain(PrintStream screen) {
        this.screen = screen;
    }

    /** What is printed to this reaches the stream behind it as long as the curtain is up. */
    PrintStream before(PrintStream behind) {
        return new PrintStream(
                new FilterOutputStream(behind) {
                    @Override
                    public void write(byte[] bytes, int from, int length) throws IOException {
                        if (!fallen) {
                            out.write(bytes, from, length);
                        }
                    }

                    @Override
                    public void write(int value) throws IOException {
                        if (!fallen) {
                            out.write(value);
                        }
                    }
                },
                true,
                StandardCharsets.UTF_8);
    }

    void fall() {
        fallen = true;
    }

    boolean isFallen() {
        return fallen;
    }

    /** Says something in front of the fallen curtain. */
    void say(String text) {
        screen.println();
        screen.println("   " + text);
        screen.flush();
    }
}
