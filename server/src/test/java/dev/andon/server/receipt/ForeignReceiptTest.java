package dev.andon.server.receipt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.json.Fields;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.server.node.ForeignListener.Served;
import dev.andon.server.node.Instance;
import dev.andon.server.node.MissingNode;
import dev.andon.server.node.Protocol;
import dev.andon.server.node.StreamListener.InstanceKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What a receipt says of clients that don't speak Andon's own stream. */
class ForeignReceiptTest {
    private static final String PRODUCTION = "production";
    private static final KillId KILL = new KillId("9f86d081", 1);
    private static final Provenance STATE = new Provenance("ledger", 1, 1);
    private static final Served BEFORE = new Served(STATE, Set.of(), Set.of());
    private static final Served KILLED = new Served(STATE, Set.of(KILL), Set.of());
    private static final Instance SHOP =
            new Instance(new InstanceKey(PRODUCTION, "shop", "shop-1"), Optional.empty(), "andon-java/1");
    private static final Instance PAGE = foreign("page", Protocol.OFREP);
    private static final Instance CART = foreign("cart", Protocol.FLAGD_SYNC);
    private static final long MS = 1_000_000;

    private final Receipt receipt = new Receipt(kill(), Instant.EPOCH, 0);

    private static Instance foreign(String service, String name) {
        return new Instance(
                new InstanceKey(PRODUCTION, service, name),
                Optional.empty(),
                "agent/" + name,
                Protocol.OFREP,
                Optional.empty());
    }

    private static Instance foreign(String name, Protocol protocol) {
        return new Instance(
                new InstanceKey(PRODUCTION, name, name + "-1"),
                Optional.empty(),
                "agent/1",
                protocol,
                Optional.empty());
    }

    private static StandingKill kill() {
        Kill kill = new Kill(
                KILL,
                PRODUCTION,
                new Target.OneFlag("pay"),
                new TreeSet<>(Set.of("pay")),
                Optional.empty(),
                List.of("shop"),
                List.of(),
                "it misbehaves",
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                "n1",
                Optional.empty());
        return new StandingKill(new SignedKill(kill.toJson().text(), "signed", kill), kill.flags());
    }

    private void there(Instance... instances) {
        for (Instance instance : instances) {
            receipt.add(instance, true);
        }
    }

    private void acks(Instance instance) {
        Frame.Held state = new Frame.Held(STATE, "digest");
        receipt.acked(instance.key(), new Frame.Ack(state, List.of(KILL), 0), 5 * MS, Instant.EPOCH);
    }

    private boolean sent(Instance instance, Served served) {
        return receipt.sent(instance.key(), served, 7 * MS, Instant.EPOCH);
    }

    private boolean confirms(Instance instance, Served served) {
        return receipt.confirmed(instance.key(), served, 9 * MS, Instant.EPOCH);
    }

    private Fields shown() {
        return Fields.lenient(receipt.toJson());
    }

    /** A node that wasn't there when the kill went out hears of its clients later, and of what they have by then. */
    @Test
    void namesWhoMayHaveBeenThereAtANodeThatHasNotSaidYet() {
        assertThat(receipt.missing(Set.of(new MissingNode("n2", Optional.empty()))))
                .isTrue();
        assertThat(receipt.found(PAGE, Optional.of(KILLED), 0)).isTrue();
        assertThat(receipt.confirmed(PAGE.key(), KILLED, 5 * MS, Instant.EPOCH)).isTrue();
        assertThat(receipt.missing(Set.of())).isTrue();
        assertThat(receipt.proven()).isTrue();
        assertThat(receipt.members).containsOnlyKeys(PAGE.key());

        Receipt whole = new Receipt(kill(), Instant.EPOCH, 0);
        assertThat(whole.found(PAGE, Optional.of(KILLED), 0)).isFalse();
        assertThat(whole.members).isEmpty();
    }

