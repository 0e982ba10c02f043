package dev.andon.cli.demo;

import dev.andon.core.evaluate.Context;
import dev.andon.sdk.Andon;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** One instance of a service: an SDK of its own, and customers who never stop coming. */
final class Instance implements Runnable {
    private static final long MICROS_TO_NANOS = 1_000;
    private static final long SECOND_MICROS = 1_000_000;
    private static final int CUSTOMERS = 10_000;

    private final Andon andon;
    private final String name;
    private final Plan plan;
    private final Shop shop;
    private final RandomGenerator random;
    private final LongSupplier micros;

    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong unsafe = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private volatile long lastUnsafeAt;
    private volatile long lastFailureAt;

    /** @param micros microseconds since 1970 */
    Instance(Andon andon, String name, Plan plan, RandomGenerator random, LongSupplier micros) {
        this.andon = andon;
        this.name = name;
        this.plan = plan;
        this.random = random;
        this.micros = micros;
        this.shop = new Shop(random, plan.service().equals("checkout"), micros.getAsLong());
    }

    /** Handles requests at the plan's rate until its thread is interrupted. */
    @Override
    public void run() {
        long interval = SECOND_MICROS / plan.requestsPerSecond();
        long next = micros.getAsLong() + random.nextLong(interval);
        while (!Thread.currentThread().isInterrupted()) {
            long wait = next - micros.getAsLong();
            if (wait > 0) {
                LockSupport.parkNanos(wait * MICROS_TO_NANOS);
            } else {
                next += interval;
                handle();
            }
        }
    }

    private void handle() {
        Context context = Context.of("customer-" + random.nextInt(CUSTOMERS));
        long began = micros.getAsLong();
        boolean onePage = andon.bool(Story.FEATURE).isOn(context);
        if (onePage) {
            lastUnsafeAt = began;
            unsafe.incrementAndGet();
        }
        boolean handled = shop.handle(new Shop.Flags(onePage, failureShare(context)), micros.getAsLong());
        requests.incrementAndGet();
        if (!handled) {
            lastFailureAt = micros.getAsLong();
            failures.incrementAndGet();
        }
    }

    /** The OpenTelemetry demo's flags that make its services fail on purpose. */
    private double failureShare(Context context) {
        return switch (plan.service()) {
            case "payment" ->
                andon.bool("paymentUnreachable").isOn(context)
                        ? 1
                        : andon.number("paymentFailure").value(context, 0);
            case "checkout" -> andon.number("cartFailure").value(context, 0);
            default -> andon.bool("productCatalogFailure").isOn(context) ? 1 : 0;
        };
    }

    /** What happened since the last report. */
    Report report() {
        return new Report(
                plan.service(),
                name,
                micros.getAsLong(),
                andon.status().state().name(),
                requests.getAndSet(0),
                unsafe.getAndSet(0),
                failures.getAndSet(0),
                lastUnsafeAt,
                lastFailureAt);
    }

    void close() {
        andon.close();
    }
}
