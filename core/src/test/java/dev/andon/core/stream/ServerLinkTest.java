package dev.andon.core.stream;

import static dev.andon.core.stream.Ledger.kill;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Target;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ServerLinkTest {
    private static final StandingKill KILL = kill(1, new Target.Tagged("vendor:stripe"));

    private final Ledger ledger = new Ledger("ledger-a").flag("checkout", true);

    private Offer offer(StandingKill... kills) {
        Map<KillId, StandingKill> pending = new LinkedHashMap<>();
        for (StandingKill kill : kills) {
            pending.put(kill.id(), kill);
        }
        return new Offer(new Frame.Held(ledger.image().provenance(), Ledger.digest(ledger.image())), pending);
    }

    private ServerLink link(Offer offer) {
        return new ServerLink("n1", "production", 1_000, offer, 0);
    }

    private static ServerInput hello(Optional<Frame.Held> has, StandingKill... carried) {
        return new ServerInput.Received(new Frame.Hello(
                Frame.PROTOCOL,
                "test/1",
                "shop",
                "shop-1",
                Optional.empty(),
                has,
                List.of(carried).stream().map(StandingKill::signed).toList()));
    }

    private static List<StandingKill> kills(List<ServerEffect> effects) {
        return effects.stream()
                .filter(ServerEffect.SendKills.class::isInstance)
                .flatMap(effect -> ((ServerEffect.SendKills) effect).kills().stream())
                .toList();
    }

    @Test
    void a_client_that_holds_nothing_gets_the_kills_with_its_snapshot() {
        List<ServerEffect> effects = link(offer(KILL)).step(hello(Optional.empty()), 0);

        assertThat(kills(effects)).isEmpty();
        assertThat(effects).anyMatch(ServerEffect.SendState.class::isInstance);
    }

    @Test
    void a_client_that_holds_a_state_gets_the_kills_at_once() {
        Optional<Frame.Held> has = Optional.of(offer().newest());

        assertThat(kills(link(offer(KILL)).step(hello(has), 0))).containsExactly(KILL);
    }

    @Test
    void a_kill_is_sent_again_when_it_names_more_flags_and_only_then() {
        ServerLink link = link(offer());
        link.step(hello(Optional.of(offer().newest())), 0);

        assertThat(kills(link.step(new ServerInput.Offered(offer(KILL)), 1))).containsExactly(KILL);
        assertThat(kills(link.step(new ServerInput.Offered(offer(KILL)), 2))).isEmpty();
        StandingKill more = KILL.naming(new TreeSet<>(Set.of("checkout")));
        assertThat(kills(link.step(new ServerInput.Offered(offer(more)), 3))).containsExactly(more);
    }

    @Test
    void a_client_that_carries_a_kill_gets_it_only_if_it_names_more_than_its_body() {
        StandingKill more = KILL.naming(new TreeSet<>(Set.of("checkout")));
        Optional<Frame.Held> has = Optional.of(offer().newest());

        assertThat(kills(link(offer(KILL)).step(hello(has, KILL), 0))).isEmpty();
        assertThat(kills(link(offer(more)).step(hello(has, KILL), 0))).containsExactly(more);
    }

    private static boolean upToDate(List<ServerEffect> effects) {
        return effects.stream()
                .filter(ServerEffect.Acked.class::isInstance)
                .allMatch(effect -> ((ServerEffect.Acked) effect).upToDate());
    }

    private static ServerInput ack(Frame.Held state, StandingKill... pending) {
        return new ServerInput.Received(new Frame.Ack(
                state, List.of(pending).stream().map(StandingKill::id).toList(), 0));
    }

    @Test
    void a_client_that_is_further_on_has_a_kill_only_once_it_has_acknowledged_it() {
        Offer behind = offer(KILL);
        ledger.flag("search", true);
        Frame.Held further = offer().newest();
        ServerLink link = link(behind);
        assertThat(kills(link.step(hello(Optional.of(further)), 0))).containsExactly(KILL);

        assertThat(upToDate(link.step(ack(further), 1)))
                .as("its ack for the welcome")
                .isFalse();
        assertThat(upToDate(link.step(ack(further), 2)))
                .as("its ack for the kill, which its state covers")
                .isTrue();
    }

    @Test
    void a_client_that_is_owed_a_state_is_not_up_to_date() {
        Frame.Held has = offer().newest();
        ServerLink link = link(offer(KILL));
        link.step(hello(Optional.of(has)), 0);
        link.step(new ServerInput.Filled(1), 1);
        ledger.flag("search", true);
        link.step(new ServerInput.Offered(offer()), 2);

        assertThat(upToDate(link.step(ack(has), 3))).isFalse();
    }
}
