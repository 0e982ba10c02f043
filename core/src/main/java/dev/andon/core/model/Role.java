package dev.andon.core.model;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a token may do. */
public enum Role {
    /** Everything, tokens included. */
    ADMIN("admin"),
    /** Reads everything; kills and restores. */
    OPERATOR("operator"),
    /** Reads everything but secrets, and exports the ledger, which holds the hashes of those. */
    AUDITOR("auditor"),
    /** Reads everything but secrets. */
    VIEWER("viewer"),
    /** Receives one environment's rules and reports back; nothing else. */
    SDK("sdk");

    public static final Map<String, Role> WORDS = words();

    private final String word;

    Role(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    private static Map<String, Role> words() {
        Map<String, Role> words = new LinkedHashMap<>();
        for (Role role : values()) {
            words.put(role.word, role);
        }
        return words;
    }
}
