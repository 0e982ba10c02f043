package dev.andon.cli.demo;

import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;

/** A service of the demonstration's shop: one process, several instances, a report of each at short intervals. */
public final class ServiceMain {
    /** The state that an instance reports while it is connected. */
    static final String LIVE = "LIVE";

    private static final long REPORT_EVERY_MS = 200;
    private static final long GOODBYE_MS = 1_000;
    private static final int MAX_PLAN_CHARS = 10_000;

    private ServiceMain() {}

    /** Reads its plan as one line from standard input, and works until that is closed. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Clock clock = Clock.systemUTC();
        Plan plan = Plan.parse(firstLine(System.in));
        List<Instance> instances = new ArrayList<>();
        for (int i = 1; i <= plan.instances(); i++) {
            instances.add(instance(plan, plan.service() + "-" + i, clock));
        }
        AtomicBoolean ending = new AtomicBoolean();
        Lifeline.watch(System.in, () -> end(instances, ending));
        for (Instance instance : instances) {
            Thread.ofPlatform().daemon().start(instance);
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        while (!ending.get() && !out.checkError()) {
            instances.forEach(instance -> out.println(instance.report().line()));
            Thread.sleep(REPORT_EVERY_MS);
        }
        end(instances, ending);
    }

    private static Instance instance(Plan plan, String name, Clock clock) {
        Andon andon = Andon.connect(AndonOptions.builder()
                .server(URI.create(plan.server()))
                .key(plan.key())
                .service(plan.service())
                .instance(name)
                .region(plan.region())
                .stateDirectory(Path.of(plan.directory(), name))
                .build());
        return new Instance(
                andon,
                name,
                plan,
                new SplittableRandom(name.hashCode()),
                () -> ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()));
    }

    /** Says goodbye to Andon, but not for long. */
    private static void end(List<Instance> instances, AtomicBoolean ending) {
        if (ending.getAndSet(true)) {
            return;
        }
        Thread goodbye = Thread.ofPlatform().daemon().start(() -> instances.forEach(Instance::close));
        try {
            goodbye.join(GOODBYE_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }

    private static String firstLine(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int next = in.read();
        while (next >= 0 && next != '\n' && line.length() < MAX_PLAN_CHARS) {
            line.append((char) next);
            next = in.read();
        }
        return line.toString();
    }
}
