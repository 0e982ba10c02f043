package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Provenance;
import dev.andon.core.json.Fields;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ForeignRollTest {
    private static final String PRODUCTION = "production";
    private static final Duration REMEMBER = Duration.ofMinutes(10);
    private static final Served OLD = new Served(new Provenance("ledger", 1, 1), Set.of(), Set.of());
    private static final Served NEW = new Served(new Provenance("ledger", 1, 2), Set.of(), Set.of());

    private final Told told = new Told();
    private final List<InstanceKey> forgotten = new ArrayList<>();
    private final ForeignRoll roll = new ForeignRoll(REMEMBER, environment -> Optional.of(NEW), forgotten::add);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    ForeignRollTest() {
        roll.add(told);
    }

    private static Client client(String service, String name, boolean keeps) {
        return new Client(new InstanceKey(PRODUCTION, service, name), Protocol.OFREP, "agent/1", keeps);
    }

    private static Client page(String name) {
        return client("page", name, true);
    }

    private void later(Duration by) {
        now = now.plus(by);
        roll.tick(now);
    }

    private List<String> shown() {
        return roll.list(PRODUCTION, Duration.ZERO).stream()
                .map(Fields::lenient)
                .map(one -> one.text("instance") + " " + one.text("state"))
                .sorted()
                .toList();
    }

    @Test
    void aStreamIsToldFromWhatIsKnownOfItsClient() {
        roll.opened(page("a"), 1, now);
        assertThat(shown()).containsExactly("a silent");
        roll.sent(page("a"), 1, NEW, 0);
        assertThat(shown()).containsExactly("a sent");
        roll.asked(page("a"), OLD, 0, now);
        assertThat(shown()).containsExactly("a sent");
        roll.asked(page("a"), NEW, 0, now);
        assertThat(shown()).containsExactly("a live");
        roll.closed(page("a"), 1, false, now);
        assertThat(shown()).containsExactly("a unreachable");
        assertThat(told.lines).containsExactly("found a", "sent a", "confirmed a", "confirmed a", "vanished a");
    }

    @Test
    void ofSeveralStreamsTheLastDecides() {
        roll.opened(page("a"), 1, now);
        roll.opened(page("a"), 2, now);
        roll.sent(page("a"), 1, NEW, 0);
        assertThat(shown()).containsExactly("a silent");
        roll.sent(page("a"), 2, NEW, 0);
        assertThat(shown()).containsExactly("a sent");
        roll.closed(page("a"), 1, false, now);
        roll.closed(page("a"), 1, false, now);
        assertThat(shown()).containsExactly("a sent");
        roll.closed(page("a"), 2, true, now);
        assertThat(shown()).isEmpty();
        assertThat(told.lines).endsWith("sent a", "left a");
    }

    @Test
    void whoDoesNotAskAnyMoreIsUnreachableAndForgottenLater() {
        roll.asked(page("a"), OLD, 0, now);
        later(ForeignEntry.PATIENCE);
        assertThat(shown()).containsExactly("a silent");
        later(Duration.ofSeconds(1));
        assertThat(shown()).containsExactly("a unreachable");
        later(ForeignRoll.REMEMBER_OFREP.plusSeconds(1));
        assertThat(shown()).isEmpty();
        assertThat(told.lines).containsExactly("found a", "confirmed a", "vanished a");
        assertThat(forgotten).containsExactly(page("a").key());
    }

    @Test
    void whoAsksSeldomIsWaitedForLonger() {
        roll.asked(page("a"), OLD, 0, now);
        now = now.plus(Duration.ofMinutes(2));
        roll.asked(page("a"), OLD, 0, now);
        later(Duration.ofMinutes(6));
        assertThat(shown()).containsExactly("a silent");
        later(Duration.ofSeconds(1));
        assertThat(shown()).containsExactly("a unreachable");
        roll.asked(page("a"), NEW, 0, now);
        assertThat(shown()).containsExactly("a live");
        assertThat(told.lines).endsWith("vanished a", "found a", "confirmed a");
    }

    @Test
    void whoKeepsNothingIsGoneWhenItDoesNotAsk() {
        roll.asked(client("page", "a", false), OLD, 0, now);
        later(ForeignEntry.PATIENCE_WITH_FORGETFUL.plusSeconds(1));
        assertThat(shown()).isEmpty();
        assertThat(told.lines).containsExactly("found a", "confirmed a", "left a");
    }

    @Test
    void aServerIsRememberedAsLongAsInstancesAre() {
        Client sync = new Client(
                new InstanceKey(PRODUCTION, "shop", "a"), Protocol.FLAGD_SYNC, "grpc-java/1", true, Optional.of("x"));
        roll.opened(sync, 1, now);
        roll.closed(sync, 1, false, now);
        later(REMEMBER);
        assertThat(shown()).containsExactly("a unreachable");
        later(Duration.ofSeconds(1));
        assertThat(shown()).isEmpty();
    }

    @Test
    void thousandsOfOneKeyPushOutEachOtherAlone() {
        roll.asked(client("cart", "x", true), OLD, 0, now);
        for (int i = 0; i < ForeignRoll.MOST_OF_ONE_GROUP + 10; i++) {
            roll.asked(page("page-" + i), OLD, 0, now);
            roll.asked(page("page-0"), OLD, 0, now);
        }
        assertThat(shown())
                .hasSize(ForeignRoll.MOST_OF_ONE_GROUP + 1)
                .contains("x silent", "page-0 silent")
                .doesNotContain("page-1 silent", "page-10 silent")
                .contains("page-11 silent");
        assertThat(roll.unlistedCount(PRODUCTION, now)).isEqualTo(10);
        assertThat(roll.unlistedCount("staging", now)).isZero();
        assertThat(roll.dropped()).isEqualTo(10);
        assertThat(roll.unlistedCount(PRODUCTION, now.plus(REMEMBER).plusSeconds(1)))
                .isZero();
    }

    @Test
    void inAllThereAreNoMoreThanFit() {
        for (int key = 0; key < 5; key++) {
            for (int i = 0; i < ForeignRoll.MOST_OF_ONE_GROUP - 1; i++) {
                roll.asked(client("key-" + key, "page-" + i, true), OLD, 0, now);
            }
        }
        assertThat(shown()).hasSize(ForeignRoll.MOST);
        for (int key = 0; key < 5; key++) {
            String last = "page-" + (ForeignRoll.MOST_OF_ONE_GROUP - 2);
            assertThat(roll.present(PRODUCTION))
                    .extracting(one -> one.instance().key())
                    .contains(new InstanceKey(PRODUCTION, "key-" + key, last));
        }
    }

    @Test
    void overARestartThoseWhoWereThereVanish() {
        roll.opened(page("a"), 1, now);
        roll.asked(page("a"), NEW, 0, now);
        roll.asked(client("page", "b", false), NEW, 0, now);
        byte[] saved = roll.encode(now, Duration.ZERO);
        ForeignRoll next = new ForeignRoll(REMEMBER, environment -> Optional.of(NEW), key -> {});
        next.load(saved, now);
        assertThat(next.present(PRODUCTION)).singleElement().satisfies(one -> {
            assertThat(one.connected()).isFalse();
            assertThat(one.instance().protocol()).isEqualTo(Protocol.OFREP);
            assertThat(one.instance().key()).isEqualTo(page("a").key());
        });
        next.load("nonsense".getBytes(java.nio.charset.StandardCharsets.UTF_8), now);
        assertThat(next.present(PRODUCTION)).hasSize(1);
    }

    @Test
    void aWidenedKillMakesNoOtherState() {
        Served widened = new Served(NEW.at(), NEW.pending(), Set.of(new KillId("9f86d081", 1)));
        roll.opened(page("a"), 1, now);
        roll.opened(page("a"), 2, now);
        roll.sent(page("a"), 1, widened, 0);
        roll.sent(page("a"), 2, NEW, 0);
        assertThat(shown()).containsExactly("a sent");
        assertThat(told.lines).endsWith("sent a, widened 1");
    }

    @Test
    void whatClientsSayIsMadeFitToBeShown() {
        Client client = new Client(
                new InstanceKey(PRODUCTION, "a\nb", "\u202e\u0000\ud800" + "x".repeat(1_000)),
                Protocol.OFREP,
                "\t \n",
                true);
        assertThat(client.key().service()).isEqualTo("a?b");
        assertThat(client.key().instance()).startsWith("???x").hasSize(128);
        assertThat(client.sdk()).isEqualTo("? ?");
        assertThat(new Client(client.key(), Protocol.OFREP, "", true).sdk()).isEqualTo("unknown");
    }
}
