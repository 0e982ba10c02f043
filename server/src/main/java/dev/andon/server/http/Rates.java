package dev.andon.server.http;

import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** How often each key, or whatever has a name, may ask: a bucket of tokens for each one that asked lately. Thread-safe. */
public final class Rates {
    private static final int MANY = 10_000;
    private static final double SECOND_NANOS = 1e9;

    private final double perSecond;
    private final double burst;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    public Rates(int perSecond, int burst, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoTime = nanoTime;
    }

    private final class Bucket {
        private double tokens = burst;
        private long atNanos = nanoTime.getAsLong();
        private long refused;

        synchronized boolean take() {
            fill();
            boolean taken = tokens >= 1;
            if (taken) {
                tokens--;
            } else {
                refused++;
            }
            return taken;
        }

        synchronized long refused() {
            return refused;
        }

        synchronized boolean full() {
            fill();
            return tokens >= burst;
        }

        private void fill() {
            long now = nanoTime.getAsLong();
            tokens = Math.min(burst, tokens + (now - atNanos) / SECOND_NANOS * perSecond);
            atNanos = now;
        }
    }

    /** How often the key was refused; may begin anew when it hasn't asked for long. */
    public long refusals(String key) {
        Bucket bucket = buckets.get(key);
        return bucket == null ? 0 : bucket.refused();
    }

    /** Empty if the key may ask now; else in how many seconds it may again. */
    public OptionalInt take(String key) {
        if (buckets.size() > MANY) {
            buckets.values().removeIf(Bucket::full);
        }
        boolean taken = buckets.computeIfAbsent(key, name -> new Bucket()).take();
        return taken ? OptionalInt.empty() : OptionalInt.of((int) Math.ceil(1 / perSecond));
    }
}
