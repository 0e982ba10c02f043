package dev.andon.core.stream;

import static dev.andon.core.stream.Ledger.configuration;
import static dev.andon.core.stream.Ledger.kill;
import static dev.andon.core.stream.LinkRig.sent;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.StandingKill;
import dev.andon.core.model.WhenBlind;
import dev.andon.core.stream.LinkEffect.Transport;
import dev.andon.core.stream.LinkStatus.Contact;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers in the names are those of the failure policy of {@link ClientLink}. */
class ClientLinkTest {
    private static final LinkInput.Cause REFUSED = new LinkInput.Unreachable("connection refused");

    private final Ledger ledger = new Ledger("ledger-a").flag("checkout", true).flag("search", true);
    private final HeldState loaded = HeldState.EMPTY.apply(ledger.snapshot()).next();

    @Test
    void opens_at_once_and_introduces_itself() {
        LinkRig rig = LinkRig.started(HeldState.EMPTY);

        assertThat(rig.effects)
                .contains(new LinkEffect.Open(1, Transport.WEB_SOCKET))
                .hasSize(2);
        assertThat(rig.contact()).isEqualTo(Contact.BLIND);
        Frame.Hello hello = sent(rig.opened(), Frame.Hello.class).get(0);
        assertThat(hello)
                .isEqualTo(new Frame.Hello(
                        1,
                        "andon-java/test",
                        "checkout",
                        "instance-1",
                        Optional.of("eu"),
                        Optional.empty(),
                        List.of()));
    }

    @Test
    void says_what_it_has_and_carries() {
        StandingKill kill = kill(7, "checkout");
        LinkRig rig =
                LinkRig.started(loaded.apply(new Frame.Kills(List.of(kill))).next());

        assertThat(rig.contact()).isEqualTo(Contact.STALE);
        Frame.Hello hello = sent(rig.opened(), Frame.Hello.class).get(0);
        assertThat(hello.has()).contains(loaded.held());
        assertThat(hello.carried()).containsExactly(kill.signed());
    }

    @Test
    void puts_a_snapshot_in_force_then_acknowledges_it_then_is_live() {
        LinkRig rig = LinkRig.started(HeldState.EMPTY);
        assertThat(rig.welcomed()).as("nothing to acknowledge yet").isEmpty();

        List<LinkEffect> effects = rig.receive(ledger.snapshot());

        assertThat(effects)
                .extracting(effect -> effect.getClass().getSimpleName())
                .containsExactly("PutInForce", "Save", "Ack", "StatusChanged");
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        assertThat(rig.saved).isEqualTo(loaded);
    }

