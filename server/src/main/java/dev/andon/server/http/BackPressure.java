package dev.andon.server.http;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;

/**
 * Reads nothing from a client while it doesn't read what it was sent: the answers to all that it asks for would pile up
 * here, WebSocket pings included, which Vert.x answers by itself. On its channel's event loop only.
 */
final class BackPressure extends ChannelDuplexHandler {
    static final String NAME = "andon-back-pressure";

    private boolean held;

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
        context.fireChannelWritabilityChanged();
    }

    private void hold(ChannelHandlerContext context) {
        held = true;
        context.channel().config().setAutoRead(false);
    }
}
