package dev.andon.server.node;

import dev.andon.core.image.Image;
import dev.andon.store.LocalFile;
import java.nio.file.Path;
import java.security.SecureRandom;

/** Seals without a node, for tests of what seals. */
public final class Seals {
    private Seals() {}

    /** @param folder for the key */
    public static Seal in(Path folder) {
        return new Seal(
                NodeKey.loadOrCreate(new LocalFile(folder.resolve("key")), new SecureRandom()), () -> Image.EMPTY);
    }
}