    @Test
    void whatWasOnlySentIsNeverProven() {
        there(SHOP, PAGE, CART);
        acks(SHOP);
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        assertThat(sent(PAGE, BEFORE)).isFalse();
        assertThat(sent(PAGE, KILLED)).isTrue();
        assertThat(sent(PAGE, KILLED)).isFalse();
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        sent(CART, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        assertThat(receipt.closed()).isFalse();
        assertThat(receipt.saysNoMore()).isFalse();
        confirms(PAGE, BEFORE);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        confirms(PAGE, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        assertThat(receipt.saysNoMore()).isTrue();
        assertThat(shown().whole("sent", 0, 9)).isEqualTo(1);
        assertThat(shown().whole("unconfirmable", 0, 9)).isEqualTo(1);
        assertThat(shown().whole("confirmed", 0, 9)).isEqualTo(1);
        assertThat(shown().whole("applied", 0, 9)).isEqualTo(1);
        assertThat(shown().number("maxMs")).isEqualTo(5);
        receipt.left(CART.key());
        assertThat(receipt.verdict()).isEqualTo(Verdict.PROVEN);
        assertThat(receipt.closed()).isTrue();
    }

    @Test
    void oneThatWasSentItAndVanishedIsUnreachable() {
        there(SHOP, PAGE);
        acks(SHOP);
        sent(PAGE, KILLED);
        receipt.vanished(PAGE.key(), 1);
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        assertThat(receipt.found(PAGE, Optional.of(BEFORE), 0)).isTrue();
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        sent(PAGE, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
    }

    @Test
    void oneThatConfirmedAndVanishedHasItAllTheSame() {
        there(SHOP, PAGE);
        confirms(PAGE, KILLED);
        receipt.vanished(PAGE.key(), 1);
        receipt.found(PAGE, Optional.of(BEFORE), 0);
        acks(SHOP);
        assertThat(receipt.verdict()).isEqualTo(Verdict.PROVEN);
    }

    @Test
    void whoComesLaterJoinsUnlessItHasTheKill() {
        there(SHOP);
        assertThat(receipt.found(PAGE, Optional.of(KILLED), 0)).isFalse();
        assertThat(receipt.found(CART, Optional.empty(), 0)).isTrue();
        acks(SHOP);
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        sent(CART, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
    }

    @Test
    void clientsThatAreNotListedAreMissedInTheVerdict() {
        there(SHOP);
        receipt.unlisted(3);
        acks(SHOP);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        assertThat(receipt.saysNoMore()).isTrue();
        assertThat(shown().whole("unlisted", 0, 9)).isEqualTo(3);
    }

    /** Nobody is known to be there, and somebody may be. */
    @Test
    void whereOnlyClientsAreThatAreNotListedItIsNotSaidThatNobodyIs() {
        receipt.unlisted(1);
        assertThat(receipt.verdict()).isEqualTo(Verdict.REQUESTED);
        there(CART);
        receipt.left(CART.key());
        assertThat(receipt.verdict()).isEqualTo(Verdict.REQUESTED);
        assertThat(receipt.closed()).isFalse();
    }

    @Test
    void oneThatComesAndCanNotBeListedKeepsItFromBeingProven() {
        there(SHOP, PAGE);
        acks(SHOP);
        assertThat(receipt.unlisted(1)).isTrue();
        confirms(PAGE, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        assertThat(receipt.closed()).isFalse();
    }

    @Test
    void whileOneOfSeveralProcessesIsMissingWhatTheOthersWereSentIsNotEnough() {
        there(SHOP, CART);
        acks(SHOP);
        sent(CART, KILLED);
        assertThat(receipt.vanished(CART.key(), 1)).isTrue();
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        assertThat(sent(CART, KILLED)).isFalse();
        assertThat(receipt.vanished(CART.key(), 2)).isTrue();
        assertThat(missing(receipt)).containsExactly(0L, 2L);
        assertThat(missing(Receipt.decode(receipt.encode()))).contains(2L);
        assertThat(receipt.found(CART, Optional.empty(), 1)).isTrue();
        assertThat(sent(CART, KILLED)).isFalse();
        assertThat(receipt.verdict()).isEqualTo(Verdict.PARTIAL);
        receipt.found(CART, Optional.empty(), 0);
        sent(CART, KILLED);
        assertThat(receipt.verdict()).isEqualTo(Verdict.SENT);
        assertThat(missing(receipt)).containsExactly(0L, 0L);
    }

    private static List<Long> missing(Receipt of) {
        return Fields.lenient(of.toJson()).objects("instances", one -> one.whole("missing", 0, 9, 0));
    }

    @Test
    void whoWasMissingWhenTheKillWentOutIsMissing() {
        receipt.add(CART, false, 2);
        assertThat(sent(CART, KILLED)).isFalse();
        assertThat(missing(receipt)).containsExactly(2L);
        assertThat(receipt.verdict()).isEqualTo(Verdict.REQUESTED);
    }

    @Test
    void aWidenedKillSaysSoWhereItIs() {
        there(CART, PAGE);
        sent(CART, new Served(STATE, Set.of(KILL), Set.of(KILL)));
        sent(PAGE, KILLED);
        assertThat(shown().whole("widened", 0, 9)).isEqualTo(1);
        assertThat(shown().objects("instances", one -> one.bool("widened", false)))
                .containsExactly(true, false);
        Receipt again = Receipt.decode(receipt.encode());
        assertThat(Fields.lenient(again.toJson()).whole("widened", 0, 9)).isEqualTo(1);
    }

    @Test
    void overARestartWhatWasConfirmedStaysAndWhatWasSentIsOpen() {
        there(SHOP, PAGE, CART);
        confirms(PAGE, KILLED);
        sent(CART, KILLED);
        Receipt again = Receipt.decode(receipt.encode());
        assertThat(Fields.lenient(again.toJson()).objects("instances", one -> one.text("state")))
                .containsExactly("unreachable", "confirmed", "unreachable");
        assertThat(Fields.lenient(again.toJson()).objects("instances", one -> one.text("protocol")))
                .containsExactly("andon", "ofrep", "flagd-sync");
    }

    /** Where clients of other protocols run isn't known: a kill for some services is aimed at them, too. */
    @Test
    void anExerciseCountsThemByTheirProtocol() {
        there(SHOP, PAGE, CART);
        acks(SHOP);
        confirms(PAGE, KILLED);
        sent(CART, KILLED);
        assertThat(receipt.exercises()).containsOnlyKeys("andon-java/1", "ofrep");
        assertThat(receipt.exercises().get("ofrep").applied()).isEqualTo(1);
        assertThat(receipt.exercises().get("ofrep").verdict()).isEqualTo("sent");
    }

    /** There are as many user agents as browsers. */
    @Test
    void aGroupHasAllOfOneServiceAndProtocol() {
        there(SHOP, PAGE, foreign("page", "page-2"));
        confirms(PAGE, KILLED);
        assertThat(shown().objects(
                                "groups",
                                one -> one.text("service") + " " + one.text("sdk") + " " + one.whole("confirmed", 0, 9)
                                        + " of " + (one.whole("confirmed", 0, 9) + one.whole("silent", 0, 9))))
                .containsExactly("shop andon-java/1 0 of 1", "page ofrep 1 of 2");
    }

    @Test
    void exceptionsNameWhoWasOnlySentItLast() {
        there(CART, SHOP, PAGE);
        sent(CART, KILLED);
        receipt.vanished(PAGE.key(), 1);
        assertThat(receipt.exceptions(9))
                .extracting(member -> member.state().word())
                .containsExactly("silent", "unreachable", "sent");
    }
}
