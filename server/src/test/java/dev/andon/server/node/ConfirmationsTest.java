package dev.andon.server.node;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.event.Event;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageDelta;
import dev.andon.core.image.Provenance;
import dev.andon.core.model.Origin;
import dev.andon.core.model.Target;
import dev.andon.core.stop.KillOrder;
import dev.andon.store.LocalFile;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfirmationsTest {
    private static final Instant NOW = Instant.parse("2026-11-22T14:03:00Z");

    @TempDir
    Path folder;

    private NodeKey key;
    private Confirmations node;

    @BeforeEach
    void open() {
        key = NodeKey.loadOrCreate(new LocalFile(folder.resolve("key")), new SecureRandom());
        node = new Confirmations(key);
    }

    private static KillOrders.Ordered ordered(String tag, int flags, String reason) {
        TreeSet<String> keys = new TreeSet<>();
        IntStream.range(0, flags).forEach(i -> keys.add("f" + i));
        KillOrder order = new KillOrder(
                "production",
                new Target.Tagged(tag),
                keys,
                Optional.empty(),
                List.of(),
                List.of(),
                reason,
                "ann",
                Origin.HUMAN,
                Optional.empty());
        return new KillOrders.Ordered(order, keys);
    }

    private void require(String token, int flags, Instant now) {
        node.require(Optional.of(token), ordered("x", flags, "another reason"), Image.EMPTY, now);
    }

    @Test
    void aTokenHoldsForFiveMinutesWhateverTheReason() {
        String token = node.issue(ordered("x", 7, "a reason"), true, NOW).token();
        assertThatCode(() -> require(token, 7, NOW.plus(Duration.ofMinutes(5)))).doesNotThrowAnyException();
        assertThatThrownBy(
                        () -> require(token, 7, NOW.plus(Duration.ofMinutes(5)).plusMillis(1)))
                .isInstanceOf(Refused.class)
                .hasMessage("confirm: a token that has expired at 2026-11-22T14:08:00Z (expected: one that is at most 5"
                        + " minutes old; make a dry run again)");
    }

    @Test
    void theNumberMayDifferByATenth() {
        String token = node.issue(ordered("x", 100, "r"), true, NOW).token();
        for (int flags : List.of(90, 100, 110)) {
            assertThatCode(() -> require(token, flags, NOW)).as("%d", flags).doesNotThrowAnyException();
        }
        for (int flags : List.of(0, 89, 111)) {
            assertThatThrownBy(() -> require(token, flags, NOW)).as("%d", flags).isInstanceOf(Refused.class);
        }
        String few = node.issue(ordered("x", 9, "r"), true, NOW).token();
        assertThatThrownBy(() -> require(few, 10, NOW)).isInstanceOf(Refused.class);
    }

    @Test
    void anotherNodeOfTheLedgerAcceptsItAndAStrangerDoesNot() {
        KillOrders.Ordered seen = ordered("x", 7, "r");
        Optional<String> token = Optional.of(node.issue(seen, true, NOW).token());
        Confirmations other =
                new Confirmations(NodeKey.loadOrCreate(new LocalFile(folder.resolve("other")), new SecureRandom()));
        Image ledger = new ImageDelta(Image.EMPTY)
                .apply(1, new Event.NodeSaved(key.node()))
                .build(new Provenance("ledger", 1, 1));

        assertThatCode(() -> other.require(token, seen, ledger, NOW)).doesNotThrowAnyException();
        assertThatThrownBy(() -> other.require(token, seen, Image.EMPTY, NOW))
                .hasMessageContaining("a token that no node of this ledger has signed");
    }

    @Test
    void itSurvivesARestartOfItsNode() {
        KillOrders.Ordered seen = ordered("x", 7, "r");
        Optional<String> token = Optional.of(node.issue(seen, true, NOW).token());
        Confirmations restarted =
                new Confirmations(NodeKey.loadOrCreate(new LocalFile(folder.resolve("key")), new SecureRandom()));
        assertThatCode(() -> restarted.require(token, seen, Image.EMPTY, NOW)).doesNotThrowAnyException();
    }
}
