package dev.andon.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.stream.LinkInput;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpHeadTest {
    /** @param text with a bar for the end of a line */
    private static InputStream answer(String text) {
        return new ByteArrayInputStream(text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String body(String text) throws IOException {
        InputStream in = answer(text);
        return new String(HttpHead.read(in).body(in, 100), StandardCharsets.ISO_8859_1);
    }

    @Test
    void bodies_end_by_length_by_chunks_or_with_the_connection() throws IOException {
        assertThat(body("HTTP/1.1 200 OK|Content-Length: 2||hello")).isEqualTo("he");
        assertThat(body("HTTP/1.1 200 OK|"
                        + "Transfer-Encoding: chunked||"
                        + "2;x=y|"
                        + "he|"
                        + "3|"
                        + "llo|"
                        + "0|"
                        + "A: b||"
                        + "X"))
                .isEqualTo("hello");
        assertThat(body("HTTP/1.0 200 OK\n\nhello")).isEqualTo("hello");
        assertThat(body("HTTP/1.1 304 Not Modified|Content-Length: 9||X")).isEmpty();
        assertThat(body("HTTP/1.1 103 Early Hints|Link: x||HTTP/1.1 200 OK|Content-Length: 1||X"))
                .isEqualTo("X");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK|Content-Length: 101||",
                "HTTP/1.1 200 OK|Content-Length: -1||",
                "HTTP/1.1 200 OK|Content-Length: x||",
                "HTTP/1.1 200 OK|Content-Length: 9||hello",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||65|",
                "HTTP/1.1 200 OK|Transfer-Encoding: chunked||5|hel",
                "HTTP/1.1 200 OK|no colon||",
                "HTTP/1.1 200",
                "HTTP/1.1 2000 OK||",
                "SSH-2.0-OpenSSH_9.2||",
                ""
            })
    void what_is_no_answer_or_too_long_is_refused(String text) {
        assertThatThrownBy(() -> body(text)).isInstanceOf(IOException.class);
    }

    @Test
    void heads_without_end_are_refused() {
        assertThatThrownBy(() -> body("HTTP/1.1 200 " + "x".repeat(20_000))).hasMessageContaining("too long");
        StringBuilder many = new StringBuilder("HTTP/1.1 200 OK|");
        for (int i = 0; i < 300; i++) {
            many.append("h").append(i).append(": x|");
        }
        assertThatThrownBy(() -> body(many.toString())).hasMessageContaining("headers");
        assertThatThrownBy(() -> body("HTTP/1.1 200 OK|A: b|")).isInstanceOf(EOFException.class);
    }

    @Test
    void a_refusal_says_when_to_come_back() throws IOException {
        assertThat(HttpHead.read(answer("HTTP/1.1 503 No|Retry-After: 7||")).failure())
                .isEqualTo(new LinkInput.Status(503, 7_000));
        assertThat(HttpHead.read(answer("HTTP/1.1 429 No|Retry-After: Fri, 31 Dec||"))
                        .failure())
                .isEqualTo(new LinkInput.Status(429, 0));
    }

    @Test
    void connections_are_kept_when_the_answer_has_an_end() throws IOException {
        assertThat(HttpHead.read(answer("HTTP/1.1 200 OK|Content-Length: 1||")).keepsAlive())
                .isTrue();
        assertThat(HttpHead.read(answer("HTTP/1.1 200 OK|Content-Length: 1|Connection: Close||"))
                        .keepsAlive())
                .isFalse();
        assertThat(HttpHead.read(answer("HTTP/1.1 200 OK||")).keepsAlive()).isFalse();
    }
}