    @Test
    void acknowledges_what_it_holds_on_welcome_and_is_live_once_nothing_new_comes() {
        LinkRig rig = LinkRig.started(loaded);

        assertThat(rig.welcomed()).containsExactly(new LinkEffect.Ack(1, loaded.held(), List.of()));
        assertThat(rig.contact()).isEqualTo(Contact.STALE);
        rig.pass(250);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void a_ping_after_the_welcome_says_that_nothing_new_comes() {
        LinkRig rig = LinkRig.started(loaded);
        rig.welcomed();

        assertThat(sent(rig.receive(new Frame.Ping()), Frame.Pong.class)).hasSize(1);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void a_kill_is_in_force_before_it_is_acknowledged() {
        LinkRig rig = live();
        StandingKill kill = kill(1, "checkout");

        List<LinkEffect> effects = rig.receive(new Frame.Kills(List.of(kill)));

        assertThat(effects.get(0)).isInstanceOfSatisfying(LinkEffect.PutInForce.class, put -> {
            assertThat(put.state().carried()).containsExactly(kill);
            assertThat(put.changes().affected()).containsExactly("checkout");
        });
        assertThat(effects).contains(new LinkEffect.Ack(1, loaded.held(), List.of(kill.id())));
        assertThat(sent(effects, Frame.Hello.class))
                .as("no use handing it back")
                .isEmpty();
    }

    @Test
    void an_older_state_changes_nothing_and_the_newer_one_is_acknowledged() {
        LinkRig rig = LinkRig.started(loaded);
        rig.welcomed();

        assertThat(rig.receive(ledger.snapshot(2)))
                .startsWith(new LinkEffect.Ack(1, loaded.held(), List.of()))
                .noneMatch(LinkEffect.PutInForce.class::isInstance);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void case_1_comes_back_within_one_and_a_half_seconds_however_long_nobody_answers() {
        LinkRig rig = LinkRig.started(loaded);
        long longest = 0;
        for (int i = 0; i < 1_000; i++) {
            long closedMs = rig.nowMs;
            rig.closed(REFUSED);
            rig.nextOpen();
            longest = Math.max(longest, rig.nowMs - closedMs);
            assertThat(rig.transport()).isEqualTo(Transport.WEB_SOCKET);
        }
        assertThat(longest).isBetween(1_200L, 1_500L);
        assertThat(rig.warnings).hasSizeBetween(2, 5);
    }

    @Test
    void case_2_leaves_a_busy_server_the_time_that_it_asks_for() {
        LinkRig rig = LinkRig.started(loaded);
        for (LinkInput.Cause cause : List.of(new LinkInput.Status(503, 8_000), new LinkInput.Status(429, 8_000))) {
            long closedMs = rig.nowMs;
            rig.closed(cause);
            rig.nextOpen();
            assertThat(rig.nowMs - closedMs).isBetween(8_000L, 12_000L);
        }
        long refusedMs = rig.nowMs;
        rig.welcomed();
        rig.receive(new Frame.Refused(Frame.Refused.OVERLOADED, "too many streams", 3_000));
        rig.nextOpen();
        assertThat(rig.nowMs - refusedMs).isBetween(3_000L, 4_500L);
        rig.closed(new LinkInput.Status(503, 3_600_000));
        long askedForAnHourMs = rig.nowMs;
        rig.nextOpen();
        assertThat(rig.nowMs - askedForAnHourMs).isBetween(60_000L, 90_000L);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 401, 403, 404, 407, 410, 418})
    void case_3_no_status_is_final(int status) {
        LinkRig rig = LinkRig.started(loaded);
        long startMs = rig.nowMs;
        for (int i = 0; i < 200; i++) {
            long closedMs = rig.nowMs;
            rig.closed(new LinkInput.Status(status, 0));
            rig.nextOpen();
            assertThat(rig.nowMs - closedMs).isLessThanOrEqualTo(30_000);
        }
        assertThat(rig.nowMs - startMs).as("gently").isGreaterThan(1_000_000);
        assertThat(rig.warnings)
                .hasSizeGreaterThan(3)
                .allMatch(
                        text -> text.contains("HTTP status " + status) && text.contains("check the server's address"));
        rig.welcomed();
        rig.receive(ledger.snapshot());
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void case_3_a_message_that_cannot_be_read_ends_the_connection_not_the_link() {
        for (LinkInput input : List.of(
                new LinkInput.Unreadable(1, "type: \"x\" (expected: one of …)"),
                new LinkInput.Received(1, new Frame.Bye()),
                new LinkInput.Received(1, new Frame.Snapshot(ledger.image().provenance(), "", List.of(), List.of())))) {
            LinkRig rig = live();
            assertThat(rig.step(input)).contains(new LinkEffect.Disconnect(1));
            assertThat(rig.contact()).isEqualTo(Contact.STALE);
            assertThat(rig.warnings).hasSize(1);
            rig.nextOpen();
            rig.welcomed();
            rig.pass(300);
            assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        }
    }

    @Test
    void case_3_a_future_protocol_or_a_state_before_the_welcome_is_refused() {
        LinkRig rig = LinkRig.started(loaded);
        rig.opened();
        assertThat(rig.receive(new Frame.Welcome(2, "node-1", "production", 5_000)))
                .contains(new LinkEffect.Disconnect(1));
        assertThat(rig.warnings.get(0)).contains("protocol 2 (expected: at most 1)");
        rig.nextOpen();
        rig.opened();
        assertThat(rig.receive(ledger.snapshot())).contains(new LinkEffect.Disconnect(2));
    }

    @Test
    void case_4_gives_up_waiting_for_a_connection_a_welcome_or_the_first_snapshot() {
        LinkRig rig = LinkRig.started(HeldState.EMPTY);
        rig.pass(5_000);
        assertThat(rig.effects).contains(new LinkEffect.Disconnect(1));
        rig.nextOpen();
        rig.opened();
        rig.pass(5_000);
        assertThat(rig.effects).contains(new LinkEffect.Disconnect(2));
        rig.nextOpen();
        rig.welcomed();
        rig.pass(5_000);
        assertThat(rig.effects).contains(new LinkEffect.Disconnect(3));
        assertThat(rig.contact()).isEqualTo(Contact.BLIND);
    }

    @Test
    void case_5_three_silent_heartbeat_intervals_are_a_dead_connection() {
        LinkRig rig = live();
        for (int i = 0; i < 5; i++) {
            rig.pass(14_999);
            rig.receive(new Frame.Ping());
        }
        long lastHeardMs = rig.nowMs;
        rig.pass(14_999);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        rig.pass(1);
        assertThat(rig.effects).contains(new LinkEffect.Disconnect(1));
        assertThat(rig.contact()).isEqualTo(Contact.STALE);
        assertThat(rig.sinceMs()).isEqualTo(lastHeardMs);
    }

    @Test
    void case_6_polls_where_web_sockets_are_stopped() {
        LinkRig rig = LinkRig.started(loaded);
        for (int i = 0; i < 3; i++) {
            assertThat(rig.transport()).isEqualTo(Transport.WEB_SOCKET);
            rig.closed(new LinkInput.Lost("reset"));
            rig.nextOpen();
        }
        assertThat(rig.transport()).isEqualTo(Transport.LONG_POLL);
        rig.welcomed();
        rig.pass(300);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);

        rig.pass(20_000);
        rig.step(new LinkInput.Heard(rig.connection()));
        rig.pass(29_000);
        assertThat(rig.contact()).as("polls are silent for longer").isEqualTo(Contact.LIVE);
    }

    @Test
    void case_6_tries_both_in_turn_while_neither_works() {
        LinkRig rig = LinkRig.started(loaded);
        List<Transport> tried = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            tried.add(rig.transport());
            rig.closed(new LinkInput.Lost("reset"));
            rig.nextOpen();
        }
        assertThat(tried)
                .containsExactly(
                        Transport.WEB_SOCKET,
                        Transport.WEB_SOCKET,
                        Transport.WEB_SOCKET,
                        Transport.LONG_POLL,
                        Transport.WEB_SOCKET,
                        Transport.LONG_POLL,
                        Transport.WEB_SOCKET);
    }

    @Test
    void case_6_a_web_socket_takes_over_once_it_is_welcomed() {
        LinkRig rig = polling();
        long poll = rig.connection();
        rig.pass(29_000);
        assertThat(rig.connection()).isEqualTo(poll);
        rig.step(new LinkInput.Heard(poll));
        rig.nextOpen();
        assertThat(rig.transport()).isEqualTo(Transport.WEB_SOCKET);
        rig.opened();
        rig.step(new LinkInput.Received(poll, new Frame.Kills(List.of(kill(1, "checkout")))));
        assertThat(rig.inForce.carried()).as("the poll still serves").hasSize(1);

        assertThat(rig.receive(new Frame.Welcome(1, "node-1", "production", 5_000)))
                .contains(new LinkEffect.Disconnect(poll));
        rig.pass(300);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        assertThat(rig.statuses.stream().filter(status -> status.contact() == Contact.STALE))
                .as("it never lost contact")
                .hasSize(1);
    }

    @Test
    void case_6_a_web_socket_beside_a_poll_may_fail_or_inherit() {
        LinkRig rig = polling();
        long poll = rig.connection();
        rig.step(new LinkInput.Heard(poll));
        while (rig.connection() == poll) {
            rig.step(new LinkInput.Heard(poll));
            rig.pass(1_000);
        }
        rig.closed(new LinkInput.Lost("reset"));
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        long failed = rig.connection();
        while (rig.connection() == failed) {
            rig.step(new LinkInput.Heard(poll));
            rig.pass(1_000);
        }
        rig.opened();
        rig.step(new LinkInput.Received(poll, new Frame.Refused(Frame.Refused.SUPERSEDED, "", 0)));
        assertThat(rig.contact()).isEqualTo(Contact.STALE);
        rig.receive(new Frame.Welcome(1, "node-1", "production", 5_000));
        rig.receive(new Frame.Ping());
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void case_7_a_patch_that_does_not_fit_asks_for_a_snapshot_once() {
        LinkRig rig = live();
        ledger.configure("checkout", configuration(false)).configure("search", configuration(false));

        List<LinkEffect> effects = rig.receive(ledger.patch());
        assertThat(sent(effects, Frame.Hello.class))
                .singleElement()
                .satisfies(hello -> assertThat(hello.has()).isEmpty());
        ledger.configure("checkout", configuration(true));
        assertThat(sent(rig.receive(ledger.patch()), Frame.Hello.class)).isEmpty();
        rig.receive(ledger.snapshot());
        assertThat(rig.inForce.image().provenance()).isEqualTo(ledger.image().provenance());
        rig.pass(6_000);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void case_7_a_snapshot_that_never_comes_ends_the_connection() {
        LinkRig rig = live();
        ledger.configure("checkout", configuration(false)).configure("search", configuration(false));
        rig.receive(ledger.patch());
        rig.pass(4_999);
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        rig.pass(1);
        assertThat(rig.contact()).isEqualTo(Contact.STALE);
    }

    @Test
    void case_8_a_snapshot_with_another_digest_is_held_with_a_warning() {
        LinkRig rig = LinkRig.started(HeldState.EMPTY);
        rig.welcomed();
        Frame.Snapshot snapshot = ledger.snapshot();
        rig.receive(new Frame.Snapshot(snapshot.provenance(), "0".repeat(32), snapshot.events(), List.of()));

        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        assertThat(rig.warnings).singleElement().asString().contains("another digest");
    }

    @Test
    void case_9_another_ledger_replaces_the_state_and_its_kills_are_handed_up() {
        StandingKill kill = kill(1, "checkout");
        ledger.settle(kill);
        LinkRig rig = LinkRig.started(HeldState.EMPTY.apply(ledger.snapshot()).next());
        assertThat(sent(rig.opened(), Frame.Hello.class).get(0).carried()).isEmpty();
        rig.receive(new Frame.Welcome(1, "node-1", "production", 5_000));

        List<LinkEffect> effects =
                rig.receive(new Ledger("ledger-b").flag("checkout", true).snapshot());

        assertThat(rig.warnings).singleElement().asString().contains("ledger-b/1/2, of another ledger");
        assertThat(rig.inForce.carried()).containsExactly(kill);
        assertThat(sent(effects, Frame.Hello.class))
                .singleElement()
                .satisfies(hello -> assertThat(hello.carried()).containsExactly(kill.signed()));
    }

    @Test
    void what_a_server_told_of_in_a_history_that_was_lost_is_handed_up_to_it_in_the_next() {
        LinkRig rig = live();
        StandingKill kill = kill(1, "checkout");
        rig.receive(new Frame.Kills(List.of(kill)));

        List<LinkEffect> effects =
                rig.receive(ledger.restoredFrom(ledger.version(), 2).snapshot());

        assertThat(rig.inForce.carried()).containsExactly(kill);
        assertThat(sent(effects, Frame.Hello.class))
                .singleElement()
                .satisfies(hello -> assertThat(hello.carried()).containsExactly(kill.signed()));
    }

    @Test
    void case_10_what_cannot_be_put_in_force_is_neither_acknowledged_nor_claimed_later() {
        LinkRig rig = live();
        ledger.configure("checkout", configuration(false));
        rig.failsToPutInForce = true;
        rig.receive(ledger.patch());
        rig.failsToPutInForce = false;

        assertThat(rig.contact()).isEqualTo(Contact.STALE);
        rig.nextOpen();
        assertThat(sent(rig.opened(), Frame.Hello.class).get(0).has()).contains(loaded.held());
        rig.receive(new Frame.Welcome(1, "node-1", "production", 5_000));
        rig.receive(ledger.patch());
        assertThat(rig.inForce.image().provenance()).isEqualTo(ledger.image().provenance());
    }

    @Test
    void hands_up_more_kills_than_one_hello_holds_with_the_next() {
        List<StandingKill> kills = new ArrayList<>();
        for (int i = 1; i <= 2_500; i++) {
            kills.add(kill(i, "checkout"));
        }
        LinkRig rig = LinkRig.started(loaded.apply(new Frame.Kills(kills)).next());
        rig.welcomed();

        assertThat(rig.sent().stream()
                        .filter(Frame.Hello.class::isInstance)
                        .flatMap(hello -> ((Frame.Hello) hello).carried().stream()))
                .hasSize(2_500)
                .doesNotHaveDuplicates();
    }

    @Test
    void hands_up_again_what_the_server_never_told_of_and_ever_more_rarely() {
        StandingKill kill = kill(1, "checkout");
        LinkRig rig =
                LinkRig.started(loaded.apply(new Frame.Kills(List.of(kill))).next());
        rig.welcomed();
        List<Integer> seconds = new ArrayList<>();
        for (int second = 0; second < 80; second++) {
            if (!sent(rig.receive(new Frame.Ping()), Frame.Hello.class).isEmpty()) {
                seconds.add(second);
            }
            rig.pass(1_000);
        }
        assertThat(seconds).containsExactly(10, 30, 70);
        rig.receive(new Frame.Kills(List.of(kill)));
        for (int second = 0; second < 200; second++) {
            assertThat(sent(rig.receive(new Frame.Ping()), Frame.Hello.class)).isEmpty();
            rig.pass(1_000);
        }
    }

    @Test
    void flags_go_safe_after_their_time_without_contact_and_come_back_with_it() {
        ledger.configure("checkout", configuration(true, new WhenBlind.SafeAfter(60), List.of(), List.of()))
                .configure("search", configuration(true, new WhenBlind.SafeAfter(20), List.of(), List.of()));
        LinkRig rig = LinkRig.started(HeldState.EMPTY.apply(ledger.snapshot()).next());
        rig.welcomed();
        rig.receive(new Frame.Ping());
        rig.pass(10_000);
        rig.closed(new LinkInput.Lost("reset"));
        for (long ms = 0; ms < 9_900; ms += 100) {
            refuse(rig);
            rig.pass(100);
        }
        assertThat(rig.blind).isEmpty();
        refuse(rig);
        rig.pass(1_000);
        assertThat(rig.blind).containsExactly("search");
        for (long ms = 0; ms < 40_000; ms += 100) {
            refuse(rig);
            rig.pass(100);
        }
        assertThat(rig.blind).isEqualTo(Set.of("search", "checkout"));
        assertThat(rig.contact()).isEqualTo(Contact.BLIND);
        refuse(rig);
        rig.nextOpen();
        rig.welcomed();
        rig.receive(new Frame.Ping());
        assertThat(rig.blind).isEmpty();
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void what_is_to_be_safe_when_blind_is_safe_from_the_start_until_the_first_contact() {
        ledger.configure("checkout", configuration(true, new WhenBlind.SafeAfter(60), List.of(), List.of()));
        LinkRig rig = new LinkRig(HeldState.EMPTY.apply(ledger.snapshot()).next());
        assertThat(rig.blind).as("before the first step").containsExactly("checkout");
        rig.step(new LinkInput.Start());
        assertThat(rig.effects).noneMatch(LinkEffect.PutInForce.class::isInstance);
        rig.closed(REFUSED);
        rig.nextOpen();
        rig.opened();
        rig.receive(new Frame.Welcome(1, "node-1", Ledger.ENVIRONMENT, 5_000));
        rig.receive(new Frame.Kills(List.of(kill(1, "search"))));
        assertThat(rig.blind).as("not known to be up to date").containsExactly("checkout");
        ledger.configure("search", configuration(true, new WhenBlind.SafeAfter(60), List.of(), List.of()));
        assertThat(rig.receive(ledger.patch()))
                .filteredOn(LinkEffect.PutInForce.class::isInstance)
                .hasSize(1);
        assertThat(rig.blind).isEmpty();
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
    }

    @Test
    void without_a_state_nothing_is_blind_at_first_contact() {
        ledger.configure("checkout", configuration(true, new WhenBlind.SafeAfter(1), List.of(), List.of()));
        LinkRig rig = LinkRig.started(HeldState.EMPTY);
        rig.pass(3_000);
        rig.welcomed();
        assertThat(rig.receive(ledger.snapshot()))
                .filteredOn(LinkEffect.PutInForce.class::isInstance)
                .hasSize(1);
        assertThat(rig.blind).isEmpty();
    }

    private static void refuse(LinkRig rig) {
        if (rig.connections.contains(rig.connection())) {
            rig.closed(REFUSED);
        }
    }

    @Test
    void stale_becomes_blind_after_the_time_of_grace() {
        LinkRig rig = live();
        long lostMs = rig.nowMs;
        rig.closed(new LinkInput.Lost("reset"));
        while (rig.nowMs < lostMs + 30_000) {
            refuse(rig);
            rig.pass(100);
        }
        assertThat(rig.statuses.stream().map(LinkStatus::contact))
                .containsExactly(Contact.STALE, Contact.LIVE, Contact.STALE, Contact.BLIND);
        assertThat(rig.sinceMs()).isEqualTo(lostMs);
    }

    @Test
    void reports_every_second_while_live() {
        LinkRig rig = live();
        long before = reports(rig);
        rig.pass(10_000);
        assertThat(reports(rig) - before).isEqualTo(10);
    }

    private static long reports(LinkRig rig) {
        return rig.effects.stream().filter(LinkEffect.Report.class::isInstance).count();
    }

    @Test
    void says_goodbye_after_a_last_report_and_is_quiet_then() {
        LinkRig rig = live();
        assertThat(rig.step(new LinkInput.Close()))
                .containsExactly(
                        new LinkEffect.Report(1),
                        new LinkEffect.Send(1, new Frame.Bye()),
                        new LinkEffect.Disconnect(1));
        rig.nowMs += 1_000_000;
        assertThat(rig.step(new LinkInput.Tick())).isEmpty();
        assertThat(rig.step(new LinkInput.Close())).isEmpty();
        assertThat(rig.step(new LinkInput.Received(1, new Frame.Ping()))).isEmpty();
    }

    @Test
    void says_nothing_to_a_server_that_it_never_greeted() {
        LinkRig rig = LinkRig.started(loaded);
        assertThat(rig.step(new LinkInput.Close())).containsExactly(new LinkEffect.Disconnect(1));
    }

    @Test
    void ignores_connections_that_it_gave_up() {
        LinkRig rig = live();
        rig.closed(new LinkInput.Lost("reset"));
        assertThat(rig.step(new LinkInput.Received(1, new Frame.Kills(List.of(kill(1, "checkout"))))))
                .isEmpty();
        assertThat(rig.step(new LinkInput.Closed(1, REFUSED))).isEmpty();
    }

    private LinkRig live() {
        LinkRig rig = LinkRig.started(loaded);
        rig.welcomed();
        rig.receive(new Frame.Ping());
        assertThat(rig.contact()).isEqualTo(Contact.LIVE);
        return rig;
    }

    private LinkRig polling() {
        LinkRig rig = LinkRig.started(loaded);
        while (rig.transport() == Transport.WEB_SOCKET) {
            rig.closed(new LinkInput.Lost("reset"));
            rig.nextOpen();
        }
        rig.welcomed();
        rig.receive(new Frame.Ping());
        return rig;
    }
}
