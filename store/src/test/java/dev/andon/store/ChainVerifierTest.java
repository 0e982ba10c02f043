package dev.andon.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.ledger.ChainHash;
import dev.andon.store.ChainVerifier.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ChainVerifierTest {
    private final List<StoredEntry> entries = new ArrayList<>();
    private LedgerPosition end = LedgerPosition.START;

    ChainVerifierTest() {
        for (int i = 1; i <= 5; i++) {
            byte[] bytes = ("entry " + i).getBytes(UTF_8);
            end = end.next(bytes);
            entries.add(new StoredEntry(i < 4 ? 1 : 9, i, bytes, end.hash()));
        }
    }

    private long firstBroken() {
        return ((Verdict.Broken) ChainVerifier.verify(LedgerPosition.START, entries)).version();
    }

    @Test
    void anIntactRunLeadsToItsEnd() {
        assertThat(ChainVerifier.verify(LedgerPosition.START, entries)).isEqualTo(new Verdict.Intact(end));
        assertThat(ChainVerifier.verify(entries.get(1).position(), entries.subList(2, 5)))
                .isEqualTo(new Verdict.Intact(end));
        assertThat(ChainVerifier.verify(end, List.of())).isEqualTo(new Verdict.Intact(end));
    }

    @Test
    void changedBytesAreFoundWhereTheyAre() {
        entries.set(
                2,
                new StoredEntry(1, 3, "entry x".getBytes(UTF_8), entries.get(2).hash()));
        assertThat(firstBroken()).isEqualTo(3);
    }

    @Test
    void bytesChangedWithTheirHashAreFoundInTheNextEntry() {
        byte[] forged = "entry x".getBytes(UTF_8);
        entries.set(2, new StoredEntry(1, 3, forged, entries.get(1).hash().next(3, forged)));
        assertThat(firstBroken()).isEqualTo(4);
    }

    @Test
    void aMissingADoubledAndASwappedEntryAreFound() {
        StoredEntry third = entries.remove(2);
        assertThat(firstBroken()).isEqualTo(3);
        entries.add(2, entries.get(1));
        assertThat(firstBroken()).isEqualTo(3);
        entries.set(2, entries.get(3));
        entries.set(3, third);
        assertThat(firstBroken()).isEqualTo(3);
    }

    @Test
    void epochsNeverGoBack() {
        StoredEntry last = entries.getLast();
        entries.set(4, new StoredEntry(8, 5, last.bytes(), last.hash()));
        assertThat(firstBroken()).isEqualTo(5);
    }

    @Test
    void theDefinitionHasATestVector() {
        assertThat(LedgerPosition.START.next("andon".getBytes(UTF_8)).hash().hex())
                .isEqualTo(ChainHash.parse(
                                ChainHash.ZERO.next(1, "andon".getBytes(UTF_8)).hex())
                        .hex())
                .isEqualTo("3f408216e2ecc711af52c88117a0909cdf2c707b611493b2d54ca3c64ca5de95");
    }
}
