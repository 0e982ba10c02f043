package dev.andon.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.model.KillId;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

final class AckReaderTest {
    private static final Frame.Held HELD = new Frame.Held(new Provenance("ledger", 1, 7), "d1");
    private static final List<KillId> PENDING = List.of(new KillId("9f86d081", 3));

    private final AckReader reader = new AckReader();

    @Test
    void acks_that_differ_in_their_time_alone_say_what_they_say_and_share_the_rest() {
        Frame.Ack first = (Frame.Ack) reader.read(FrameCodec.encode(new Frame.Ack(HELD, PENDING, 12)));
        Frame.Ack second = (Frame.Ack) reader.read(FrameCodec.encode(new Frame.Ack(HELD, PENDING, 3_456)));

        assertThat(first).isEqualTo(new Frame.Ack(HELD, PENDING, 12));
        assertThat(second).isEqualTo(new Frame.Ack(HELD, PENDING, 3_456));
        assertThat(reader.read(FrameCodec.encode(new Frame.Ack(HELD, PENDING, 0))))
                .isEqualTo(new Frame.Ack(HELD, PENDING, 0));
        assertThat(((Frame.Ack) reader.read(FrameCodec.encode(new Frame.Ack(HELD, PENDING, 5)))).state())
                .isSameAs(first.state());
    }

    @Test
    void whatever_follows_an_ack_reads_as_without_one_before() {
        byte[] ack = FrameCodec.encode(new Frame.Ack(HELD, PENDING, 12));
        String text = new String(ack, StandardCharsets.UTF_8);
        String head = text.substring(0, text.length() - "12}".length());
        for (String frame : List.of(
                head + "1234567890123456789}",
                head + "9223372036854775808}",
                head + "-1}",
                head + "01}",
                head + "1 }",
                head + "1.5}",
                head + "}",
                head + "1",
                head + "1}}",
                head + "1,\"more\":2}",
                "{\"more\":1," + text.substring(1),
                "{\"type\":\"pong\"}",
                "nothing")) {
            reader.read(ack);
            byte[] bytes = frame.getBytes(StandardCharsets.UTF_8);
            try {
                Frame expected = FrameCodec.decode(bytes, FrameCodec.FROM_CLIENT);
                assertThat(reader.read(bytes)).as(frame).isEqualTo(expected);
            } catch (InvalidInput refused) {
                assertThatThrownBy(() -> reader.read(bytes)).as(frame).isInstanceOf(InvalidInput.class);
            }
        }
    }
}
