package dev.andon.core.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** Who or what pulled the cord. */
public enum Origin {
    HUMAN("human"),
    GUARD("guard"),
    PROCESS("process"),
    RELAY("relay"),
    DRILL("drill");

    public static final Map<String, Origin> WORDS = words();

    private final String word;

    Origin(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    private static Map<String, Origin> words() {
        Map<String, Origin> words = new LinkedHashMap<>();
        for (Origin origin : values()) {
            words.put(origin.word, origin);
        }
        return words;
    }
}
