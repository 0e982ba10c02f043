package dev.andon.server.token;

import dev.andon.core.model.Role;
import dev.andon.core.model.Sha256;
import java.util.Base64;
import java.util.random.RandomGenerator;

/** The form of a token's secret: {@code andon_<role>_} and 32 random bytes. Only its hash is ever stored. */
public final class Secret {
    private static final int RANDOM_BYTES = 32;

    private Secret() {}

    /** @param random must be cryptographically strong */
    public static String generate(Role role, RandomGenerator random) {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        return "andon_" + role.word() + "_"
                + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Lower-case hexadecimal SHA-256 of the secret's UTF-8 bytes. */
    public static String hash(String secret) {
        return Sha256.hex(secret);
    }
}
