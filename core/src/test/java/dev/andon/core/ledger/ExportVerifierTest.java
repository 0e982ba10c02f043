package dev.andon.core.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Samples;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import dev.andon.core.ledger.ExportVerdict.Bad;
import dev.andon.core.ledger.ExportVerdict.Good;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ExportVerifierTest {
    private static final KeyPair OTHER = Samples.key("another node");

    private final List<byte[]> entries = Exports.entries(7, 12);
    private final List<ExportLine> lines = Exports.whole(entries);

    private Bad bad(String... keys) {
        return (Bad) Exports.verdict(Exports.bytes(lines), keys);
    }

    private ChainHash hash(int version) {
        return ((ExportLine.Recorded) lines.get(version)).hash();
    }

    private static ExportLine.Signed last(List<ExportLine> export) {
        return (ExportLine.Signed) export.get(export.size() - 1);
    }

    @Test
    void a_good_export_is_good_and_says_up_to_where_and_by_whom() {
        String key = Exports.publicKey(Samples.NODE_KEY);
        Good good = (Good) Exports.verdict(Exports.bytes(lines), key);
        assertThat(good.end().version()).isEqualTo(12);
        assertThat(good.end().hash()).isEqualTo(hash(12));
        assertThat(good.end().ledger()).isEqualTo(Exports.LEDGER);
        assertThat(good.end().node()).isEqualTo(Samples.NODE);
        assertThat(good.checkpoints()).isEqualTo(1);
        assertThat(good.expectedKey()).isTrue();
        assertThat(((Good) Exports.verdict(Exports.bytes(lines))).expectedKey()).isFalse();
    }

    @Test
    void every_line_is_one_JSON_document_that_holds_the_stored_bytes() {
        for (String line : new String(Exports.bytes(lines), UTF_8).lines().toList()) {
            Json.Members json = (Json.Members) Json.parse(line.getBytes(UTF_8));
            if (json.members().get("version") instanceof Json.Whole version) {
                Json.Text entry = (Json.Text) json.members().get("entry");
                assertThat(entry.value().getBytes(UTF_8)).isEqualTo(entries.get((int) version.value() - 1));
            }
        }
    }

    @Test
    void lines_read_back_as_they_were_written() {
        for (ExportLine line : lines) {
            byte[] bytes = line.bytes();
            assertThat(ExportLine.read(Arrays.copyOf(bytes, bytes.length - 1)).bytes())
                    .isEqualTo(bytes);
        }
    }

    /** In the line that was damaged; a header that still can be read, where an entry or a checkpoint contradicts it. */
    @Test
    void a_flip_of_any_byte_is_found_where_it_is() {
        byte[] export = Exports.bytes(Exports.whole(Exports.entries(3, 4)));
        int line = 1;
        for (int i = 0; i < export.length; i++) {
            byte before = export[i];
            export[i] = (byte) (before ^ 1 << (i % 8));
            ExportVerdict verdict = Exports.verdict(export);
            long found = verdict instanceof Bad bad ? bad.line() : 0;
            if (line == 1 ? found < 1 : found != line) {
                throw new AssertionError("byte " + i + " of line " + line + ": " + verdict);
            }
            export[i] = before;
            line += before == '\n' ? 1 : 0;
        }
    }

    @Test
    void an_export_that_is_cut_off_anywhere_is_bad() {
        byte[] export = Exports.bytes(Exports.whole(Exports.entries(3, 4)));
        for (int length = 0; length < export.length; length++) {
            assertThat(Exports.verdict(Arrays.copyOf(export, length)))
                    .as("%d bytes", length)
                    .isInstanceOf(Bad.class);
        }
        assertThat(Exports.verdict(export)).isInstanceOf(Good.class);
    }

    @Test
    void pieces_of_any_size_give_the_same_verdict() {
        byte[] export = Exports.bytes(lines);
        for (int size : new int[] {1, 7, 4_096}) {
            ExportCheck check = new ExportCheck(ExportVerifier.expecting(Set.of()));
            for (int from = 0; from < export.length; from += size) {
                check.take(export, from, Math.min(size, export.length - from));
            }
            assertThat(check.end()).isEqualTo(Exports.verdict(export));
        }
    }

    @Test
    void a_missing_a_doubled_and_a_swapped_entry_are_named() {
        ExportLine fifth = lines.remove(5);
        assertThat(bad()).isEqualTo(new Bad(6, 5, "version: 6 (expected: 5)"));
        lines.add(5, lines.get(4));
        assertThat(bad()).isEqualTo(new Bad(6, 5, "version: 4 (expected: 5)"));
        lines.set(5, lines.get(6));
        lines.set(6, fifth);
        assertThat(bad().entry()).isEqualTo(5);
    }

    @Test
    void a_changed_entry_is_named_even_if_its_hash_was_changed_with_it() {
        byte[] forged = "{\"forged\":true}".getBytes(UTF_8);
        lines.set(5, new ExportLine.Recorded(5, hash(5), forged));
        assertThat(bad()).isEqualTo(new Bad(6, 5, "hash: " + hash(5) + " (expected: " + hash(4).next(5, forged) + ")"));
        lines.set(5, new ExportLine.Recorded(5, hash(4).next(5, forged), forged));
        assertThat(bad().entry()).isEqualTo(6);
    }

    @Test
    void whoever_writes_the_whole_chain_anew_needs_the_nodes_key() {
        entries.set(4, "{\"forged\":true}".getBytes(UTF_8));
        List<ExportLine> forged = Exports.whole(entries);
        assertThat(Exports.verdict(Exports.bytes(forged)))
                .as("Samples sign with the node's key")
                .isInstanceOf(Good.class);
        ExportLine.Signed end = last(forged);
        Checkpoint old = last(lines).checkpoint();
        forged.set(
                forged.size() - 1,
                new ExportLine.Signed(new Checkpoint(
                        old.ledger(),
                        old.epoch(),
                        old.version(),
                        end.checkpoint().hash(),
                        old.node(),
                        old.key(),
                        old.at(),
                        old.signature())));
        lines.clear();
        lines.addAll(forged);
        assertThat(bad().reason()).startsWith("signature: ");
        lines.set(lines.size() - 1, Exports.signed(12, end.checkpoint().hash(), Samples.NODE, OTHER));
        assertThat(Exports.verdict(Exports.bytes(lines)))
                .as("without a key, forgery can't be seen")
                .isInstanceOf(Good.class);
        assertThat(bad(Exports.publicKey(Samples.NODE_KEY)).reason())
                .startsWith("checkpoint.key: " + Exports.publicKey(OTHER));
    }

    @Test
    void a_checkpoint_of_another_place_or_ledger_is_named() {
        lines.add(4, Exports.signed(4, hash(4), Samples.NODE, Samples.NODE_KEY));
        assertThat(bad()).isEqualTo(new Bad(5, 3, "checkpoint.version: 4 (expected: 3)"));
        lines.set(4, Exports.signed(3, hash(5), Samples.NODE, Samples.NODE_KEY));
        assertThat(bad().reason()).startsWith("checkpoint.hash: ");
        lines.set(4, Exports.signed(3, hash(3), Samples.NODE, Samples.NODE_KEY));
        assertThat(Exports.verdict(Exports.bytes(lines))).isInstanceOf(Good.class);
        lines.set(0, new ExportLine.Header("f".repeat(32), 0, ChainHash.ZERO));
        assertThat(bad())
                .isEqualTo(
                        new Bad(5, 3, "checkpoint.ledger: " + Exports.LEDGER + " (expected: " + "f".repeat(32) + ")"));
    }

    @Test
    void the_end_must_be_signed() {
        lines.remove(lines.size() - 1);
        assertThat(bad())
                .isEqualTo(new Bad(
                        14, 12, "line: nothing (expected: a signed checkpoint at the end; the export was cut off)"));
        lines.clear();
        assertThat(bad()).isEqualTo(new Bad(1, 0, "line: nothing (expected: the header)"));
    }

    @Test
    void an_export_may_begin_later() {
        List<ExportLine> tail = new ArrayList<>(lines.subList(6, lines.size()));
        tail.add(0, new ExportLine.Header(Exports.LEDGER, 5, hash(5)));
        Good good = (Good) Exports.verdict(Exports.bytes(tail));
        assertThat(good.after()).isEqualTo(5);
        assertThat(good.end().version()).isEqualTo(12);
        List<ExportLine> nothing = List.of(new ExportLine.Header(Exports.LEDGER, 12, hash(12)), last(lines));
        assertThat(Exports.verdict(Exports.bytes(nothing))).isInstanceOf(Good.class);
    }

    @Test
    void bytes_that_are_no_text_are_exported_too() {
        for (byte[] odd : List.of(new byte[] {(byte) 0xc3, 0x28}, new byte[] {'a', 0, 'b'}, new byte[] {(byte) 0xff})) {
            entries.set(2, odd);
            List<ExportLine> damaged = Exports.whole(entries);
            assertThat(new String(damaged.get(3).bytes(), UTF_8)).contains("\"base64\":\"");
            assertThat(Exports.verdict(Exports.bytes(damaged))).isInstanceOf(Good.class);
        }
    }

    @Test
    void there_is_one_spelling_only() {
        String hash = "0".repeat(64);
        for (String wrong : List.of(
                "{\"version\":1, \"hash\":\"" + hash + "\",\"entry\":\"\"}",
                "{\"version\":01,\"hash\":\"" + hash + "\",\"entry\":\"\"}",
                "{\"version\":1e0,\"hash\":\"" + hash + "\",\"entry\":\"\"}",
                "{\"version\":-1,\"hash\":\"" + hash + "\",\"entry\":\"\"}",
                "{\"version\":99999999999999999999,\"hash\":\"" + hash + "\",\"entry\":\"\"}",
                "{\"hash\":\"" + hash + "\",\"version\":1,\"entry\":\"\"}",
                "{\"version\":1,\"hash\":\"" + "A".repeat(64) + "\",\"entry\":\"\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"\\u0041\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"\\/\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"a\tb\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"\",\"more\":1}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"\"} ",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"entry\":\"\"}\r",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"base64\":\"/x==\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"base64\":\"/w\"}",
                "{\"version\":1,\"hash\":\"" + hash + "\",\"base64\":\"YQ==\"}",
                "",
                "null")) {
            assertThatThrownBy(() -> ExportLine.read(wrong.getBytes(UTF_8)))
                    .as(wrong)
                    .isInstanceOf(InvalidInput.class);
        }
    }

    @Test
    void a_later_format_is_refused_by_name() {
        byte[] header = lines.get(0).bytes();
        String later = new String(header, UTF_8).replace("\"format\":1", "\"format\":2");
        assertThat(((Bad) Exports.verdict(later.getBytes(UTF_8))).reason())
                .isEqualTo("format: 2 (expected: 1; for later ones, use a later Andon)");
    }

    @Test
    void keys_are_read_from_PEM_and_from_plain_text() {
        String one = Exports.publicKey(Samples.NODE_KEY);
        String two = Exports.publicKey(OTHER);
        assertThat(PublicKeys.read(one + "\n")).containsExactly(one);
        assertThat(PublicKeys.read("node n1\n" + PublicKeys.pem(one) + "\nnode n2\n" + PublicKeys.pem(two)))
                .containsExactly(one, two);
        for (String wrong : List.of(
                "", "no key", PublicKeys.pem("MIIB"), one.substring(1), "ssh-ed25519 AAAAC3Nz", PublicKeys.pem(""))) {
            assertThatThrownBy(() -> PublicKeys.read(wrong))
                    .as(wrong)
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining("(expected: an Ed25519 public key");
        }
    }
}
