package dev.andon.proof.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Json;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Pace;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.BoolFlag;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE over several servers: a kill gets to the clients of all that any chain of links leads to. */
final class PeersTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final long PROMISE_MS = 1_000;
    private static final Context USER = Context.of("user-4711");

    @TempDir
    Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T keep(T one) {
        open.add(one);
        return one;
    }

    private Postgres postgres() {
        return keep(Postgres.start(directory.resolve("postgres")));
    }

    private Server server(String name, String store) {
        return keep(new Server(directory.resolve(name), store).heartbeat(HEARTBEAT));
    }

    private Api operator(Server at, Server first) {
        return keep(new Api(at.port(), first.adminToken()));
    }

    private Andon client(Server at, String key, String instance) throws InterruptedException {
        Andon andon = keep(Andon.connect(AndonOptions.builder()
                .server(URI.create("http://127.0.0.1:" + at.port()))
                .key(key)
                .service("shop")
                .instance(instance)
                .closeOnExit(false)
                .build()));
        andon.awaitReady(SOON);
        return andon;
    }

    private static List<Json> peers(Api at) {
        return at.get("/health/ready").expect(200).items("peers");
    }

    private static void awaitLinked(Api at, int peers) {
        Until.accepted(
                "links to " + peers + " servers stand",
                SOON,
                () -> peers(at),
                all -> all.stream()
                                .filter(peer -> Answer.at(peer, "connected").equals(Json.of(true)))
                                .count()
                        == peers);
    }

    /** How long after the request the client stopped. */
    private static long killed(Api at, String flag, String reason, BoolFlag seen) {
        assertThat(seen.isOn(USER)).isTrue();
        long startNanos = System.nanoTime();
        at.kill(flag, reason).expect(200, 201, 202);
        return stopped(flag, seen, startNanos);
    }

    private static long stopped(String flag, BoolFlag seen, long startNanos) {
        Until.holds(flag + " is stopped", SOON, () -> !seen.isOn(USER));
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    }

    /** Of a kill at a server whose own client stops. */
    private static Pace pace(Api at, Andon client) {
        Pace pace = new Pace(killed(at, "plain", "plain", client.bool("plain")));
        awaitOneEntry(at, "plain");
        return pace;
    }

    private static void awaitOneEntry(Api at, String reason) {
        Until.accepted(
                "nothing is on its way to the ledger",
                SOON,
                () -> at.get("/health/ready").whole("pendingKills"),
                pending -> pending == 0);
        // Not before: a server that has just got its store back may refuse to read it.
        Until.accepted(reason + " is in the ledger", SOON, () -> at.inLog(reason), count -> count == 1);
        assertThat(at.inLog(reason)).isEqualTo(1);
    }

    @Test
    void aKillGetsToEveryServersClientsWhileTheStoreIsOut() throws Exception {
        Postgres postgres = postgres();
        String store = postgres.createDatabase("andon");
        Server a = server("a", store);
        Server b = server("b", store);
        a.advertise(a.port()).start();
        b.advertise(b.port()).start();
        Api atA = operator(a, a);
        Api atB = operator(b, a);
        awaitLinked(atA, 1);
        awaitLinked(atB, 1);
        List<String> flags = List.of("plain", "hangs", "is-killed", "restarted");
        flags.forEach(flag -> atA.createFlag(flag).expect(201));
        String key = atA.sdkKey("shop");
        Until.holds(
                "b knows the key",
                SOON,
                () -> atB.get("/api/v1/environments/production/flags/restarted").status() == 200);
        Andon byA = client(a, key, "at-a");
        Andon byB = client(b, key, "at-b");
        Pace pace = pace(atA, byA);

        postgres.freeze();
        long hangingMs = killed(atA, "hangs", "while the store hangs", byB.bool("hangs"));
        postgres.thaw();
        awaitOneEntry(atB, "while the store hangs");
        awaitOneEntry(atA, "while the store hangs");

        postgres.kill();
        long deadMs = killed(atB, "is-killed", "while the store is dead", byA.bool("is-killed"));

        // the list of servers is on its disk, and so is the kill
        b.kill();
        b.start();
        awaitLinked(atB, 1);
        awaitLinked(atA, 1);
        Until.accepted(
                "b has confirmed what a knows",
                SOON,
                () -> peers(atA).getFirst(),
                peer -> Answer.at(peer, "unconfirmed").equals(Json.of(0)));
        long restartedMs = killed(atB, "restarted", "after a restart without the store", byA.bool("restarted"));
        Until.holds(
                "the client is back at b and stopped",
                SOON,
                () -> !byB.bool("restarted").isOn(USER));
        postgres.restart();
        awaitOneEntry(atA, "while the store is dead");
        awaitOneEntry(atA, "after a restart without the store");
        awaitOneEntry(atB, "after a restart without the store");

        Figures.print(
                "kill at one server, client at another",
                "store hangs %d ms, store dead %d ms, after a restart without store %d ms; one ledger entry each"
                        .formatted(hangingMs, deadMs, restartedMs));
        assertThat(List.of(hangingMs, deadMs, restartedMs)).allMatch(tookMs -> tookMs < pace.most(PROMISE_MS));
    }

    @Test
    void aKillGoesRoundALinkThatIsCut() throws Exception {
        Postgres postgres = postgres();
        String store = postgres.createDatabase("andon");
        Server a = server("a", store);
        Server b = server("b", store);
        Server c = server("c", store);
        FaultProxy toA = keep(new FaultProxy(a.port()));
        FaultProxy toC = keep(new FaultProxy(c.port()));
        a.advertise(toA.port()).start();
        b.advertise(b.port()).start();
        c.advertise(toC.port()).start();
        Api atA = operator(a, a);
        Api atC = operator(c, a);
        for (Api at : List.of(atA, operator(b, a), atC)) {
            awaitLinked(at, 2);
        }
        List.of("plain", "round", "while-cut")
                .forEach(flag -> atA.createFlag(flag).expect(201));
        String key = atA.sdkKey("shop");
        Until.holds(
                "c knows the flags",
                SOON,
                () -> atC.get("/api/v1/environments/production/flags/while-cut").status() == 200);
        Andon byC = client(c, key, "at-c");
        Pace pace = pace(atC, byC);

        // what is left: a dials b, and c dials b
        toA.refuse();
        toC.refuse();
        postgres.freeze();
        awaitLinked(atA, 1);
        awaitLinked(atC, 1);
        long roundMs = killed(atA, "round", "round the cut", byC.bool("round"));
        Json gone = peers(atA).stream()
                .filter(peer -> Answer.at(peer, "connected").equals(Json.of(false)))
                .findFirst()
                .orElseThrow();
        assertThat(Answer.text(gone, "heard")).isNotEmpty();

        // b goes: c hears of the next kill when any link is back
        b.kill();
        awaitLinked(atA, 0);
        awaitLinked(atC, 0);
        atA.kill("while-cut", "while nothing is linked").expect(200, 201, 202);
        assertThat(byC.bool("while-cut").isOn(USER)).isTrue();
        long healedNanos = System.nanoTime();
        toC.accept();
        long healedMs = stopped("while-cut", byC.bool("while-cut"), healedNanos);

        toA.accept();
        postgres.thaw();
        b.start();
        for (Api at : List.of(atA, atC)) {
            awaitOneEntry(at, "round the cut");
            awaitOneEntry(at, "while nothing is linked");
            awaitLinked(at, 2);
        }
        Figures.print(
                "kill at A, client at C",
                "A–C cut, B between, store hangs %d ms; nothing linked: %d ms after A reaches C again"
                        .formatted(roundMs, healedMs));
        assertThat(roundMs).isLessThan(pace.most(PROMISE_MS));
        assertThat(healedMs).isLessThan(pace.most(3_000));
    }

    @Test
    void aHangingNetworkBetweenServersIsNoticedAndHeals() throws Exception {
        Postgres postgres = postgres();
        String store = postgres.createDatabase("andon");
        Server a = server("a", store);
        Server b = server("b", store);
        FaultProxy toB = keep(new FaultProxy(b.port()));
        // a names no address: the one link is the one that a opens
        a.start();
        b.advertise(toB.port()).start();
        Api atA = operator(a, a);
        Api atB = operator(b, a);
        awaitLinked(atA, 1);
        awaitLinked(atB, 1);
        atA.createFlag("plain").expect(201);
        atA.createFlag("checkout").expect(201);
        String key = atA.sdkKey("shop");
        Until.holds(
                "b knows the flag",
                SOON,
                () -> atB.get("/api/v1/environments/production/flags/checkout").status() == 200);
        Andon byB = client(b, key, "at-b");
        Pace pace = pace(atB, byB);
        toB.stall();
        postgres.freeze();
        awaitLinked(atA, 0);
        awaitLinked(atB, 0);
        atA.kill("checkout", "into the silence").expect(200, 201, 202);
        assertThat(byB.bool("checkout").isOn(USER)).isTrue();
        long healedNanos = System.nanoTime();
        toB.forward();
        long healedMs = stopped("checkout", byB.bool("checkout"), healedNanos);
        postgres.thaw();
        awaitOneEntry(atA, "into the silence");
        awaitOneEntry(atB, "into the silence");
        Figures.print("network between two servers hangs", "stopped %d ms after it is back".formatted(healedMs));
        assertThat(healedMs).isLessThan(pace.most(5_000));
    }
}
