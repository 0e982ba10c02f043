package dev.andon.core.ledger;

import dev.andon.core.json.InvalidInput;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Nodes' public keys as people keep them: PEM blocks, as every tool knows them, or the Base64 between their lines. */
public final class PublicKeys {
    private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
    private static final String END = "-----END PUBLIC KEY-----";
    private static final Pattern BLOCK = Pattern.compile(BEGIN + "([A-Za-z0-9+/=\\s]*)" + END);

    private PublicKeys() {}

    /** One key as a PEM block, with its line breaks. */
    public static String pem(String key) {
        return BEGIN + "\n" + key + "\n" + END + "\n";
    }

    /**
     * The keys in a text: its PEM blocks, whatever stands between them; or a single key without a block around it.
     *
     * @throws InvalidInput if there is none, or one that isn't an Ed25519 key
     */
    public static Set<String> read(String text) {
        Set<String> keys = new LinkedHashSet<>();
        Matcher block = BLOCK.matcher(text);
        while (block.find()) {
            keys.add(checked(block.group(1).replaceAll("\\s", "")));
        }
        if (keys.isEmpty()) {
            keys.add(checked(text.strip()));
        }
        return keys;
    }

    private static String checked(String key) {
        if (!Checkpoint.isKey(key)) {
            throw new InvalidInput(
                    "key", key, "an Ed25519 public key, in PEM or as Base64 that begins with " + Checkpoint.KEY_BEGIN);
        }
        return key;
    }
}
