package dev.andon.cli.demo;

import java.util.List;

/** The andon command, as the story types it. */
@FunctionalInterface
public interface Commands {
    /** Runs a command, which prints where the story does; gives its exit code. */
    int run(List<String> words);
}
