package dev.andon.server.instance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Provenance;
import dev.andon.core.json.Fields;
import dev.andon.core.model.KillId;
import dev.andon.server.node.ForeignListener.Client;
import dev.andon.server.node.ForeignListener.Room;
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

    private static final Room PLACE = new Room(false, "place");

    private final Told told = new Told();
    private final List<InstanceKey> forgotten = new ArrayList<>();
    private final ForeignRoll roll =
            new ForeignRoll(REMEMBER, ForeignLimits.DEFAULT, environment -> Optional.of(NEW), forgotten::add);
    private Instant now = Instant.parse("2026-11-22T12:00:00Z");

    ForeignRollTest() {
        roll.add(told);
    }

    private static Client client(String service, String name, boolean keeps) {
        return new Client(
                new InstanceKey(PRODUCTION, service, name), Protocol.OFREP, "agent/1", keeps, new Room(true, service));
    }

    private static Client sync(String name, Room room) {
        return new Client(new InstanceKey(PRODUCTION, "shop", name), Protocol.FLAGD_SYNC, "grpc-java/1", true, room);
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
        roll.lost(page("a"), 1, Duration.ZERO, now);
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
        roll.lost(page("a"), 1, Duration.ZERO, now);
        roll.lost(page("a"), 1, Duration.ZERO, now);
        assertThat(shown()).containsExactly("a sent");
        roll.parted(page("a"), 2, now);
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
        Client sync = sync("a", PLACE);
        roll.opened(sync, 1, now);
        roll.lost(sync, 1, Duration.ZERO, now);
        later(REMEMBER);
        assertThat(shown()).containsExactly("a unreachable");
        later(Duration.ofSeconds(1));
        assertThat(shown()).isEmpty();
    }

    @Test
    void thousandsOfOneKeyPushOutEachOtherAlone() {
        roll.asked(client("cart", "x", true), OLD, 0, now);
        for (int i = 0; i < ForeignLimits.DEFAULT.ofOneRoom() + 10; i++) {
            roll.asked(page("page-" + i), OLD, 0, now);
            roll.asked(page("page-0"), OLD, 0, now);
        }
        assertThat(shown())
                .hasSize(ForeignLimits.DEFAULT.ofOneRoom() + 1)
                .contains("x silent", "page-0 silent")
                .doesNotContain("page-1 silent", "page-10 silent")
                .contains("page-11 silent");
        assertThat(roll.unlistedCount(PRODUCTION, now)).isEqualTo(10);
        assertThat(roll.unlistedCount("staging", now)).isZero();
        assertThat(roll.dropped()).isEqualTo(10);
        assertThat(roll.unlistedCount(PRODUCTION, now.plus(ForeignRoll.UNSEEN).plusSeconds(1)))
                .isZero();
    }

    @Test
    void inAllThereAreNoMoreThanFit() {
        for (int key = 0; key < 5; key++) {
            for (int i = 0; i < ForeignLimits.DEFAULT.ofOneRoom() - 1; i++) {
                roll.asked(client("key-" + key, "page-" + i, true), OLD, 0, now);
            }
        }
        assertThat(shown()).hasSize(ForeignLimits.DEFAULT.withKeys());
        for (int key = 0; key < 5; key++) {
            String last = "page-" + (ForeignLimits.DEFAULT.ofOneRoom() - 2);
            assertThat(roll.present(PRODUCTION))
                    .extracting(one -> one.instance().key())
                    .contains(new InstanceKey(PRODUCTION, "key-" + key, last));
        }
    }

    private ForeignRoll small(int ofOneRoom, int withKeys, int withoutKeys, int withStreams) {
        ForeignRoll small = new ForeignRoll(
                REMEMBER,
                new ForeignLimits(ofOneRoom, withKeys, withoutKeys, withStreams),
                environment -> Optional.of(NEW),
                forgotten::add);
        small.add(told);
        return small;
    }

    private static List<String> names(ForeignRoll of) {
        return of.present(PRODUCTION).stream()
                .map(one -> one.instance().key().instance())
                .sorted()
                .toList();
    }

    @Test
    void nobodyLeavesWhoHasAStream() {
        ForeignRoll small = small(2, 9, 9, 9);
        small.opened(page("streams"), 1, now);
        for (int i = 0; i < 10; i++) {
            small.asked(page("polls-" + i), OLD, 0, now);
        }
        assertThat(names(small)).containsExactly("polls-8", "polls-9", "streams");
        small.sent(page("streams"), 1, NEW, 0);
        assertThat(told.lines).endsWith("sent streams");
        small.lost(page("streams"), 1, Duration.ZERO, now);
        assertThat(names(small)).as("it has none any more").containsExactly("polls-9", "streams");
    }

    @Test
    void streamsThatCanNotBeListedCountForAsLongAsTheyAreOpen() {
        ForeignRoll small = small(9, 9, 9, 1);
        small.opened(page("a"), 1, now);
        small.opened(page("b"), 2, now);
        small.opened(page("b"), 3, now);
        small.sent(page("b"), 2, NEW, 0);
        assertThat(names(small)).containsExactly("a");
        assertThat(told.lines).containsExactly("found a", "unlisted in production", "unlisted in production");
        now = now.plus(Duration.ofDays(1));
        small.tick(now);
        assertThat(small.unlistedCount(PRODUCTION, now)).isEqualTo(2);
        small.parted(page("b"), 2, now);
        assertThat(small.unlistedCount(PRODUCTION, now)).isEqualTo(1);
        small.lost(page("b"), 3, Duration.ZERO, now);
        assertThat(small.unlistedCount(PRODUCTION, now))
                .as("lost, and not gone")
                .isEqualTo(1);
        now = now.plus(REMEMBER).plus(ForeignEntry.LONGEST_PATIENCE).plusSeconds(60);
        assertThat(small.unlistedCount(PRODUCTION, now)).isZero();
        assertThat(small.dropped()).isEqualTo(2);
    }

    @Test
    void whoMakesUpClientsPushesOutItsOwnAlone() {
        ForeignRoll small = small(9, 4, 4, 9);
        small.asked(client("keyed", "keyed", true), OLD, 0, now);
        small.asked(sync("elsewhere", new Room(false, "elsewhere")), OLD, 0, now);
        for (int i = 0; i < 20; i++) {
            small.asked(sync("made-up-" + i, PLACE), OLD, 0, now);
        }
        assertThat(names(small)).containsExactly("elsewhere", "keyed", "made-up-17", "made-up-18", "made-up-19");
    }

    @Test
    void oneOfSeveralProcessesThatIsLostIsMissingUntilAnotherStreamOpens() {
        Client shop = sync("shop", PLACE);
        for (int stream = 1; stream <= 3; stream++) {
            roll.opened(shop, stream, now);
            roll.sent(shop, stream, NEW, stream);
        }
        assertThat(shown()).containsExactly("shop sent");
        told.lines.clear();
        roll.lost(shop, 1, Duration.ZERO, now);
        roll.lost(shop, 2, Duration.ZERO, now);
        assertThat(shown()).containsExactly("shop unreachable");
        assertThat(roll.present(PRODUCTION)).singleElement().satisfies(one -> {
            assertThat(one.connected()).isFalse();
            assertThat(one.missing()).isEqualTo(2);
        });
        roll.sent(shop, 3, NEW, 0);
        assertThat(told.lines).containsExactly("vanished shop", "vanished shop, 2 missing");
        roll.opened(shop, 4, now);
        roll.sent(shop, 4, NEW, 0);
        assertThat(shown()).containsExactly("shop unreachable");
        roll.opened(shop, 5, now);
        roll.sent(shop, 5, NEW, 0);
        assertThat(shown()).containsExactly("shop sent");
        assertThat(told.lines).endsWith("found shop, 1 missing", "found shop", "sent shop");
    }

    /** A connection that nothing is heard of is noticed to be dead a minute later, and clients don't wait for that. */
    @Test
    void oneThatCameBackBeforeItsLossWasNoticedIsNotMissing() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        now = now.plusSeconds(100);
        roll.opened(shop, 2, now);
        now = now.plusSeconds(20);
        roll.sent(shop, 2, NEW, 0);
        roll.lost(shop, 1, Duration.ofSeconds(60), now);
        assertThat(shown()).containsExactly("shop sent");
        roll.opened(shop, 3, now);
        now = now.plusSeconds(60);
        roll.sent(shop, 3, NEW, 0);
        roll.lost(shop, 2, Duration.ofSeconds(30), now);
        assertThat(shown()).as("opened while the lost one was heard of").containsExactly("shop unreachable");
    }

    @Test
    void oneStreamIsTheReturnOfOneAlone() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        now = now.plusSeconds(100);
        roll.opened(shop, 3, now);
        now = now.plusSeconds(50);
        roll.lost(shop, 1, Duration.ofSeconds(60), now);
        roll.lost(shop, 2, Duration.ofSeconds(60), now);
        assertThat(shown()).containsExactly("shop unreachable");
    }

    @Test
    void theLastGoodbyeDoesNotEraseWhoIsMissing() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.lost(shop, 1, Duration.ZERO, now);
        roll.parted(shop, 2, now);
        assertThat(shown()).containsExactly("shop unreachable");
        assertThat(told.lines).endsWith("vanished shop");
        later(REMEMBER.plusSeconds(1));
        assertThat(shown()).isEmpty();
    }

    @Test
    void whoIsMissingIsForgottenLaterAndTheOthersStay() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.sent(shop, 2, NEW, 0);
        roll.lost(shop, 1, Duration.ZERO, now);
        later(REMEMBER);
        assertThat(shown()).containsExactly("shop unreachable");
        later(Duration.ofSeconds(1));
        roll.sent(shop, 2, NEW, 0);
        assertThat(shown()).containsExactly("shop sent");
    }

    @Test
    void anEvaluationByOneProcessProvesNothingForOneThatIsMissing() {
        Client till = new Client(
                new InstanceKey(PRODUCTION, "till", "till"), Protocol.FLAGD_EVALUATION, "grpc/1", false, PLACE);
        roll.opened(till, 1, now);
        roll.opened(till, 2, now);
        roll.lost(till, 1, Duration.ZERO, now);
        roll.asked(till, NEW, 0, now);
        assertThat(shown()).containsExactly("till unreachable");
        assertThat(told.lines).endsWith("vanished till");
        roll.parted(till, 2, now);
        roll.asked(till, NEW, 0, now);
        assertThat(shown()).as("it may be the one").containsExactly("till live");
    }

    @Test
    void whenAStreamSaysGoodbyeTheOthersDecide() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.sent(shop, 2, NEW, 0);
        assertThat(shown()).containsExactly("shop silent");
        roll.parted(shop, 1, now);
        assertThat(shown()).containsExactly("shop sent");
        assertThat(told.lines).endsWith("sent shop");
    }

    /** One was sent a kill on its way, the other the version that has it: both hold it. */
    @Test
    void whatAllStreamsWereSentIsTheOldestOfIt() {
        KillId kill = new KillId("9f86d081", 1);
        Served pending = new Served(OLD.at(), Set.of(kill), Set.of());
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.sent(shop, 1, NEW, 0);
        roll.sent(shop, 2, pending, 0);
        assertThat(told.served).containsExactly(pending);
        roll.sent(shop, 1, new Served(OLD.at(), Set.of(new KillId("9f86d081", 2)), Set.of()), 0);
        assertThat(told.served).as("neither holds what the other holds").containsExactly(pending);
        roll.sent(shop, 2, NEW, 0);
        roll.sent(shop, 1, NEW, 0);
        assertThat(told.served.getLast()).isEqualTo(NEW);
        assertThat(shown()).containsExactly("shop sent");
    }

    /** It shows what it fetched, and nobody knows for how long. */
    @Test
    void onePageThatFetchedAndVanishedCountsForHoursAndOverARestart() {
        roll.asked(page("a"), OLD, 0, now);
        later(Duration.ofMinutes(2));
        later(Duration.ofMinutes(2).plusSeconds(1));
        assertThat(shown()).isEmpty();
        assertThat(roll.unlistedCount(PRODUCTION, now)).isEqualTo(1);
        ForeignRoll next = small(9, 9, 9, 9);
        next.load(roll.encode(now, Duration.ZERO), now);
        assertThat(next.unlistedCount(PRODUCTION, now)).isEqualTo(1);
        later(Duration.ofHours(3));
        assertThat(roll.unlistedCount(PRODUCTION, now)).isEqualTo(1);
        later(Duration.ofHours(1));
        assertThat(roll.unlistedCount(PRODUCTION, now)).isZero();
        assertThat(next.unlistedCount(PRODUCTION, now.plusSeconds(60))).isZero();
        assertThat(roll.dropped()).isZero();
    }

    @Test
    void whoPollsEveryFiveMinutesIsWaitedForAccordingly() {
        roll.asked(page("a"), OLD, 0, now);
        later(Duration.ofMinutes(2));
        later(Duration.ofMinutes(3));
        assertThat(shown()).isEmpty();
        roll.asked(page("a"), OLD, 0, now);
        assertThat(roll.unlistedCount(PRODUCTION, now)).isZero();
        later(Duration.ofMinutes(9));
        assertThat(shown()).containsExactly("a silent");
    }

    @Test
    void receiptsGoOnCountingWhoWasMissingWhenTheListForgets() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.sent(shop, 2, NEW, 0);
        roll.lost(shop, 1, Duration.ZERO, now);
        told.lines.clear();
        later(REMEMBER.plusSeconds(1));
        assertThat(told.lines).containsExactly("unlisted in production", "found shop", "sent shop");
        assertThat(shown()).containsExactly("shop sent");
    }

    @Test
    void overARestartAllProcessesAreMissing() {
        Client shop = sync("shop", PLACE);
        roll.opened(shop, 1, now);
        roll.opened(shop, 2, now);
        roll.opened(shop, 3, now);
        roll.lost(shop, 1, Duration.ZERO, now);
        ForeignRoll next = small(9, 9, 9, 9);
        next.load(roll.encode(now, Duration.ZERO), now);
        assertThat(next.present(PRODUCTION))
                .singleElement()
                .satisfies(one -> assertThat(one.missing()).isEqualTo(3));
    }

    @Test
    void overARestartThoseWhoWereThereVanish() {
        roll.opened(page("a"), 1, now);
        roll.asked(page("a"), NEW, 0, now);
        roll.asked(client("page", "b", false), NEW, 0, now);
        byte[] saved = roll.encode(now, Duration.ZERO);
        ForeignRoll next = new ForeignRoll(REMEMBER, ForeignLimits.DEFAULT, environment -> Optional.of(NEW), key -> {});
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
                true,
                PLACE);
        assertThat(client.key().service()).isEqualTo("a?b");
        assertThat(client.key().instance()).startsWith("???x").hasSize(128);
        assertThat(client.sdk()).isEqualTo("? ?");
        assertThat(new Client(client.key(), Protocol.OFREP, "", true, PLACE).sdk())
                .isEqualTo("unknown");
    }
}
