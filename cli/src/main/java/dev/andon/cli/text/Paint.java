package dev.andon.cli.text;

/** How a piece of text stands out, where the terminal can show it. */
public enum Paint {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    GOOD("32"),
    WARN("33"),
    BAD("1;31");

    private final String code;

    Paint(String code) {
        this.code = code;
    }

    String apply(String text) {
        return this == PLAIN || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }
}
