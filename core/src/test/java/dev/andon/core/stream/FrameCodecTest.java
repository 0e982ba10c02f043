package dev.andon.core.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.andon.core.image.Provenance;
import dev.andon.core.json.InvalidInput;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FrameCodecTest {
    @Test
    void refusesDigestsThatOtherNodesWouldNotTake() {
        byte[] hello = FrameCodec.encode(hello("d".repeat(128)));
        assertThat(FrameCodec.decode(hello, FrameCodec.FROM_CLIENT)).isEqualTo(hello("d".repeat(128)));
        for (String digest : List.of("d".repeat(129), "d\n")) {
            assertThatThrownBy(() -> FrameCodec.decode(FrameCodec.encode(hello(digest)), FrameCodec.FROM_CLIENT))
                    .isInstanceOf(InvalidInput.class)
                    .hasMessageContaining("has.digest: ");
        }
    }

    private static Frame.Hello hello(String digest) {
        Frame.Held has = new Frame.Held(new Provenance("ledger", 1, 1), digest);
        return new Frame.Hello(1, "test/1", "shop", "one", Optional.empty(), Optional.of(has), List.of());
    }
}
