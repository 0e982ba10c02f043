package dev.andon.bench;

import dev.andon.core.evaluate.Context;
import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.sdk.Andon;
import dev.andon.sdk.AndonOptions;
import dev.andon.sdk.BoolFlag;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A server on one kind of store, with flags, and an application that evaluates them through the SDK. For one thread. */
final class Subject implements AutoCloseable {
    private static final String PRODUCTION = "/api/v1/environments/production";
    private static final Duration READY = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Between two looks of the application at its flag: much less than what is measured, and leaves the processor to others. */
    private static final long LOOK_NANOS = 20_000;

    private static final Context CONTEXT = Context.of("user-4711");

    private final String name;
    private final Program server;
    private final Lock lock;
    private final Andon andon;
    private final List<BoolFlag> flags = new ArrayList<>();
    private final List<String> killed = new ArrayList<>();

    Subject(String name, Program server, Lock lock, int flagCount) {
        this.name = name;
        this.server = server;
        this.lock = lock;
        for (int i = 0; i < flagCount; i++) {
            server.create("flag-" + i);
        }
        String key = server.key("sdk");
        this.andon = Andon.connect(AndonOptions.builder()
                .server(server.address())
                .key(key)
                .service("application")
                .build());
        for (int i = 0; i < flagCount; i++) {
            flags.add(andon.bool("flag-" + i));
        }
        try {
            andon.awaitReady(READY);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        awaitAllOn();
    }

    String name() {
        return name;
    }

    void hang() {
        lock.take();
    }

    void goOn() {
        lock.release();
    }

    /** Milliseconds from the operator's request to the application's seeing the safe value of flag {@code number}. */
    double kill(int number) {
        BoolFlag flag = flags.get(number);
        HttpRequest order = server.kill("flag-" + number);
        long startNanos = System.nanoTime();
        CompletableFuture<HttpResponse<byte[]>> answer = server.begin(order);
        while (flag.isOn(CONTEXT)) {
            if (answer.isCompletedExceptionally() || System.nanoTime() - startNanos > PATIENCE.toNanos()) {
                throw new IllegalStateException(name + ": the kill didn't arrive: " + answer);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        double tookMs = (System.nanoTime() - startNanos) / 1e6;
        killed.add(Program.answer(answer.join()).text("id"));
        return tookMs;
    }

    /** Once the store works: waits until all kills have settled, and restores them. */
    void restoreAll() {
        for (String kill : killed) {
            await(
                    "the kill settles",
                    () -> server.get("/api/v1/kills/" + kill).text("ledger").equals("settled"));
            Fields restored = server.send(server.post(
                    PRODUCTION + "/restores",
                    Json.object().put("kill", kill).put("reason", "benchmark").build()));
            restored.has("version");
        }
        killed.clear();
        awaitAllOn();
    }

    private void awaitAllOn() {
        await("every flag is on", () -> flags.stream().allMatch(flag -> flag.isOn(CONTEXT)));
    }

    private void await(String what, BooleanSupplier condition) {
        long startNanos = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - startNanos > PATIENCE.toNanos()) {
                throw new IllegalStateException(name + ": not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Override
    public void close() {
        andon.close();
        lock.close();
        server.close();
    }
}
