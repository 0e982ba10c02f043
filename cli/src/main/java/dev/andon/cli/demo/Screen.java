package dev.andon.cli.demo;

import dev.andon.cli.text.Glyphs;
import dev.andon.cli.text.Paint;
import dev.andon.cli.text.Terminal;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Tells a story from top to bottom. On a terminal its last line may be live: redrawn in place until something else is
 * said. Elsewhere live lines are printed now and then. Used by one thread.
 */
final class Screen {
    private static final String CLEAR = "\r\u001b[K";
    private static final long PLAIN_EVERY_NANOS = 1_000_000_000L;
    private static final int TEXT_WIDTH = 100;

    private final PrintStream out;
    private final Terminal terminal;
    private boolean live;
    private long lastPlain = Long.MIN_VALUE;
    private int chapter;

    Screen(PrintStream out, Terminal terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** The beginning of something new. */
    void chapter(String title) {
        end();
        chapter++;
        out.println();
        out.println(terminal.paint(Paint.BOLD, chapter + ". " + title));
        out.flush();
    }

    /** What is going on, in sentences. */
    void say(String text) {
        end();
        for (String line : Glyphs.wrap(text, Math.min(terminal.width(), TEXT_WIDTH) - 3)) {
            out.println(line.isEmpty() ? "" : "   " + line);
        }
        out.flush();
    }

    void say(Paint paint, String text) {
        end();
        out.println("   " + terminal.paint(paint, text));
        out.flush();
    }

    /** A command as someone would type it. */
    void typed(List<String> words) {
        end();
        List<String> quoted = new ArrayList<>(List.of("andon"));
        for (String word : words) {
            quoted.add(word.contains(" ") ? '"' + word + '"' : word);
        }
        out.println();
        String lead = " $ ";
        for (String line : Glyphs.wrap(String.join(" ", quoted), Math.min(terminal.width(), TEXT_WIDTH) - 5)) {
            out.println(terminal.paint(Paint.BOLD, lead + line));
            lead = "     ";
        }
        out.flush();
    }

    /** Whether live lines are redrawn in place. */
    boolean redraws() {
        return terminal.interactive();
    }

    /** Replaces the live line on a terminal; elsewhere prints it if the last one was a while ago. */
    void live(String line, long nowNanos) {
        if (redraws()) {
            out.print(CLEAR + Glyphs.cut("   " + line, terminal.width() - 1));
            out.flush();
            live = true;
        } else if (lastPlain == Long.MIN_VALUE || nowNanos - lastPlain >= PLAIN_EVERY_NANOS) {
            lastPlain = nowNanos;
            out.println("   " + line);
            out.flush();
        }
    }

    /** Leaves the live line as it is and goes on below it. */
    void end() {
        if (live) {
            out.println();
            out.flush();
            live = false;
        }
    }
}
