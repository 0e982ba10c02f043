package dev.andon.core.ledger;

import dev.andon.core.Histories;
import dev.andon.core.Samples;
import dev.andon.core.event.Entry;
import dev.andon.core.model.Node;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Exports of random histories, line by line, to be damaged at will. Not thread-safe. */
public final class Exports {
    public static final String LEDGER = "00112233445566778899aabbccddeeff";

    private static final Instant AT = Instant.parse("2026-11-22T14:03:00Z");
    private static final int CHECKPOINT_EVERY = 40;

    private Exports() {}

    /** The entries of a random history, as bytes. */
    public static List<byte[]> entries(long seed, int count) {
        List<byte[]> entries = new ArrayList<>();
        for (Histories.Written written : Histories.sound(seed, count)) {
            Instant at = AT.plusSeconds(written.version());
            entries.add(new Entry(
                            "test.change",
                            "token:ann (4f2a)",
                            at,
                            "because \"π\" \\ 🌵",
                            Optional.empty(),
                            "c-" + written.version(),
                            Map.of(),
                            written.events())
                    .encode());
        }
        return entries;
    }

    /** A whole ledger with these entries, with checkpoints by the way. */
    public static List<ExportLine> whole(List<byte[]> entries) {
        List<ExportLine> lines = new ArrayList<>();
        lines.add(new ExportLine.Header(LEDGER, 0, ChainHash.ZERO));
        ChainHash hash = ChainHash.ZERO;
        for (int i = 0; i < entries.size(); i++) {
            long version = i + 1L;
            hash = hash.next(version, entries.get(i));
            lines.add(new ExportLine.Recorded(version, hash, entries.get(i)));
            if (version % CHECKPOINT_EVERY == 0 || version == entries.size()) {
                lines.add(signed(version, hash, Samples.NODE, Samples.NODE_KEY));
            }
        }
        return lines;
    }

    static ExportLine.Signed signed(long version, ChainHash hash, String node, KeyPair key) {
        return new ExportLine.Signed(
                Checkpoint.sign(LEDGER, 1, version, hash, new Node(node, publicKey(key)), AT, key.getPrivate()));
    }

    static String publicKey(KeyPair key) {
        return Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
    }

    public static byte[] bytes(List<? extends ExportLine> lines) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        lines.forEach(line -> out.writeBytes(line.bytes()));
        return out.toByteArray();
    }

    static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static ExportVerdict verdict(byte[] export, String... keys) {
        ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of(keys)));
        check.take(export, 0, export.length);
        return check.end();
    }
}
