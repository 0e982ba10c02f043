package dev.andon.server.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
    private static final int MOST_IN_ONE_FRAME = 60 << 10;

    /** A frame that takes so many bytes. */
    private static Frame frame(int length) {
        int rest = FrameCodec.encode(new Frame.Refused("code", "", 0)).length;
        return new Frame.Refused("code", "x".repeat(length - rest), 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 125, 126, 127, 61_439, 61_440, 61_441, 61_565, 61_566, 122_880, 122_881, 300_000})
    void goes_out_as_websocket_frames_and_in_polls_as_it_is(int length) {
        Message message = Message.of(frame(length));
        byte[] expected = FrameCodec.encode(frame(length));
        assertThat(message.length()).isEqualTo(length).isEqualTo(expected.length);

        assertThat(message.bytes()).isEqualTo(expected);

        List<WebSocketFrame> read = read(message);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int i = 0; i < read.size(); i++) {
            WebSocketFrame fragment = read.get(i);
            byte[] bytes = new byte[fragment.content().readableBytes()];
            fragment.content().readBytes(bytes);
            fragment.release();
            whole.writeBytes(bytes);
            assertThat(bytes.length).isBetween(1, MOST_IN_ONE_FRAME);
            assertThat(fragment instanceof TextWebSocketFrame).isEqualTo(i == 0);
            assertThat(fragment.isFinalFragment()).isEqualTo(i == read.size() - 1);
        }
        assertThat(whole.toByteArray()).isEqualTo(expected);
    }

    /** As Netty reads it, which wrote none of it. */
    private static List<WebSocketFrame> read(Message message) {
        EmbeddedChannel sending = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        EmbeddedChannel receiving = new EmbeddedChannel(new WebSocket13FrameDecoder(false, false, MOST_IN_ONE_FRAME));
        message.writeTo(sending.pipeline().firstContext());
        sending.flush();
        for (ByteBuf out = sending.readOutbound(); out != null; out = sending.readOutbound()) {
            receiving.writeInbound(out);
        }
        List<WebSocketFrame> read = new ArrayList<>();
        for (WebSocketFrame in = receiving.readInbound(); in != null; in = receiving.readInbound()) {
            read.add(in);
        }
        sending.finishAndReleaseAll();
        receiving.finishAndReleaseAll();
        return read;
    }
}
