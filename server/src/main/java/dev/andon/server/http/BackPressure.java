package dev.andon.server.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/**
 * Reads nothing from a client while it doesn't read what it was sent: the answers to all that it asks for would pile up
 * here, WebSocket pings included, which Vert.x answers by itself. On its channel's event loop only.
 */
public final class BackPressure extends ChannelDuplexHandler {
    static final String NAME = "andon-back-pressure";

    private boolean held;
    private @Nullable Runnable relieved;

    /**
     * Has it run each time that a connection has room again for what is sent: as a task of its own on the event loop.
     *
     * @param channel of a connection that this edge has accepted
     */
    public static void onRelief(Channel channel, Runnable action) {
        if (!(channel.pipeline().get(NAME) instanceof BackPressure here)) {
            throw new IllegalStateException(channel + ": no back pressure (expected: a connection of the edge)");
        }
        here.relieved = action;
    }

    /** Vert.x switches reading off and on for reasons of its own, which comes by here. */
    @Override
    public void read(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            context.read();
        } else {
            hold(context);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (!context.channel().isWritable()) {
            if (context.channel().config().isAutoRead()) {
                hold(context);
            }
        } else if (held) {
            held = false;
            context.channel().config().setAutoRead(true);
        }
        if (relieved != null && context.channel().isWritable()) {
            context.executor().execute(relieved);
        }
        context.fireChannelWritabilityChanged();
    }

    private void hold(ChannelHandlerContext context) {
        held = true;
        context.channel().config().setAutoRead(false);
    }
}
