package dev.andon.proof.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A command that a page shows, and its answer. Lines that begin with {@code $} are typed, and may go on in the next after a
 * backslash; the lines below are the answer, as {@link Sample} reads it.
 *
 * @param where the page and line on which it stands
 * @param words of the command, unquoted
 * @param shown the answer as the page shows it; empty if it shows none
 */
record Step(String where, List<String> words, int exitCode, List<String> shown) {
    private static final Pattern EXIT = Pattern.compile("(.*?)\\s+# exit code (\\d+)");
    private static final Pattern COMMENT = Pattern.compile("(.*?)\\s+# .*");

    static List<Step> of(Page.Block block) {
        List<Step> steps = new ArrayList<>();
        List<String> lines = block.lines();
        int at = 0;
        while (at < lines.size()) {
            String where = block.page() + ":" + (block.line() + at);
            if (!lines.get(at).startsWith("$ ")) {
                throw new IllegalStateException(where + ": an answer to nothing (expected: $ and a command before it)");
            }
            StringBuilder typed = new StringBuilder(lines.get(at).substring(2));
            while (typed.charAt(typed.length() - 1) == '\\') {
                typed.setLength(typed.length() - 1);
                typed.append(lines.get(++at).strip());
            }
            List<String> shown = new ArrayList<>();
            while (++at < lines.size() && !lines.get(at).startsWith("$ ")) {
                shown.add(lines.get(at));
            }
            Matcher exit = EXIT.matcher(typed);
            Matcher comment = COMMENT.matcher(typed);
            String command = exit.matches() ? exit.group(1) : comment.matches() ? comment.group(1) : typed.toString();
            int exitCode = exit.matches() ? Integer.parseInt(exit.group(2)) : 0;
            steps.add(new Step(where, words(command), exitCode, shown));
        }
        return List.copyOf(steps);
    }

    /** Splits a command line as a shell does, as far as quotes go. */
    static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char quote = 0;
        boolean begun = false;
        for (int i = 0; i < command.length(); i++) {
            char c = command.charAt(i);
            if (quote != 0 && c == quote) {
                quote = 0;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                begun = true;
            } else if (quote == 0 && c == ' ') {
                if (begun) {
                    words.add(word.toString());
                }
                word.setLength(0);
                begun = false;
            } else {
                word.append(c);
                begun = true;
            }
        }
        if (begun) {
            words.add(word.toString());
        }
        return List.copyOf(words);
    }

    boolean isAndon() {
        return words.getFirst().replaceFirst("^.*/", "").equals("andon");
    }

    /** For failure messages. */
    String described() {
        return where + ": " + String.join(" ", words);
    }
}
