package dev.andon.cli;

import java.util.List;
import picocli.CommandLine.ParameterException;

/** Whether the command line understands words, without doing what they say. */
public final class Understanding {
    private Understanding() {}

    /** Fails with what is wrong about them. */
    public static void require(Shell shell, List<String> words) {
        try {
            Andon.commandLine(shell).parseArgs(words.toArray(String[]::new));
        } catch (ParameterException e) {
            throw new AssertionError("andon " + String.join(" ", words) + ": " + e.getMessage(), e);
        }
    }
}
