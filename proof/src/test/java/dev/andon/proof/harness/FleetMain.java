package dev.andon.proof.harness;

import dev.andon.core.json.Json;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * One process of a fleet: many SDK instances, and one thread that evaluates a flag on each of them in turn, for as long
 * as the process lives. It is told what to do on its standard input and ends with it.
 *
 * <p>Arguments: port of the server, SDK key, service, region, number of instances, flag, and a directory
 * for last-known-good states, if they are to keep any.
 */
final class FleetMain {
    private static final Duration ROUND = Duration.ofMillis(20);
    private static final Duration CONNECT = Duration.ofMinutes(4);

    /** So many connect at a time: a thousand at once would measure the machine and not the kill. */
    private static final int CONNECTING = 25;

    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final Map<String, CompletableFuture<Member>> byName = new ConcurrentHashMap<>();
    private volatile boolean evaluating = true;

    private FleetMain() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        FleetMain fleet = new FleetMain();
        Thread joining = Thread.ofPlatform().daemon().name("joining").start(() -> fleet.join(arguments));
        Thread.ofPlatform().daemon().name("evaluations").start(fleet::evaluate);
        try (BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String order = orders.readLine(); order != null; order = orders.readLine()) {
                joining.join();
                fleet.obey(order);
            }
        }
        Runtime.getRuntime().halt(0);
    }

    private void join(String[] arguments) {
        FaultProxy wire = new FaultProxy(
                Integer.parseInt(arguments[0]), () -> new ClientTexts(new Acks(this::member)::read)::feed);
        int count = Integer.parseInt(arguments[4]);
        for (int i = 0; i < count; i++) {
            String instance = arguments[2] + "-" + i;
            AndonOptions.Builder options = AndonOptions.builder()
                    .server(URI.create("http://127.0.0.1:" + wire.port()))
                    .key(arguments[1])
                    .service(arguments[2])
                    .instance(instance)
                    .region(arguments[3]);
            if (arguments.length > 6) {
                options.stateDirectory(Path.of(arguments[6], instance));
            }
            Member joined = new Member(Andon.connect(options.build()), arguments[5]);
            members.add(joined);
            named(instance).complete(joined);
            if (members.size() % CONNECTING == 0) {
                members.subList(i + 1 - CONNECTING, i + 1).forEach(member -> member.awaitReady(CONNECT));
            }
        }
    }

    /** Waits for it: an instance may say hello before the call that made it has returned. */
    private Member member(String instance) {
        return named(instance).join();
    }

    private CompletableFuture<Member> named(String instance) {
        return byName.computeIfAbsent(instance, name -> new CompletableFuture<>());
    }

    private void evaluate() {
        while (evaluating) {
            long roundEndNanos = System.nanoTime() + ROUND.toNanos();
            members.forEach(Member::evaluate);
            LockSupport.parkNanos(roundEndNanos - System.nanoTime());
        }
    }

    private void obey(String order) {
        switch (order) {
            case "await" -> members.forEach(member -> member.awaitReady(CONNECT));
            case "arm" -> members.forEach(Member::arm);
            case "close" -> {
                evaluating = false;
                members.forEach(Member::close);
            }
            default -> {
                // every order is answered with a report
            }
        }
        List<Json> reports = new ArrayList<>();
        members.forEach(member -> reports.add(member.report()));
        System.out.println("report "
                + Json.object().put("instances", Json.array(reports)).build().text());
    }
}
