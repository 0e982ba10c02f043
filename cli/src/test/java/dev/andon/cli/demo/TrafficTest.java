package dev.andon.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrafficTest {
    private static final long SECOND = 1_000_000;

    private static Report report(String instance, long at, long requests, long unsafe, long failures) {
        return new Report("cart", instance, at, "LIVE", requests, unsafe, failures, unsafe > 0 ? at - 5 : 0, 0);
    }

    @Test
    void countsWhatWasReportedWithinTheSecondBefore() {
        Traffic traffic = new Traffic();
        traffic.add(report("a", 10 * SECOND, 100, 100, 100));
        traffic.add(report("a", 10 * SECOND + 500_000, 10, 4, 1));
        traffic.add(report("b", 11 * SECOND, 10, 2, 0));
        Traffic.Second second = traffic.before(11 * SECOND + 1);
        assertThat(second).isEqualTo(new Traffic.Second(20, 6, 1));
        assertThat(second.unsafeShare()).isEqualTo(0.3);
        assertThat(second.failureShare()).isEqualTo(0.05);
        assertThat(traffic.requests()).isEqualTo(120);
        assertThat(traffic.failures()).isEqualTo(101);
    }

    @Test
    void anInstanceThatFellSilentHasNotReported() {
        Traffic traffic = new Traffic();
        traffic.add(report("a", 10, 1, 0, 0));
        traffic.add(report("b", 20, 1, 1, 0));
        assertThat(traffic.live()).isEqualTo(2);
        assertThat(traffic.allReportedSince(9)).isTrue();
        assertThat(traffic.allReportedSince(15)).isFalse();
        assertThat(traffic.lastUnsafeAt()).isEqualTo(15);
    }

    @Test
    void reportsAndPlansSurviveTheirLine() {
        Report report = new Report("cart", "cart-1", 7, "STALE", 6, 5, 4, 3, 2);
        assertThat(Report.parse(report.line())).isEqualTo(report);
        Plan plan = new Plan("http://127.0.0.1:1", "key", "cart", "eu", 4, 50, "/tmp/x");
        assertThat(Plan.parse(plan.line())).isEqualTo(plan);
        assertThat(report.line() + plan.line()).doesNotContain("\n");
    }
}
