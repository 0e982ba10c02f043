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
    /** Feeds a relay, which serves the whole ledger to clients of its own; nothing else. */
    RELAY("relay"),
    /** Receives one environment's rules and reports back, and has its flags evaluated; nothing else. */
    SDK("sdk"),
    /** Has one environment's flags evaluated and nothing else: its secret is public wherever a browser shows it. */
    CLIENT("client");

    public static final Map<String, Role> WORDS = words();

    private final String word;

    Role(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** Whether its tokens are keys of applications, which belong to one environment. */
    public boolean ofOneEnvironment() {
        return this == SDK || this == CLIENT;
    }

    private static Map<String, Role> words() {
        Map<String, Role> words = new LinkedHashMap<>();
        for (Role role : values()) {
            words.put(role.word, role);
        }
        return words;
    }
}
