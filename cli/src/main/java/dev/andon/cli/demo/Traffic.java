package dev.andon.cli.demo;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** What the services reported, put together. Thread-safe. */
final class Traffic {
    private static final long WINDOW_MICROS = 1_000_000;

    /** What happened within one second. */
    record Second(long requests, long unsafe, long failures) {
        double unsafeShare() {
            return requests == 0 ? 0 : (double) unsafe / requests;
        }

        double failureShare() {
            return requests == 0 ? 0 : (double) failures / requests;
        }
    }

    private final Deque<Report> recent = new ArrayDeque<>();
    private final Map<String, Report> latest = new HashMap<>();
    private long requests;
    private long failures;

    synchronized void add(Report report) {
        recent.addLast(report);
        latest.put(report.instance(), report);
        requests += report.requests();
        failures += report.failures();
        while (recent.getFirst().at() < report.at() - 2 * WINDOW_MICROS) {
            recent.removeFirst();
        }
    }

    /** The second before this moment. */
    synchronized Second before(long nowMicros) {
        long requestsThen = 0;
        long unsafeThen = 0;
        long failuresThen = 0;
        for (Report report : recent) {
            if (report.at() > nowMicros - WINDOW_MICROS && report.at() <= nowMicros) {
                requestsThen += report.requests();
                unsafeThen += report.unsafe();
                failuresThen += report.failures();
            }
        }
        return new Second(requestsThen, unsafeThen, failuresThen);
    }

    /** How many instances say that they are connected. */
    synchronized int live() {
        return (int) latest.values().stream()
                .filter(report -> report.state().equals(ServiceMain.LIVE))
                .count();
    }

    /** Whether every instance that ever reported has done so since this moment. */
    synchronized boolean allReportedSince(long micros) {
        return latest.values().stream().allMatch(report -> report.at() > micros);
    }

    synchronized long lastUnsafeAt() {
        return latest.values().stream().mapToLong(Report::lastUnsafeAt).max().orElse(0);
    }

    synchronized long lastFailureAt() {
        return latest.values().stream().mapToLong(Report::lastFailureAt).max().orElse(0);
    }

    synchronized long requests() {
        return requests;
    }

    synchronized long failures() {
        return failures;
    }
}
