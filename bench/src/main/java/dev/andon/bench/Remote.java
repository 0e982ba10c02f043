package dev.andon.bench;

import dev.andon.core.json.Json;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * Evaluation over HTTP under load, from as many connections to each: OFREP for one flag and for fifteen, raw Netty that answers as many bytes
 * and knows nothing, and Unleash's front-end API with the same fifteen. Rounds of all come in random order within one run.
 */
final class Remote implements Part {
    private static final int CONNECTIONS = 16;
    private static final int FLAGS = 15;
    private static final int WARM_UP_ROUNDS = 3;
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private static final double GOAL_SINGLE = 0.85;
    private static final double GOAL_BULK = 10;

    private static final String SINGLE = "OFREP, one flag (rule + split)";
    private static final String NETTY = "raw Netty, as many bytes as one flag's answer";
    private static final String BULK = "OFREP, " + FLAGS + " flags";
    private static final String UNLEASH = "Unleash's front-end API, " + FLAGS + " flags";

    private final Path root;
    private final Path jar;
    private final Path folder;

    Remote(Path root, Path jar, Path folder) {
        this.root = root;
        this.jar = jar;
        this.folder = folder;
    }

    /** Where a load goes, and what it asks. */
    private record Load(int port, byte[] request) {}

    @Override
    public String name() {
        return "remote";
    }

    @Override
    public String title() {
        return "Evaluation over HTTP, beside raw Netty and Unleash's front-end API";
    }

    @Override
    public Result run(Scale scale) {
        int rounds = switch (scale) {
            case QUICK -> 6;
            case FULL -> 30;
        };
        int eachMs = scale == Scale.QUICK ? 1_000 : 2_000;
        try (EmbeddedPostgres postgres = EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("remote-postgres"))
                        .start();
                Program one = Program.start(jar, folder.resolve("remote-one"), List.of("--ofrep-rate", "1000000"));
                Program fifteen =
                        Program.start(jar, folder.resolve("remote-fifteen"), List.of("--ofrep-rate", "1000000"));
                Worker clients =
                        Worker.start(LoadClients.class, folder.resolve("load.log"), List.of("-XX:+UseSerialGC"))) {
            new EvaluatedFlags(one).create(0);
            for (int i = 0; i < FLAGS; i++) {
                fifteen.create("flag-" + i, EvaluatedFlags.onInTwoCountries());
            }
            Map<String, Load> loads = new LinkedHashMap<>();
            String path = "/ofrep/v1/evaluate/flags";
            loads.put(SINGLE, ofrep(one, path + "/split"));
            loads.put(BULK, ofrep(fifteen, path));
            int answerBytes = answerBytes(one, path + "/split");
            try (Worker reference = Worker.start(
                    ReferenceServer.class,
                    folder.resolve("answers.log"),
                    List.of(),
                    "answer",
                    Integer.toString(answerBytes))) {
                loads.put(NETTY, new Load(Integer.parseInt(reference.hear()), ofrep(one, path + "/split").request));
                Optional<UnleashServer> unleash = UnleashServer.start(root, folder, postgres);
                try {
                    unleash.ifPresent(server -> loads.put(UNLEASH, frontEnd(server)));
                    return measure(scale, clients, loads, rounds, eachMs);
                } finally {
                    unleash.ifPresent(UnleashServer::close);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] asking(String head, String body) {
        return (head + "Host: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                        + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static Json context() {
        return Json.object()
                .put("context", Json.object().put("targetingKey", "user-4711").put("country", "DE"))
                .build();
    }

    private static Load ofrep(Program server, String path) {
        String head = "POST " + path + " HTTP/1.1\r\nAuthorization: Bearer " + server.key("sdk") + "\r\n";
        return new Load(server.address().getPort(), asking(head, context().text()));
    }

    private static int answerBytes(Program server, String path) {
        HttpResponse<byte[]> answer = server.begin(server.asHolderOf(server.key("sdk"), path, context()))
                .join();
        Program.answer(answer);
        return answer.body().length;
    }

    private static Load frontEnd(UnleashServer server) {
        for (int i = 0; i < FLAGS; i++) {
            server.create("flag-" + i);
        }
        long startNanos = System.nanoTime();
        while (server.on() < FLAGS) {
            if (System.nanoTime() - startNanos > PATIENCE_NANOS) {
                throw new IllegalStateException("unleash: " + server.on() + " flags are on (expected: " + FLAGS + ")");
            }
            LockSupport.parkNanos(100_000_000);
        }
        String head = "GET /api/frontend?userId=user-4711&properties%5Bcountry%5D=DE HTTP/1.1\r\nAuthorization: "
                + UnleashServer.FRONTEND_KEY + "\r\nHost: 127.0.0.1\r\n\r\n";
        return new Load(server.address().getPort(), head.getBytes(StandardCharsets.US_ASCII));
    }

    private Result measure(Scale scale, Worker clients, Map<String, Load> loads, int rounds, int eachMs) {
        Map<String, List<Double>> taken = new LinkedHashMap<>();
        List<String> order = new ArrayList<>(loads.keySet());
        Random random = new Random(5);
        for (int round = -WARM_UP_ROUNDS; round < rounds; round++) {
            Collections.shuffle(order, random);
            for (String name : order) {
                double perSecond = ask(clients, name, loads, eachMs);
                if (round >= 0) {
                    taken.computeIfAbsent(name, key -> new ArrayList<>()).add(perSecond);
                }
            }
        }
        List<Result.Row> rows = new ArrayList<>();
        loads.keySet().forEach(name -> rows.add(Result.Row.of(name, "req/s", Sample.of(of(taken, name)))));
        List<Result.Goal> goals = new ArrayList<>();
        goals.add(Result.Goal.atLeast(
                SINGLE + " / " + NETTY,
                Sample.ratios(of(taken, SINGLE), of(taken, NETTY)).estimate(),
                GOAL_SINGLE,
                "×"));
        if (loads.containsKey(UNLEASH)) {
            goals.add(Result.Goal.atLeast(
                    BULK + " / " + UNLEASH,
                    Sample.ratios(of(taken, BULK), of(taken, UNLEASH)).estimate(),
                    GOAL_BULK,
                    "×"));
        }
        return Result.of(this, scale, rows, goals);
    }

    private static double ask(Worker clients, String name, Map<String, Load> loads, int eachMs) {
        Load load = loads.get(name);
        if (load == null) {
            throw new IllegalStateException(name + ": no such load");
        }
        String answer = clients.ask(load.port + " " + CONNECTIONS + " " + eachMs + " "
                + Base64.getEncoder().encodeToString(load.request));
        try {
            return Double.parseDouble(answer);
        } catch (NumberFormatException e) {
            throw new IllegalStateException(name + ": " + answer, e);
        }
    }

    private static List<Double> of(Map<String, List<Double>> taken, String name) {
        return taken.getOrDefault(name, List.of());
    }
}
