package dev.andon.proof.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.event.Entry;
import dev.andon.core.event.Event;
import dev.andon.proof.harness.Answer;
import dev.andon.proof.harness.Api;
import dev.andon.proof.harness.FaultProxy;
import dev.andon.proof.harness.Figures;
import dev.andon.proof.harness.Nodes;
import dev.andon.proof.harness.Postgres;
import dev.andon.proof.history.Operation.Asked;
import dev.andon.proof.history.Operation.Told;
import dev.andon.store.LedgerStore;
import dev.andon.store.LedgerStores;
import dev.andon.store.StoreOptions;
import dev.andon.store.StoredEntry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What eight clients were told by three nodes on one PostgreSQL, while nodes die, connections break and the store stands still,
 * is what one after the other could have been told.
 */
final class HistoryTest {
    private static final int NODES = 3;
    private static final int CLIENTS = 8;
    private static final List<String> FLAGS = List.of("flag-0", "flag-1", "flag-2", "flag-3");
    private static final int READ_ENTRIES = 1_000;

    @Test
    void whatClientsAreToldIsOneOrder(@TempDir Path directory) throws Exception {
        run("history", directory, 1, Duration.ofMillis(500), Duration.ofSeconds(1));
    }

    @Test
    @Tag("nightly")
    void whatClientsAreToldIsOneOrderThroughLongFaults(@TempDir Path directory) throws Exception {
        run("history, long", directory, 3, Duration.ofSeconds(2), Duration.ofSeconds(8));
    }

    /**
     * @param calm between two faults
     * @param outage how long a fault lasts
     */
    private static void run(String scenario, Path directory, int rounds, Duration calm, Duration outage)
            throws Exception {
        long seed = Long.getLong("andon.proof.seed", new Random().nextLong());
        Random random = new Random(seed);
        try (Postgres postgres = Postgres.start(directory.resolve("postgres"));
                Wires wires = new Wires(postgres.port());
                Nodes nodes = new Nodes(
                        directory,
                        NODES,
                        number ->
                                postgres.url("andon", wires.proxies.get(number).port()))) {
            String ledger = postgres.createDatabase("andon");
            nodes.start();
            List<Operation> operations = new ArrayList<>();
            long begin = setUp(nodes.api(0), operations);
            List<Client> clients = IntStream.range(0, CLIENTS)
                    .mapToObj(i -> new Client(
                            "client-" + i, nodes.apis(), FLAGS, new Random(random.nextLong()), System::nanoTime))
                    .toList();
            whileWorking(clients, () -> {
                for (int round = 0; round < rounds; round++) {
                    faults(postgres, wires, nodes, random, calm, outage);
                }
            });
            nodes.awaitAgreement();
            clients.forEach(client -> operations.addAll(client.operations()));
            List<Recorded> recorded = recorded(ledger, begin);
            List<Operation> history = interpreted(operations, recorded);
            assertThat(Linearizability.check(history, recorded))
                    .as("andon.proof.seed %d", seed)
                    .isEmpty();
            Figures.print(scenario, figures(history, recorded, clients));
        }
    }

    /** Each node's own way to the store. */
    private record Wires(List<FaultProxy> proxies) implements AutoCloseable {
        Wires(int port) {
            this(Stream.generate(() -> new FaultProxy(port)).limit(NODES).toList());
        }

        FaultProxy any(Random random) {
            return proxies.get(random.nextInt(proxies.size()));
        }

        @Override
        public void close() {
            proxies.forEach(FaultProxy::close);
        }
    }

    /** Every flag, so that its first version is an operation of the history; gives the version before that. */
    private static long setUp(Api admin, List<Operation> operations) {
        FLAGS.forEach(flag -> admin.createFlag(flag).expect(201));
        long begin = admin.get("/health/ready").expect(200).whole("image.version");
        for (String flag : FLAGS) {
            long fromNanos = System.nanoTime();
            Answer answer = admin.configure(flag, "off", "begin-" + flag).expect(200);
            operations.add(new Operation(
                    "begin-" + flag,
                    flag,
                    new Asked.Put("off"),
                    fromNanos,
                    System.nanoTime(),
                    new Told.Written(answer.whole("version"))));
        }
        return begin;
    }

