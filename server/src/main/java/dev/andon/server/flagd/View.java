package dev.andon.server.flagd;

import dev.andon.core.model.Flag;
import java.util.Optional;

/**
 * What a client sees: an environment, or the flags there that have a tag.
 *
 * @param tag none for all flags
 */
record View(String environment, Optional<String> tag) {
    boolean shows(Flag flag) {
        return tag.isEmpty() || flag.tags().contains(tag.get());
    }

    /** As a selector names it. */
    String name() {
        return environment + tag.map(name -> "/" + name).orElse("");
    }
}
