package dev.andon.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.ledger.ChainHash;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import dev.andon.store.StoreDescription.Replication;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WireTest {
    private static final LedgerHead HEAD =
            new LedgerHead("l", 1, new LedgerPosition(7, ChainHash.parse("1".repeat(64))));

    private static Wire.Head read(Optional<Long> cutOffMs) {
        Wire.Head said = new Wire.Head(HEAD, Replication.UNKNOWN, List.of(), List.of(), cutOffMs);
        return Wire.Head.read(said.toJson().utf8());
    }

    @Test
    void aHeadIsReadWhateverTheUpstreamsClockDid() {
        long years = Duration.ofDays(3_000).toMillis();
        for (long cutOffMs : new long[] {years, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            Wire.Head head = read(Optional.of(cutOffMs));
            assertThat(head.head()).isEqualTo(HEAD);
            assertThat(head.cutOffMs())
                    .hasValueSatisfying(forMs ->
                            assertThat(forMs).isBetween(0L, Duration.ofDays(366).toMillis()));
        }
        assertThat(read(Optional.of(42_000L)).cutOffMs()).contains(42_000L);
        assertThat(read(Optional.empty()).cutOffMs()).isEmpty();
    }
}
