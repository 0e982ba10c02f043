package dev.andon.core.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.json.Fields;
import dev.andon.core.json.Json;
import dev.andon.core.model.Serve;
import dev.andon.core.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class VectorsTest {
    private final Fields buckets = Vectors.read("buckets.json");

    @Test
    void hashes_agree_with_the_public_test_vectors() {
        List<Fields> hashes = all(buckets, "hashes");
        assertThat(hashes).hasSizeGreaterThan(20);
        for (Fields hash : hashes) {
            String text = hash.text("text");
            for (int cut = 0; cut <= text.length(); cut++) {
                if (cut == 0 || !Character.isHighSurrogate(text.charAt(cut - 1))) {
                    assertThat(Murmur3.after(text.substring(0, cut)).hash(text.substring(cut)))
                            .as("%s cut at %d", text, cut)
                            .isEqualTo(hash.whole("hash", 0, 0xffffffffL));
                }
            }
        }
    }

    @Test
    void buckets_agree() {
        List<Fields> cases = all(buckets, "buckets");
        assertThat(cases).hasSizeGreaterThan(60);
        for (Fields one : cases) {
            Object value = Vectors.value(one.json("value"));
            Trace trace = new Trace();
            Attribute attribute = new Attribute("a");
            Murmur3 seeded = Murmur3.after(one.text("seed"));
            int total = (int) one.whole("total", 1, Integer.MAX_VALUE);
            Evaluation any = Evaluation.FLAG_NOT_FOUND;
            new Choice.Split(attribute, seeded, new int[] {total}, new Evaluation[] {any}, any)
                    .choose(Context.EMPTY.with("a", value), trace);
            assertThat(trace.steps().get(0).outcome())
                    .as("%s", one.json("value"))
                    .isEqualTo("bucket " + one.whole("bucket", 0, Integer.MAX_VALUE) + " of " + total);
        }
    }

    @Test
    void shares_agree_with_flagd() {
        for (Fields one : all(buckets, "shares")) {
            List<Serve.Share> shares = new ArrayList<>();
            for (Json share : one.items("shares")) {
                List<Json> pair = ((Json.Array) share).items();
                shares.add(
                        new Serve.Share(((Json.Text) pair.get(0)).value(), (int) ((Json.Whole) pair.get(1)).value()));
            }
            Serve split = new Serve.Split(shares, Serve.TARGETING_KEY, Optional.of(one.text("seed")));
            String value = one.text("value");
            Evaluation evaluation = Rulesets.serving(split).evaluate("flag", Context.of(value));
            assertThat(evaluation.variant()).as(value).isEqualTo(one.text("variant"));
        }
    }

    @TestFactory
    Stream<DynamicTest> environments_and_contexts_give_these_variants_for_these_reasons() {
        return all(Vectors.read("evaluation.json"), "documents").stream()
                .map(document -> DynamicTest.dynamicTest(document.text("name"), () -> check(document)));
    }

    private static void check(Fields document) {
        Ruleset ruleset = Vectors.ruleset(document);
        List<Fields> cases = all(document, "cases");
        assertThat(cases).isNotEmpty();
        for (Fields one : cases) {
            String flag = one.text("flag");
            Context context = Vectors.context(one.map("context"));
            Evaluation evaluation = one.has("expected")
                    ? ruleset.evaluate(flag, one.word("expected", ValueType.WORDS), context)
                    : ruleset.evaluate(flag, context);
            String described = flag + " for " + one.json("context").text();
            assertThat(evaluation.reason().name()).as(described).isEqualTo(one.text("reason"));
            assertThat(evaluation.variant()).as(described).isEqualTo(one.text("variant", null));
            assertThat(evaluation.error() == null ? null : evaluation.error().name())
                    .as(described)
                    .isEqualTo(one.text("error", null));
            assertThat(evaluation.rule()).as(described).isEqualTo((int) one.whole("rule", 0, 1000, Evaluation.NONE));
            assertThat(evaluation.kill() == null ? null : evaluation.kill().toString())
                    .as(described)
                    .isEqualTo(one.text("kill", null));
            one.end();
        }
    }

    private static List<Fields> all(Fields document, String name) {
        return document.items(name).stream().map(Fields::strict).toList();
    }
}
