package dev.andon.proof.fault;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Fleet;
import dev.andon.proof.harness.Fleets;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.harness.Server;
import dev.andon.proof.harness.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** STOP-ANYWHERE: a kill needs no store, whatever the store does. One server and one fleet live through all of it. */
final class StoreFaultTest {
    private static final int PROCESSES = 2;
    private static final int SIZE = 25;
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void noOutageOfTheStoreDelaysAKill(@TempDir Path directory) {
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                Server server = new Server(directory.resolve("server"), postgres.createDatabase("andon"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, PROCESSES, SIZE);
            outage.run("store hangs (PostgreSQL frozen)", Outage.Aim.TAG, postgres::freeze, postgres::thaw);
            outage.run("store is killed (PostgreSQL kill -9)", Outage.Aim.OWNER, postgres::kill, postgres::restart);
            outage.run(
                    "store refuses (PostgreSQL read-only)",
                    Outage.Aim.KIND,
                    () -> readOnly(postgres, "on"),
                    () -> readOnly(postgres, "off"));
            outage.run(
                    "server restarts while its store is gone",
                    Outage.Aim.EVERYTHING,
                    () -> restartWithoutStore(postgres, server, outage),
                    postgres::restart);
        }
    }

    @Test
    @Tag("nightly")
    void noHangingStoreDelaysAStart(@TempDir Path directory) {
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                FaultProxy network = new FaultProxy(postgres.port());
                Server server =
                        new Server(directory.resolve("server"), postgres.createDatabase("andon", network.port()));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, PROCESSES, SIZE);
            outage.run("network to the store is dead", Outage.Aim.FLAG, network::stall, network::forward);
            outage.run("connections to the store are cut", Outage.Aim.FLAG, network::refuse, network::accept);
            outage.run(
                    "server restarts while its store hangs",
                    Outage.Aim.FLAG,
                    () -> restart(server, outage, postgres::freeze),
                    postgres::thaw);
            outage.run(
                    "server restarts while the network to its store is dead",
                    Outage.Aim.FLAG,
                    () -> restart(server, outage, network::stall),
                    network::forward);
        }
    }

    @Test
    @Tag("nightly")
    void noStoppedStoreDelaysAKillOfAnyTarget(@TempDir Path directory) {
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                Server server = new Server(directory.resolve("server"), postgres.createDatabase("andon"));
                Fleets fleets = new Fleets(directory.resolve("fleets"))) {
            server.start();
            Outage outage = new Outage(server, fleets, PROCESSES, SIZE);
            outage.runEach("store is killed (PostgreSQL kill -9)", postgres::kill, postgres::restart);
        }
    }

    private static void restart(Server server, Outage outage, Runnable fault) {
        fault.run();
        server.kill();
        long startMs = server.start().toMillis();
        outage.awaitInstances();
        Figures.print("restart while the store hangs", "ready in %d ms, every instance is back".formatted(startMs));
    }

    /** As after a fail-over, when the old primary has become a standby. */
    private static void readOnly(Postgres postgres, String onOrOff) {
        postgres.execute("ALTER SYSTEM SET default_transaction_read_only = " + onOrOff);
        postgres.execute("SELECT pg_reload_conf()");
    }

    private static void restartWithoutStore(Postgres postgres, Server server, Outage outage) {
        postgres.kill();
        server.kill();
        long startMs = server.start().toMillis();
        outage.awaitInstances();
        try (Fleet newcomer = Fleet.start(server.port(), outage.key(), "newcomer", 1, Outage.FLAG, Optional.empty())) {
            Until.accepted(
                    "an instance that never had a state is served",
                    SOON,
                    newcomer::report,
                    report -> report.count("on") == 1);
            newcomer.goodbye();
        }
        assertThat(server.admin().get("/health/ready").expect(200).text("store.state"))
                .isEqualTo("cut-off");
        Figures.print("restart without a store", "ready in %d ms, every instance is back".formatted(startMs));
    }
}
