package dev.andon.bench;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * From the operator's request to the value that an application sees, one instance connected: on SQLite and on PostgreSQL,
 * with the store healthy and hanging. Rounds of the four come in random order within one run, each of a few kills.
 */
final class Click implements Part {
    private static final int FLAGS = 5;
    private static final int WARM_UP_ROUNDS = 4;
    /** Nobody kills a hundred times a second: what one kill leaves to be done is over when the next comes. */
    private static final long MIN_PAUSE_NANOS = 30_000_000;

    private static final double GOAL_MS = 5;
    private static final double GOAL_HANGING = 1.2;

    private final Path jar;
    private final Path folder;

    /**
     * @param jar the command's
     * @param folder for data that may go
     */
    Click(Path jar, Path folder) {
        this.jar = jar;
        this.folder = folder;
    }

    private enum Round {
        SQLITE_HEALTHY,
        SQLITE_HANGING,
        POSTGRESQL_HEALTHY,
        POSTGRESQL_HANGING;

        boolean hanging() {
            return this == SQLITE_HANGING || this == POSTGRESQL_HANGING;
        }

        boolean sqlite() {
            return this == SQLITE_HEALTHY || this == SQLITE_HANGING;
        }

        String title() {
            return (sqlite() ? "SQLite" : "PostgreSQL") + ", store " + (hanging() ? "hanging" : "healthy");
        }
    }

    @Override
    public String name() {
        return "click";
    }

    @Override
    public String title() {
        return "Click to applied: from the operator's request to the value that an application sees";
    }

    @Override
    public Result run(Scale scale) {
        int rounds = switch (scale) {
            case QUICK -> 10;
            case FULL -> 60;
        };
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("postgres"))
                        .start();
                Subject sqlite = onSqlite();
                Subject postgresql = onPostgres(postgres)) {
            measure(sqlite, postgresql, WARM_UP_ROUNDS, new Random(1));
            return result(scale, measure(sqlite, postgresql, rounds, new Random(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Subject onSqlite() {
        Path data = folder.resolve("sqlite");
        Program server = Program.start(jar, data, List.of());
        return new Subject("SQLite", server, Lock.ofSqlite("jdbc:sqlite:" + data.resolve("ledger.db")), FLAGS);
    }

    private Subject onPostgres(EmbeddedPostgres postgres) {
        String url = postgres.getJdbcUrl("postgres", "postgres");
        Program server = Program.start(jar, folder.resolve("on-postgres"), List.of("--store", url));
        return new Subject("PostgreSQL", server, Lock.ofPostgres(url), FLAGS);
    }

    private static Map<Round, List<Double>> measure(Subject sqlite, Subject postgresql, int rounds, Random random) {
        List<Round> order = new ArrayList<>();
        Collections.nCopies(rounds, List.of(Round.values())).forEach(order::addAll);
        Collections.shuffle(order, random);
        Map<Round, List<Double>> tookMs = new EnumMap<>(Round.class);
        for (Round round : order) {
            Subject subject = round.sqlite() ? sqlite : postgresql;
            if (round.hanging()) {
                subject.hang();
            }
            List<Double> times = tookMs.computeIfAbsent(round, key -> new ArrayList<>());
            for (int flag = 0; flag < FLAGS; flag++) {
                LockSupport.parkNanos(random.nextLong(MIN_PAUSE_NANOS, 2 * MIN_PAUSE_NANOS));
                times.add(subject.kill(flag));
            }
            if (round.hanging()) {
                subject.goOn();
            }
            subject.restoreAll();
        }
        return tookMs;
    }

    private Result result(Scale scale, Map<Round, List<Double>> tookMs) {
        Map<Round, Sample> samples = new EnumMap<>(Round.class);
        tookMs.forEach((round, times) -> samples.put(round, Sample.of(times)));
        List<Result.Row> rows = new ArrayList<>();
        samples.forEach((round, sample) -> rows.add(Result.Row.of(round.title(), sample)));
        List<Result.Goal> goals = new ArrayList<>();
        for (Round round : List.of(Round.SQLITE_HEALTHY, Round.POSTGRESQL_HEALTHY)) {
            goals.add(Result.Goal.atMost(
                    round.title() + ", p50", sample(samples, round).estimate(), GOAL_MS, " ms"));
        }
        goals.add(slowdown(samples, Round.SQLITE_HANGING, Round.SQLITE_HEALTHY));
        goals.add(slowdown(samples, Round.POSTGRESQL_HANGING, Round.POSTGRESQL_HEALTHY));
        return Result.of(this, scale, rows, goals);
    }

    private static Result.Goal slowdown(Map<Round, Sample> samples, Round hanging, Round healthy) {
        Sample.Estimate ratio = sample(samples, hanging).medianOver(sample(samples, healthy));
        return Result.Goal.atMost(hanging.title() + " / healthy, p50", ratio, GOAL_HANGING, "×");
    }

    private static Sample sample(Map<Round, Sample> samples, Round round) {
        Sample sample = samples.get(round);
        if (sample == null) {
            throw new IllegalStateException(round + ": not measured");
        }
        return sample;
    }
}
