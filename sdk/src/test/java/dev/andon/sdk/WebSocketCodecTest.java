package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.sdk.WebSocketCodec.Message;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples and rules of RFC 6455. */
class WebSocketCodecTest {
    private static WebSocketCodec.Reader reader(byte[] bytes, int maxBytes) {
        return new WebSocketCodec.Reader(new DataInputStream(new ByteArrayInputStream(bytes)), maxBytes);
    }

    private static WebSocketCodec.Reader reader(String hex) {
        return reader(HexFormat.of().parseHex(hex.replace(" ", "")), 10);
    }

    private static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }

    @Test
    void section_1_3_the_answer_to_a_key() {
        assertThat(WebSocketCodec.accepted("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(WebSocketCodec.newKey(new Random(1))).hasSize(24).isNotEqualTo(WebSocketCodec.newKey(new Random(2)));
    }

    @Test
    void section_5_7_messages_whole_and_in_parts_with_a_ping_between() throws IOException {
        assertThat(text(reader("81 05 48 65 6c 6c 6f").next())).isEqualTo("Hello");
        WebSocketCodec.Reader parts = reader("01 03 48 65 6c  89 02 70 21  80 02 6c 6f  81 01 78");
        Message ping = parts.next();
        assertThat(ping.opcode()).isEqualTo(WebSocketCodec.PING);
        assertThat(text(ping)).isEqualTo("p!");
        Message whole = parts.next();
        assertThat(whole.opcode()).isEqualTo(WebSocketCodec.TEXT);
        assertThat(text(whole)).isEqualTo("Hello");
        assertThat(text(parts.next())).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 100_000})
    void section_5_3_what_is_written_is_masked_and_reads_back(int length) throws IOException {
        byte[] payload = new byte[length];
        new Random(length).nextBytes(payload);
        byte[] frame = WebSocketCodec.frame(WebSocketCodec.TEXT, payload, new Random(7));
        assertThat(frame[1] & 0x80).isEqualTo(0x80);
        int head = length <= 125 ? 2 : length <= 65_535 ? 4 : 10;
        byte[] mask = java.util.Arrays.copyOfRange(frame, head, head + 4);
        ByteArrayOutputStream unmasked = new ByteArrayOutputStream();
        unmasked.write(frame, 0, 1);
        unmasked.write(frame[1] & 0x7f);
        unmasked.write(frame, 2, head - 2);
        for (int i = head + 4; i < frame.length; i++) {
            unmasked.write(frame[i] ^ mask[(i - head - 4) % 4]);
        }
        assertThat(reader(unmasked.toByteArray(), 100_000).next().payload()).isEqualTo(payload);
    }

    @ParameterizedTest
    @CsvSource({
        "81 0b 00, a message of more than 10 bytes",
        "01 06 000000000000 80 05, a message of more than 10 bytes",
        "81 7f ffffffffffffffff, breaks the WebSocket protocol",
        "81 85 00000000, breaks the WebSocket protocol",
        "c1 00, breaks the WebSocket protocol",
        "09 00, breaks the WebSocket protocol",
        "89 7e 0080, breaks the WebSocket protocol",
        "80 00, parts of messages out of turn",
        "01 00 81 00, parts of messages out of turn",
        "81 05 48, ended within a message"
    })
    void what_breaks_the_rules_or_the_limit_ends_the_connection(String hex, String why) {
        assertThatThrownBy(() -> reader(hex).next())
                .isInstanceOf(IOException.class)
                .hasMessageContaining(why);
    }

    @Test
    void section_5_5_1_a_close_says_why() throws IOException {
        assertThat(reader("88 06 03e9 62796521").next().closing()).isEqualTo("1001 bye!");
        assertThat(reader("88 00").next().closing()).isEqualTo("without a reason");
    }
}
