package dev.andon.cli.text;

import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What the place can show that the output goes to.
 *
 * @param interactive whether a person sits in front of it: both input and output are a terminal
 * @param width columns per line; {@link #UNLIMITED} where lines may be as long as they need, as in a pipe
 * @param colour whether text may be coloured
 */
public record Terminal(boolean interactive, int width, boolean colour) {
    public static final int UNLIMITED = Integer.MAX_VALUE;

    private static final int USUAL_WIDTH = 80;
    private static final int MIN_WIDTH = 20;
    private static final long STTY_TIMEOUT_MS = 500;

    public static final Terminal PLAIN = new Terminal(false, UNLIMITED, false);

    /** Asks the console, {@code COLUMNS}, {@code NO_COLOR} and, on a terminal, {@code stty}. */
    public static Terminal detect(Map<String, String> environment) {
        // With the JDK's own console this is null where there is no terminal; other console providers never give null.
        boolean interactive =
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
        boolean colour = interactive
                && environment.getOrDefault("NO_COLOR", "").isEmpty()
                && !"dumb".equals(environment.get("TERM"));
        return new Terminal(interactive, width(environment, interactive), colour);
    }

    /** The text, painted where colours are shown. */
    public String paint(Paint paint, String text) {
        return colour ? paint.apply(text) : text;
    }

    private static int width(Map<String, String> environment, boolean interactive) {
        int given = number(environment.getOrDefault("COLUMNS", ""));
        if (given > 0) {
            return Math.max(MIN_WIDTH, given);
        }
        if (!interactive) {
            return UNLIMITED;
        }
        int asked = sttyColumns();
        return asked > 0 ? Math.max(MIN_WIDTH, asked) : USUAL_WIDTH;
    }

    private static int sttyColumns() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Redirect.INHERIT)
                    .redirectError(Redirect.DISCARD)
                    .start();
            try (InputStream out = stty.getInputStream()) {
                if (!stty.waitFor(STTY_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
                    stty.destroyForcibly();
                    return 0;
                }
                String[] rowsAndColumns = new String(out.readAllBytes(), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ", 2);
                return rowsAndColumns.length == 2 ? number(rowsAndColumns[1]) : 0;
            }
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text.strip());
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
