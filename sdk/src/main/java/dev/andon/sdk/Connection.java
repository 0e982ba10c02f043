package dev.andon.sdk;

import dev.andon.core.stream.Frame;
import dev.andon.core.stream.LinkEffect;
import dev.andon.core.stream.LinkInput;
import java.util.concurrent.CompletableFuture;

/** One connection to a server. The link's thread calls; nothing here blocks it. */
interface Connection {
    /** Sends a frame after those before; {@code unsent} runs, on any thread, if it surely won't arrive. */
    void send(Frame frame, Runnable unsent);

    /** All frames for now were given: those that go out together can go. */
    default void flush() {}

    /** Closes it once what was given is sent, or after a moment. */
    void close();

    /** Done when nothing more is going to be sent. */
    CompletableFuture<?> ended();

    /** Where a connection tells what happens to it. Any thread may call. */
    interface Events {
        /** @param taken runs on the link's thread once the link has dealt with the input */
        void tell(LinkInput input, Runnable taken);

        default void tell(LinkInput input) {
            tell(input, () -> {});
        }
    }

    /** Opens connections. */
    interface Opener {
        Connection open(long id, LinkEffect.Transport transport, Events events);
    }
}
