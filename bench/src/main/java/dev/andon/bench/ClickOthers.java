package dev.andon.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * From the operator's request to the value that an application sees, beside others: Andon with its own SDK, Andon with flagd's provider for
 * Java, Andon with a client by OFREP that listens to its event stream, and Unleash with its own SDK, which polls, by default and as often as it may. What polls is asked at a random moment of its
 * interval. Rounds come in random order within one run.
 */
final class ClickOthers implements Part {
    private static final String FLAG = "watched";
    private static final String FLAG_BY_OFREP = "watched-by-ofrep";
    private static final int SLOWEST_POLL_S = 15;
    private static final long PAUSE_NANOS = 50_000_000;

    private final Path root;
    private final Path jar;
    private final Path folder;

    ClickOthers(Path root, Path jar, Path folder) {
        this.root = root;
        this.jar = jar;
        this.folder = folder;
    }

    @Override
    public String name() {
        return "click-others";
    }

    @Override
    public String title() {
        return "Click to applied, beside flagd's client, OFREP's and Unleash";
    }

    /** An application that looks at a flag, and what it took to see each change. */
    private static final class Watching implements AutoCloseable {
        private final Worker worker;
        private final List<Double> tookMs = new ArrayList<>();

        Watching(Worker worker) {
            this.worker = worker;
            await(true);
        }

        /** When it saw the value. */
        long await(boolean value) {
            while (true) {
                String[] seen = worker.hear().split(" ", -1);
                if (Boolean.parseBoolean(seen[0]) == value) {
                    return Long.parseLong(seen[1]);
                }
            }
        }

        void took(boolean value, long sinceNanos) {
            tookMs.add((await(value) - sinceNanos) / 1e6);
        }

        @Override
        public void close() {
            worker.close();
        }
    }

    @Override
    public Result run(Scale scale) {
        int kills = scale == Scale.QUICK ? 20 : 100;
        int toggles = scale == Scale.QUICK ? 3 : 40;
        Path data = folder.resolve("click-others");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("click-others-postgres"))
                        .start();
                Program server = Program.start(jar, data, SyncStreams.OPTIONS);
                Subject ours =
                        new Subject("Andon", server, Lock.ofSqlite("jdbc:sqlite:" + data.resolve("ledger.db")), 1);
                Watching flagd = flagd(server);
                Watching ofrep = ofrep(server)) {
            List<Double> oursMs = new ArrayList<>();
            List<Runnable> order = new ArrayList<>();
            order.addAll(Collections.nCopies(kills, () -> killOurs(ours, oursMs)));
            order.addAll(Collections.nCopies(kills, () -> kill(server, FLAG, flagd)));
            order.addAll(Collections.nCopies(kills, () -> kill(server, FLAG_BY_OFREP, ofrep)));
            Random random = new Random(13);
            Optional<UnleashServer> unleash = UnleashServer.start(root, folder, postgres);
            List<Result.Row> rows = new ArrayList<>();
            if (unleash.isPresent()) {
                try (UnleashServer there = unleash.get()) {
                    there.create(FLAG);
                    try (Watching fast = unleash(there, 1);
                            Watching slow = unleash(there, SLOWEST_POLL_S)) {
                        boolean[] on = {true};
                        order.addAll(Collections.nCopies(toggles, () -> {
                            on[0] = !on[0];
                            toggle(there, on[0], random, List.of(fast, slow));
                        }));
                        run(order, random);
                        rows.add(Result.Row.of("Unleash, its SDK at 1 s", Sample.of(fast.tookMs)));
                        rows.add(Result.Row.of(
                                "Unleash, its SDK at " + SLOWEST_POLL_S + " s, the default", Sample.of(slow.tookMs)));
                    }
                }
            } else {
                run(order, random);
            }
            rows.addFirst(Result.Row.of("Andon, a client by OFREP with its event stream", Sample.of(ofrep.tookMs)));
            rows.addFirst(Result.Row.of("Andon, flagd's provider for Java", Sample.of(flagd.tookMs)));
            rows.addFirst(Result.Row.of("Andon, its SDK", Sample.of(oursMs)));
            return Result.of(this, scale, rows, List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void run(List<Runnable> order, Random random) {
        Collections.shuffle(order, random);
        for (Runnable round : order) {
            LockSupport.parkNanos(PAUSE_NANOS);
            round.run();
        }
    }

    private static void killOurs(Subject ours, List<Double> tookMs) {
        tookMs.add(ours.kill(0));
        ours.restoreAll();
    }

    private static void kill(Program server, String flag, Watching application) {
        long startNanos = System.nanoTime();
        CompletableFuture<HttpResponse<byte[]>> answer = server.begin(server.kill(flag));
        application.took(false, startNanos);
        Program.answer(answer.join());
        server.restore(flag);
        application.await(true);
    }

    private static void toggle(UnleashServer there, boolean on, Random random, List<Watching> applications) {
        LockSupport.parkNanos(random.nextLong(SLOWEST_POLL_S * 1_000_000_000L));
        long startNanos = System.nanoTime();
        there.toggle(FLAG, on);
        applications.forEach(application -> application.took(on, startNanos));
    }

    private Watching flagd(Program server) {
        server.create(FLAG);
        URI sync = URI.create("grpc://" + server.ready("flagdSync").replaceFirst("^.*//", ""));
        return watching("flagd", Integer.toString(sync.getPort()), FLAG);
    }

    private Watching ofrep(Program server) {
        server.create(FLAG_BY_OFREP);
        return new Watching(Worker.start(
                OfrepWatcher.class,
                folder.resolve("watcher-ofrep.log"),
                List.of("-XX:+UseSerialGC"),
                server.address().toString(),
                server.key("client"),
                FLAG_BY_OFREP));
    }

    private Watching unleash(UnleashServer server, int seconds) {
        return watching(
                "unleash", server.address().toString(), UnleashServer.CLIENT_KEY, Integer.toString(seconds), FLAG);
    }

    private Watching watching(String... arguments) {
        Path home = root.resolve("bench/evaluation/target");
        return new Watching(Worker.start(
                home.resolve("classes") + ":" + home.resolve("lib") + "/*",
                "dev.andon.bench.evaluation.Watcher",
                folder.resolve("watcher-" + arguments[0] + ".log"),
                List.of("-XX:+UseSerialGC"),
                arguments));
    }
}
