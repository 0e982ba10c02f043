package dev.andon.server.node;

import dev.andon.core.model.Sha256;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

/** Short names for texts, which no two texts share. */
public final class Tag {
    private static final int BYTES = 16;

    private Tag() {}

    public static String of(String... texts) {
        MessageDigest sha256 = Sha256.begin();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sha256.update((bytes.length + ":").getBytes(StandardCharsets.UTF_8));
            sha256.update(bytes);
        }
        return HexFormat.of().formatHex(sha256.digest(), 0, BYTES);
    }
}
