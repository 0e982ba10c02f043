package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;

/** What a flag does in a process that has lost contact. */
public sealed interface WhenBlind {
    Json toJson();

    /** The last known state stays in force. */
    record Keep() implements WhenBlind {
        @Override
        public Json toJson() {
            return Json.object().put("keep", true).build();
        }
    }

    /**
     * The safe variant is served once contact has been lost for so many seconds; in a process that begins with its last
     * known state, until the first contact.
     */
    record SafeAfter(int seconds) implements WhenBlind {
        private static final int MAX_SECONDS = 31_536_000;

        public SafeAfter {
            if (seconds < 1 || seconds > MAX_SECONDS) {
                throw new InvalidInput("whenBlind.safeAfterSeconds", "" + seconds, "1 to " + MAX_SECONDS);
            }
        }

        @Override
        public Json toJson() {
            return Json.object().put("safeAfterSeconds", seconds).build();
        }
    }

    static WhenBlind read(Fields fields) {
        boolean keep = fields.bool("keep", false);
        boolean safe = fields.has("safeAfterSeconds");
        if (keep == safe) {
            throw new InvalidInput(
                    fields.pathOf("keep"), "" + keep, "either keep: true or safeAfterSeconds: 1 to 31536000");
        }
        return keep ? new Keep() : new SafeAfter((int) fields.whole("safeAfterSeconds", 1, SafeAfter.MAX_SECONDS));
    }
}
