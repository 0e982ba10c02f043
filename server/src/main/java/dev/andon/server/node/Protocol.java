package dev.andon.server.node;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a client hears from this server by, and thereby what can be known of it. */
public enum Protocol {
    /** Andon's own stream: a client says when a state is in force. */
    ANDON("andon"),
    /** It asks by OFREP, and may hear by an event stream when to ask. */
    OFREP("ofrep"),
    /** It asks by flagd's evaluation services, and may hear by an event stream what changed. */
    FLAGD_EVALUATION("flagd-evaluation"),
    /** It evaluates flagd documents by itself, and says nothing of it. */
    FLAGD_SYNC("flagd-sync");

    public static final Map<String, Protocol> WORDS =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(Protocol::word, Function.identity()));

    private final String word;

    Protocol(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    /** Whether several processes may be one client, as nothing but where they are tells them apart. */
    public boolean ofSeveral() {
        return this == FLAGD_EVALUATION || this == FLAGD_SYNC;
    }

    /** Whether it isn't Andon's own. */
    public boolean foreign() {
        return this != ANDON;
    }
}
