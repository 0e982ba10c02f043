package dev.andon.core.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.Histories;
import dev.andon.core.Samples;
import dev.andon.core.image.Image;
import dev.andon.core.image.ImageCodec;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void what_was_written_reads_back_and_gives_the_same_bytes() {
        for (long seed = 0; seed < 500; seed++) {
            Json json = new Samples(seed).json(4);
            assertThat(Json.parse(json.utf8())).as("seed %d", seed).isEqualTo(json);
            assertThat(Json.parse(json.pretty().getBytes(StandardCharsets.UTF_8)))
                    .as("seed %d", seed)
                    .isEqualTo(json);
            assertThat(Json.parse(json.utf8()).utf8()).as("seed %d", seed).isEqualTo(json.utf8());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{",
                "[1,]",
                "{\"a\":1,}",
                "{\"a\"}",
                "{a:1}",
                "'a'",
                "\"a",
                "\"\t\"",
                "01",
                "1.",
                ".5",
                "+1",
                "NaN",
                "Infinity",
                "nul",
                "True",
                "[1] 2",
                "{} {}",
                "// x\n1",
                "[1,2",
                "{\"a\":1,\"a\":2}",
                "\"\\u12\"",
                "\"\\x\"",
                "\"\\ud83c\"",
                "{\"\\udf35\":1}",
                "9223372036854775808",
                "-9223372036854775809",
                "1e400",
                "-1e400"
            })
    void what_is_no_json_is_refused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        InvalidInput.class,
                        refusal -> assertThat(refusal.path()).isEqualTo("body"))
                .hasMessageNotContaining("StreamReadFeature");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE"})
    void other_encodings_are_refused(String charset) {
        byte[] bytes = "{\"a\":1}".getBytes(Charset.forName(charset));

        assertThatThrownBy(() -> Json.parse(bytes))
                .isInstanceOf(InvalidInput.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void bytes_that_are_no_utf8_are_refused() {
        List<byte[]> bad = List.of(
                new byte[] {'"', (byte) 0xff, '"'},
                new byte[] {'"', (byte) 0xc3, '"'},
                new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'},
                new byte[] {'"', (byte) 0xf5, (byte) 0x80, (byte) 0x80, (byte) 0x80, '"'});
        for (byte[] bytes : bad) {
            assertThatThrownBy(() -> Json.parse(bytes)).isInstanceOf(InvalidInput.class);
        }
    }

    @Test
    void limits_hold_to_the_byte() {
        JsonLimits limits = new JsonLimits(20, 3, 5);

        assertThat(Json.parse(bytes("[[[1]]]"), limits)).isNotNull();
        assertThat(Json.parse(bytes("{\"abcde\":\"fghij\"}"), limits)).isNotNull();
        assertThat(Json.parse(bytes("[12345678,123456789]"), limits)).isNotNull();
        assertThatThrownBy(() -> Json.parse(bytes("[[[[1]]]]"), limits)).hasMessageContaining("at most 3 levels");
        assertThatThrownBy(() -> Json.parse(bytes("\"abcdef\""), limits)).hasMessageContaining("at most 5");
        assertThatThrownBy(() -> Json.parse(bytes("{\"abcdef\":1}"), limits)).hasMessageContaining("at most 5");
        assertThatThrownBy(() -> Json.parse(bytes("[12345678,1234567890]"), limits))
                .hasMessageContaining("21 bytes (expected: at most 20 bytes)");
    }

    @Test
    void nesting_far_beyond_the_limit_takes_no_stack() {
        String deep = "[".repeat(1_000_000) + "]".repeat(1_000_000);

        assertThatThrownBy(() -> parse(deep)).isInstanceOf(InvalidInput.class).hasMessageContaining("levels");
    }

    @Test
    void long_numbers_are_refused() {
        assertThatThrownBy(() -> parse("0." + "1".repeat(100))).isInstanceOf(InvalidInput.class);
        assertThatThrownBy(() -> parse("9".repeat(100_000))).isInstanceOf(InvalidInput.class);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "-0, 0", "1.0, 1.0", "1e2, 100.0", "-0.0, -0.0", "1E-7, 1.0E-7"})
    void numbers_keep_their_kind(String read, String written) {
        assertThat(parse(read).text()).isEqualTo(written);
    }

    @Test
    void half_surrogate_pairs_are_written_as_the_replacement_character() {
        assertThat(Json.of("a\ud83cb\udf35").text()).isEqualTo("\"a\ufffdb\ufffd\"");
        assertThat(Json.of("🌵").text()).isEqualTo("\"🌵\"");
        assertThat(Json.object().put("🌵", "\u0001é").build().text()).isEqualTo("{\"🌵\":\"\\u0001é\"}");
        assertThat(Json.object().put("\ud83c", 1).build().text()).isEqualTo("{\"\ufffd\":1}");
        assertThat(new InvalidInput("a", "🌵".repeat(100), "less").value()).isEqualTo("🌵".repeat(60) + "…");
        assertThat(new InvalidInput("a", "x" + "🌵".repeat(100), "less").value())
                .isEqualTo("x" + "🌵".repeat(59) + "…");
    }

    @Test
    void whatever_byte_of_a_document_is_changed_it_reads_or_is_refused() {
        byte[] bytes = image(0);
        assertThat(bytes).hasSizeGreaterThan(1000);
        int refused = 0;
        for (int i = 0; i < bytes.length; i++) {
            int[] changes = {bytes[i] ^ 1, bytes[i] ^ 0x80, 0, '"', '}', '9', 0xff};
            int changed = changes[i % changes.length];
            byte[] copy = bytes.clone();
            copy[i] = (byte) changed;
            refused += reads(copy, "byte " + i + " as " + changed) ? 0 : 1;
        }
        assertThat(refused).isGreaterThan(bytes.length / 2);
    }

    @Test
    void wherever_a_document_is_cut_it_is_refused() {
        byte[] bytes = image(0);
        assertThat(bytes).hasSizeGreaterThan(1000);
        for (int length = 0; length < bytes.length; length++) {
            assertThat(reads(Arrays.copyOf(bytes, length), "cut at " + length)).isFalse();
        }
    }

    private static byte[] image(long seed) {
        List<Image> images = Histories.images(Histories.sound(seed, 5));
        return ImageCodec.encode(images.get(images.size() - 1));
    }

    @Test
    void what_is_encoded_already_is_joined_to_the_same_bytes() {
        Json others = Json.object().put("more", true).build();
        for (Json rest : List.of(others, Json.object().build())) {
            for (List<Json> items : List.of(List.<Json>of(), List.of(Json.of(1)), List.of(Json.of("\""), others))) {
                Json.Builder whole = Json.object().put("a\"b", Json.array(items));
                ((Json.Members) rest).members().forEach(whole::put);

                byte[] joined = Json.utf8("a\"b", items.stream().map(Json::utf8).toList(), rest);

                assertThat(new String(joined, StandardCharsets.UTF_8))
                        .isEqualTo(whole.build().text());
            }
        }
    }

    private static boolean reads(byte[] bytes, String what) {
        try {
            ImageCodec.decode(bytes);
            return true;
        } catch (InvalidInput expected) {
            return false;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what, e);
        }
    }

    private static Json parse(String text) {
        return Json.parse(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
