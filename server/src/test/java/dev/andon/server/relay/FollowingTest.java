package dev.andon.server.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.ledger.ChainHash;
import dev.andon.store.LedgerHead;
import dev.andon.store.LedgerPosition;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When a relay reads on, of a ledger that it looks at from time to time. */
class FollowingTest {
    private static final LedgerHead FIRST = head(1);

    private static LedgerHead head(long version) {
        return new LedgerHead("l", 1, new LedgerPosition(version, ChainHash.parse("1".repeat(64))));
    }

    private final Following following = new Following();

    @Test
    void readsOnWhenTheEndHasMovedOrMoreIsThereThanWasRead() {
        assertThat(following.looked(Optional.of(FIRST))).isTrue();
        assertThat(following.looked(Optional.of(FIRST))).as("not read yet").isTrue();
        following.given(0, 1);
        assertThat(following.looked(Optional.of(FIRST))).isFalse();
        assertThat(following.looked(Optional.of(head(2)))).isTrue();
    }

    /** Whoever follows may have got through in between, and would take the upstream for reachable. */
    @Test
    void hasItSeenThatTheUpstreamIsGoneWheneverItHadAnAnswerSince() {
        assertThat(following.looked(Optional.empty())).isFalse();
        following.answered();
        assertThat(following.looked(Optional.empty())).isTrue();
        assertThat(following.looked(Optional.empty())).isFalse();
        following.given(0, 1);
        assertThat(following.looked(Optional.empty())).isTrue();
        assertThat(following.looked(Optional.empty())).isFalse();
    }
}
