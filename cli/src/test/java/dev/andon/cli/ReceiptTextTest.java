package dev.andon.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.cli.text.Terminal;
import dev.andon.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReceiptTextTest {
    private static final Terminal PLAIN = new Terminal(false, 80, false);

    @Test
    void a_receipt_is_a_page_that_says_who_is_missing_first() {
        Json receipt = receipt(2)
                .put("returned", 1)
                .put("groups", Json.array(List.of(group("cart", 1, 0), group("checkout", 0, 1))))
                .put(
                        "inFlight",
                        Json.object()
                                .put("count", 7)
                                .put("from", "2026-11-26T03:00:00Z")
                                .put("to", "2026-11-26T03:00:04Z"))
                .put(
                        "relapses",
                        Json.object()
                                .put("count", 1)
                                .put(
                                        "instances",
                                        Json.array(List.of(Json.object()
                                                .put("service", "cart")
                                                .put("instance", "cart-1")
                                                .put("flag", "pay")
                                                .put("variant", "on")
                                                .put("count", 1)
                                                .build()))))
                .put(
                        "final",
                        Json.object()
                                .put("version", 12)
                                .put("at", "2026-11-26T03:05:00Z")
                                .put("outcome", "partial")
                                .put("digest", "abc"))
                .build();
        String page = ReceiptText.of(Receipt.Kill.read(kill("Stripe is down", receipt)), PLAIN);
        assertThat(page)
                .startsWith("NOT PROVEN  pay in production is killed, but not every instance has applied it\n")
                .contains("  3 of 5 instances applied it")
                .contains("  2 silent: there, but without an acknowledgement\n    checkout/checkout-0\n")
                .contains("  1 of them returned: was away, and applied it before its first evaluation")
                .contains("  RELAPSE: 1 evaluation served an unsafe variant under the kill\n")
                .contains("    cart/cart-1: on of pay, 1 time\n")
                .contains("  7 evaluations in flight: begun before the kill was in force there")
                .contains("  receipt partial, in the ledger: version 12");
        assertThat(page.indexOf("checkout  eu")).isLessThan(page.indexOf("cart      eu"));
    }

    @Test
    void says_when_a_fail_over_may_lose_the_entry() {
        Json.Members kill = (Json.Members) kill("Stripe is down", receipt(0).build());
        Json.Builder labelled = Json.object().put("replication", "not-synchronous");
        kill.members().forEach(labelled::put);
        assertThat(ReceiptText.of(Receipt.Kill.read(labelled.build()), PLAIN))
                .contains("The store has no synchronous standby");
        assertThat(ReceiptText.of(Receipt.Kill.read(kill), PLAIN)).doesNotContain("standby");
    }

    @Test
    void however_much_there_is_to_say_it_stays_a_page() {
        List<Json> groups = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            groups.add(group("service-" + i + "x".repeat(100), 1, 1));
        }
        Json receipt = receipt(10_000)
                .put("groups", Json.array(groups))
                .put("confirmed", 1_000_000)
                .put("sent", 1_000_000)
                .put("unconfirmable", 500_000)
                .put("widened", 1_000_000)
                .put("unlisted", 1_000_000)
                .build();
        String page = ReceiptText.of(Receipt.Kill.read(kill("why ".repeat(1_000), receipt)), PLAIN);
        assertThat(page.lines().count()).isLessThanOrEqualTo(ReceiptText.MAX_LINES);
        assertThat(page.lines())
                .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
        assertThat(page).contains("and 9990 more: --json has all").contains("and 490 more: --json has all");
    }

    private static Json group(String service, int applied, int silent) {
        return Json.object()
                .put("service", service)
                .put("region", "eu")
                .put("sdk", "andon-java/0.1.0")
                .put("applied", applied)
                .put("silent", silent)
                .build();
    }

    private static Json.Builder receipt(int silent) {
        List<Json> instances = new ArrayList<>();
        for (int i = 0; i < silent; i++) {
            instances.add(Json.object()
                    .put("service", "checkout")
                    .put("instance", "checkout-" + i)
                    .put("state", "silent")
                    .build());
        }
        return Json.object()
                .put("verdict", "partial")
                .put("applied", 3)
                .put("silent", silent)
                .put("unreachable", 0)
                .put("gone", 0)
                .put("p50Ms", 1.5)
                .put("p99Ms", 2.5)
                .put("maxMs", 3.5)
                .put("instances", Json.array(instances));
    }

    private static Json kill(String reason, Json receipt) {
        return Json.object()
                .put("id", "9f86d081-1")
                .put("target", "pay")
                .put("flags", Json.texts(List.of("pay")))
                .put("environment", "production")
                .put("ledger", "settled")
                .put("version", 3)
                .put("reason", reason)
                .put("actor", "ann")
                .put("at", "2026-11-26T03:00:00Z")
                .put("receipt", receipt)
                .build();
    }
}
