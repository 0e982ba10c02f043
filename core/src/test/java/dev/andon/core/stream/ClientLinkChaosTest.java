package dev.andon.core.stream;

import static dev.andon.core.stream.Ledger.configuration;
import static dev.andon.core.stream.Ledger.kill;
import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.image.Provenance;
import dev.andon.core.image.StandingKill;
import dev.andon.core.stream.LinkStatus.Contact;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever goes wrong for however long: nothing unsafe meanwhile, and live soon after things are well again. */
class ClientLinkChaosTest {
    /** The longest rest (asked for, with jitter), then one failed attempt of the wrong transport, then the right one. */
    private static final long RECOVERY_MS = 120_000;

    @Test
    void live_within_a_bound_after_any_sequence_of_failures() {
        for (long seed = 0; seed < 150; seed++) {
            try {
                new Run(seed).run();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Run {
        private final Random random;
        private final Ledger ledger =
                new Ledger("ledger-a").flag("checkout", true).flag("search", true);
        private final List<StandingKill> standing = new ArrayList<>();
        private final LinkRig rig;
        private final boolean webSocketsBlocked;
        private long kills;

        Run(long seed) {
            random = new Random(seed);
            webSocketsBlocked = random.nextInt(4) == 0;
            HeldState loaded = random.nextBoolean()
                    ? HeldState.EMPTY
                    : HeldState.EMPTY.apply(ledger.snapshot()).next();
            rig = new LinkRig(loaded, LinkSettings.DEFAULT, seed);
        }

        void run() {
            rig.step(new LinkInput.Start());
            for (int i = 0; i < 200; i++) {
                change();
                misbehave();
                if (random.nextBoolean()) {
                    rig.pass(random.nextInt(random.nextInt(10) == 0 ? 60_000 : 800));
                }
            }
            recover();
            Provenance reached = rig.inForce.image().provenance();
            assertThat(reached).isEqualTo(ledger.image().provenance());
            assertThat(rig.inForce.standing().stream().map(StandingKill::id))
                    .containsExactlyInAnyOrderElementsOf(
                            standing.stream().map(StandingKill::id).toList());
            assertThat(rig.blind).isEmpty();
            assertThat(rig.warnings.size()).as("warnings are few").isLessThan(80);
        }

        private void change() {
            switch (random.nextInt(6)) {
                case 0 -> ledger.configure("checkout", configuration(random.nextBoolean()));
                case 1 -> {
                    StandingKill kill = kill(++kills, "checkout");
                    standing.add(kill);
                    ledger.pend(kill);
                }
                case 2 -> ledger.pending().stream().findFirst().ifPresent(ledger::settle);
                case 3 -> {
                    if (!standing.isEmpty() && ledger.pending().isEmpty()) {
                        ledger.restore(standing.remove(0));
                    }
                }
                default -> {}
            }
        }

        /** One thing that a hostile world does to whichever connections there are. */
        private void misbehave() {
            for (long connection : List.copyOf(rig.connections)) {
                switch (random.nextInt(12)) {
                    case 0 -> close(connection, new LinkInput.Unreachable("refused"));
                    case 1 -> close(connection, new LinkInput.Lost("reset"));
                    case 2 ->
                        close(
                                connection,
                                new LinkInput.Status(
                                        100 * (3 + random.nextInt(3)) + random.nextInt(30),
                                        random.nextBoolean() ? 0 : random.nextInt(200_000)));
                    case 3 -> receive(connection, new Frame.Refused("any-code", "", random.nextInt(5_000)));
                    case 4 -> rig.step(new LinkInput.Unreadable(connection, "garbage"));
                    case 5 -> receive(connection, ledger.snapshot(1 + random.nextInt((int) ledger.version())));
                    case 6 -> {
                        int to = 1 + random.nextInt((int) ledger.version());
                        receive(connection, ledger.patch(random.nextInt(to), to));
                    }
                    case 7 -> receive(connection, new Frame.Kills(ledger.pending()));
                    case 8 ->
                        receive(connection, new Frame.Welcome(1, "node", "production", 1 + random.nextInt(9_000)));
                    case 9, 10 -> rig.step(new LinkInput.Opened(connection));
                    default -> receive(connection, new Frame.Ping());
                }
            }
        }

        private void close(long connection, LinkInput.Cause cause) {
            rig.connections.remove(connection);
            rig.step(new LinkInput.Closed(connection, cause));
        }

        private void receive(long connection, Frame frame) {
            rig.step(new LinkInput.Received(connection, frame));
        }

        /** From here on the server is well, though some networks stop WebSockets; all old connections are gone. */
        private void recover() {
            List.copyOf(rig.connections).forEach(connection -> close(connection, new LinkInput.Lost("reset")));
            long wellMs = rig.nowMs;
            rig.effects.clear();
            long served = 0;
            while (rig.contact() != Contact.LIVE) {
                LinkEffect.Open open = rig.lastOpen().orElse(null);
                if (open == null || open.connection() == served) {
                    rig.pass(50);
                } else if (webSocketsBlocked && open.transport() == LinkEffect.Transport.WEB_SOCKET) {
                    served = open.connection();
                    close(served, new LinkInput.Lost("upgrade refused"));
                } else {
                    served = open.connection();
                    rig.step(new LinkInput.Opened(served));
                    receive(served, new Frame.Welcome(1, "node", "production", 5_000));
                    receive(served, ledger.snapshot());
                }
                assertThat(rig.nowMs - wellMs).as("live within").isLessThan(RECOVERY_MS);
            }
        }
    }
}
