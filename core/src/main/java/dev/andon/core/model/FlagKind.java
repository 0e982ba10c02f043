package dev.andon.core.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a flag is for. */
public enum FlagKind {
    /** Hides unfinished work until it is released; short-lived. */
    RELEASE("release"),
    /** Exists to be stopped; long-lived. */
    KILL_SWITCH("kill-switch"),
    EXPERIMENT("experiment"),
    /** Tunes operation: limits, sampling, degraded modes. */
    OPS("ops"),
    /** Who may use a feature. */
    PERMISSION("permission");

    public static final Map<String, FlagKind> WORDS = words();

    private final String word;

    FlagKind(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    private static Map<String, FlagKind> words() {
        Map<String, FlagKind> words = new LinkedHashMap<>();
        for (FlagKind kind : values()) {
            words.put(kind.word, kind);
        }
        return words;
    }
}