    private static void whileWorking(List<Client> clients, Runnable faults) throws Exception {
        AtomicBoolean working = new AtomicBoolean(true);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> running = clients.stream()
                    .map(client -> threads.submit(() -> client.work(working::get)))
                    .toList();
            try {
                faults.run();
            } finally {
                working.set(false);
            }
            for (Future<?> one : running) {
                one.get();
            }
        }
    }

    private static void faults(
            Postgres postgres, Wires wires, Nodes nodes, Random random, Duration calm, Duration outage) {
        pass(calm);
        wires.any(random).cut();
        pass(calm);
        postgres.freeze();
        pass(outage);
        postgres.thaw();
        pass(calm);
        int victim = random.nextInt(NODES);
        nodes.server(victim).kill();
        pass(calm);
        nodes.server(victim).start();
        FaultProxy wire = wires.any(random);
        wire.stall();
        pass(outage);
        wire.forward();
        pass(calm);
        postgres.kill();
        pass(calm);
        postgres.restart();
        pass(calm);
    }

    /** For faults to last, and for work between them: nothing is awaited. */
    private static void pass(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    private static List<Recorded> recorded(String ledger, long after) {
        List<Recorded> recorded = new ArrayList<>();
        try (LedgerStore store = LedgerStores.open(ledger, StoreOptions.DEFAULTS, new Random())) {
            long version = after;
            for (List<StoredEntry> entries = store.read(version, READ_ENTRIES);
                    !entries.isEmpty();
                    entries = store.read(version, READ_ENTRIES)) {
                for (StoredEntry stored : entries) {
                    Entry entry = Entry.decode(stored.bytes());
                    for (Event event : entry.events()) {
                        if (event instanceof Event.ConfigurationSaved saved) {
                            String value = saved.configuration()
                                    .fallThrough()
                                    .variants()
                                    .iterator()
                                    .next();
                            recorded.add(new Recorded(stored.version(), entry.reason(), saved.flag(), value));
                        }
                    }
                }
                version = entries.getLast().version();
            }
        }
        return recorded;
    }

    /** An answer gives the version since when the flag is as asked for: the operation's own entry, or what was there. */
    private static List<Operation> interpreted(List<Operation> operations, List<Recorded> recorded) {
        Map<Long, String> names = new HashMap<>();
        recorded.forEach(entry -> names.put(entry.version(), entry.name()));
        return operations.stream()
                .map(one -> one.told() instanceof Told.Written written
                                && names.containsKey(written.version())
                                && !one.name().equals(names.get(written.version()))
                        ? new Operation(
                                one.name(),
                                one.object(),
                                one.asked(),
                                one.invokedNanos(),
                                one.returnedNanos(),
                                new Told.AsAsked(written.version()))
                        : one)
                .toList();
    }

    private static String figures(List<Operation> history, List<Recorded> recorded, List<Client> clients) {
        return "%d operations of %d clients at %d nodes: %d written, %d as asked already, %d found another version, %d refused, %d without an answer; asked again %d times; %d entries; one order"
                .formatted(
                        history.size(),
                        CLIENTS,
                        NODES,
                        told(history, Told.Written.class),
                        told(history, Told.AsAsked.class),
                        told(history, Told.Found.class),
                        told(history, Told.Unchanged.class),
                        told(history, Told.Nothing.class),
                        clients.stream().mapToInt(Client::askedAgain).sum(),
                        recorded.size());
    }

    private static long told(List<Operation> history, Class<? extends Told> kind) {
        return history.stream().filter(one -> kind.isInstance(one.told())).count();
    }
}
