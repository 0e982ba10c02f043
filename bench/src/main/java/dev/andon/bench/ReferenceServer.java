package dev.andon.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the machine can do: a server on Netty and epoll that knows nothing. To whoever connects and says anything it writes an answer that
 * is always the same; a line on its standard input has it write so many bytes to all connections. A process of its own:
 * {@code ReferenceServer stream} or {@code ReferenceServer answer LENGTH}; it prints its port.
 */
final class ReferenceServer {
    private static final int BACKLOG = 16_384;

    private ReferenceServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        boolean streams = arguments[0].equals("stream");
        Set<Channel> connections = ConcurrentHashMap.newKeySet();
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(EpollIoHandler.newFactory());
        Channel listening = new ServerBootstrap()
                .group(loops)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (streams) {
                            channel.pipeline().addLast(new Listener(connections));
                        } else {
                            channel.pipeline()
                                    .addLast(
                                            new HttpServerCodec(),
                                            new HttpObjectAggregator(1 << 16),
                                            new ConstantAnswer(Integer.parseInt(arguments[1])));
                        }
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
        System.out.println(((InetSocketAddress) listening.localAddress()).getPort());
        obey(connections);
        var _ = loops.shutdownGracefully();
    }

    /** Until its input ends: each line is a number of bytes that all are to get. */
    private static void obey(Set<Channel> connections) {
        byte[] line = new byte[32];
        int length = 0;
        try {
            for (int next = System.in.read(); next >= 0; next = System.in.read()) {
                if (next == '\n') {
                    broadcast(connections, Integer.parseInt(new String(line, 0, length, StandardCharsets.US_ASCII)));
                    length = 0;
                } else {
                    line[length++] = (byte) next;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same bytes for everyone, and never copied; each connection's own thread writes them. */
    private static void broadcast(Set<Channel> connections, int bytes) {
        ByteBuf message = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(Wire.frame(bytes)));
        for (Channel connection : connections) {
            var _ = connection.writeAndFlush(message.duplicate(), connection.voidPromise());
        }
    }

    /** Keeps a connection once it has said something, and reads whatever comes after that away. */
    private static final class Listener extends ChannelInboundHandlerAdapter {
        private final Set<Channel> connections;

        Listener(Set<Channel> connections) {
            this.connections = connections;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
            if (connections.add(context.channel())) {
                var _ = context.writeAndFlush(Unpooled.wrappedBuffer(Wire.UPGRADED));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            connections.remove(context.channel());
        }

        @Override
        @SuppressWarnings("deprecation")
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }
}
