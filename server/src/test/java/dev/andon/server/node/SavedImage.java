package dev.andon.server.node;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;

/** The image that a node has in its folder, for tests that are about what it starts from next. */
public final class SavedImage {
    /** The file's own beginning, the hash of the entry before and a line break. */
    private static final int BEFORE_IMAGE_BYTES = 20 + 64 + 1;

    private SavedImage() {}

    /** Whether it is the newest: a node that is closed goes on saving it no longer than a moment. */
    public static Callable<Boolean> isNewest(Path folder, ControlPlane node) {
        Path file = folder.resolve("image");
        return () -> Files.exists(file)
                && version(Files.readAllBytes(file))
                        == node.image().provenance().version();
    }

    private static long version(byte[] saved) {
        String text = new String(saved, BEFORE_IMAGE_BYTES, saved.length - BEFORE_IMAGE_BYTES, StandardCharsets.UTF_8);
        return Fields.lenient(Json.parse(text.getBytes(StandardCharsets.UTF_8)))
                .object("state")
                .whole("version", 0, Long.MAX_VALUE);
    }
}
