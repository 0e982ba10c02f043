package dev.andon.server.receipt;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.time.Instant;

/**
 * What a receipt came to, for the ledger: when it was proven, or the deadline was over, or the kill was restored. What
 * changes later is said once more.
 *
 * @param number from 1; of several, the last one counts
 * @param outcome the verdict
 * @param digest SHA-256 of the receipt's document, which is kept beside the ledger
 * @param version of the entry; 0 while it is on its way
 */
record LastWord(int number, String outcome, Instant at, String digest, long version) {
    static final int MAX_NUMBER = 5;

    LastWord in(long entry) {
        return new LastWord(number, outcome, at, digest, entry);
    }

    Json toJson() {
        return Json.object()
                .put("number", number)
                .put("outcome", outcome)
                .put("at", at.toString())
                .put("digest", digest)
                .put("version", version == 0 ? Json.Null.NULL : Json.of(version))
                .build();
    }

    static LastWord read(Fields fields) {
        return new LastWord(
                (int) fields.whole("number", 1, MAX_NUMBER),
                fields.text("outcome"),
                Instant.parse(fields.text("at")),
                fields.text("digest"),
                fields.whole("version", 0, Long.MAX_VALUE, 0));
    }
}
