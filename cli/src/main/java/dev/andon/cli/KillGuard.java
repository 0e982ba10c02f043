package dev.andon.cli;

import java.util.Optional;
import java.util.OptionalLong;

/** What stands between a command line and a kill that nobody meant. */
final class KillGuard {
    private static final String GUARDED = "production";
    private static final int TOLERANCE_PERCENT = 10;
    private static final String NOTHING = "Nothing has been killed.";

    private final Shell shell;
    private final Aim aim;
    private final String environment;
    private final boolean yes;

    /** @param yes not to be asked for the name */
    KillGuard(Shell shell, Aim aim, String environment, boolean yes) {
        this.shell = shell;
        this.aim = aim;
        this.environment = environment;
        this.yes = yes;
    }

    boolean asksForName() {
        return environment.equals(GUARDED) && !yes && shell.terminal().interactive();
    }

    void askForName() {
        String name = aim.target().wide() ? "what it is aimed at" : "the flag's name";
        String typed = ask("Type " + name + " to stop it in " + environment + ": ");
        if (!typed.equals(aim.text()) && !typed.equals(aim.label())) {
            throw notConfirmed(typed, aim.text(), NOTHING + " --yes kills without asking.");
        }
    }

    /**
     * Refuses unless someone has said how many flags there are.
     *
     * @param flags as the dry run shows it
     * @param said what was given; asked for on a terminal if nothing was
     */
    void confirm(long flags, OptionalLong said) {
        if (said.isPresent()) {
            if (Math.abs(flags - said.getAsLong()) * 100 > said.getAsLong() * TOLERANCE_PERCENT) {
                throw CommandFailure.of(
                        Exit.USAGE,
                        "not confirmed",
                        "--confirm: " + said.getAsLong() + " (expected: " + flags + ", give or take "
                                + TOLERANCE_PERCENT + " %)",
                        NOTHING + " Look at what it would do, and confirm that.");
            }
            return;
        }
        if (!shell.terminal().interactive()) {
            throw CommandFailure.of(
                    Exit.USAGE,
                    "not confirmed",
                    "--confirm: nothing (expected: " + flags + ", the number of flags that it would stop)",
                    NOTHING + " Look at what it would do, and repeat it with --confirm " + flags + ".");
        }
        String typed = ask("Type the number of flags to stop them in " + environment + ": ");
        if (!typed.equals("" + flags)) {
            throw notConfirmed(typed, "" + flags, NOTHING);
        }
    }

    private String ask(String question) {
        shell.err().print(question);
        shell.err().flush();
        Optional<String> typed = shell.readLine().map(String::strip);
        return typed.orElse("");
    }

    private static CommandFailure notConfirmed(String typed, String expected, String advice) {
        return CommandFailure.of(
                Exit.USAGE, "not confirmed", "confirmation: \"" + typed + "\" (expected: " + expected + ")", advice);
    }
}
