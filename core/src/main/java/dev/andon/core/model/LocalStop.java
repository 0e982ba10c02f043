package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one process was told to stop by itself, whatever any server says. Nobody else obeys it, and it ends only where it
 * was set.
 *
 * @param reason why, at most {@value #REASON_CHARS} characters
 */
public record LocalStop(Source source, Target target, String reason) {
    public static final int REASON_CHARS = 300;

    /** Where it was set. */
    public enum Source {
        /** The application's own code. */
        CODE("code"),
        /** The environment of the process, or what the application gave in its place. */
        ENVIRONMENT("environment"),
        /** The kill file. */
        FILE("file");

        private static final Map<String, Source> WORDS = words();

        private final String word;

        Source(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }

        private static Map<String, Source> words() {
            Map<String, Source> words = new LinkedHashMap<>();
            for (Source source : values()) {
                words.put(source.word, source);
            }
            return words;
        }
    }

    public LocalStop {
        Keys.line("reason", reason, REASON_CHARS);
    }

    public static LocalStop read(Fields fields) {
        return new LocalStop(
                fields.word("source", Source.WORDS), Target.read(fields.object("target")), fields.text("reason"));
    }

    public Json.Builder toJson() {
        return Json.object()
                .put("source", source.word())
                .put("target", target.toJson())
                .put("reason", reason);
    }

    @Override
    public String toString() {
        return target.label() + " (" + source.word() + ": " + reason + ")";
    }
}
