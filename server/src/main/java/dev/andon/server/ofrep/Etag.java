package dev.andon.server.ofrep;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an ETag says: what it stands for, and to which client it was given. */
record Etag(String tag, String client) {
    private static final Pattern FORM = Pattern.compile("(?:W/)?\"([0-9a-f]{32})-([0-9a-f]{32})\"");
    private static final int MANY = 20;

    /** Those that a client shows, as far as they are ours; the first ones, if it shows very many. */
    static List<Etag> read(Optional<String> ifNoneMatch) {
        return ifNoneMatch.stream()
                .flatMap(all -> Arrays.stream(all.split(",", MANY)))
                .map(one -> FORM.matcher(one.strip()))
                .filter(Matcher::matches)
                .map(one -> new Etag(one.group(1), one.group(2)))
                .toList();
    }

    String text() {
        return '"' + tag + '-' + client + '"';
    }
}
