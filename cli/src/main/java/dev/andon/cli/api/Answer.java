package dev.andon.cli.api;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.Optional;

/** What the server answered to a request that it carried out. */
public record Answer(int status, Json body, Optional<String> etag) {

    /** The body's members; further ones that later servers may add are ignored. */
    public Fields fields() {
        return Fields.lenient(body);
    }
}
