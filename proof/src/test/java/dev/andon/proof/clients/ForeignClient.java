package dev.andon.proof.clients;

import dev.andon.core.json.Json;
import java.util.Map;

/** An OpenFeature client of another make. */
interface ForeignClient extends AutoCloseable {
    /**
     * What the application gets.
     *
     * @param type of the flag, in Andon's words
     */
    Got ask(String type, String flag, Map<String, String> context);

    @Override
    void close();

    /** @param variant and reason as the client says them; empty if it says none */
    record Got(Json value, String variant, String reason) {}
}
