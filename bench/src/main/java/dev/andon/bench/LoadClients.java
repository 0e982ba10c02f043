package dev.andon.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Load on an HTTP server, from a process of its own: connections that each ask the same again as soon as they are answered. Obeys lines
 * {@code PORT CONNECTIONS MILLISECONDS REQUEST}, the request in Base64, and answers with how many answers came in a second, or with what
 * went wrong.
 */
final class LoadClients {
    private static final int MAX_ANSWER_BYTES = 4 << 20;

    private LoadClients() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String order = orders.readLine(); order != null; order = orders.readLine()) {
            String[] words = order.split(" ", -1);
            System.out.println(load(
                    loops,
                    Integer.parseInt(words[0]),
                    Integer.parseInt(words[1]),
                    Integer.parseInt(words[2]),
                    Base64.getDecoder().decode(words[3])));
        }
        System.exit(0);
    }

    private static String load(EventLoopGroup loops, int port, int connections, int ms, byte[] request)
            throws InterruptedException {
        Asking asking = new Asking(request);
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(EpollSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        new HttpResponseDecoder(),
                                        new HttpObjectAggregator(MAX_ANSWER_BYTES),
                                        asking.one());
                    }
                });
        List<Channel> open = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            open.add(bootstrap
                    .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    .sync()
                    .channel());
        }
        TimeUnit.MILLISECONDS.sleep(ms / 5);
        long before = asking.answers.sum();
        long startNanos = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(ms);
        double perSecond = (asking.answers.sum() - before) * 1e9 / (System.nanoTime() - startNanos);
        for (Channel channel : open) {
            channel.close().sync();
        }
        return asking.problem.isEmpty() ? Double.toString(perSecond) : asking.problem;
    }

    /** What all connections ask, and what came of it. */
    private static final class Asking {
        private final byte[] request;
        private final LongAdder answers = new LongAdder();
        private volatile String problem = "";

        Asking(byte[] request) {
            this.request = request;
        }

        SimpleChannelInboundHandler<FullHttpResponse> one() {
            return new SimpleChannelInboundHandler<>() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                    ask(context);
                }

                @Override
                protected void channelRead0(ChannelHandlerContext context, FullHttpResponse answer) {
                    if (answer.status().code() == 200) {
                        answers.increment();
                    } else {
                        problem = answer.status() + ": " + answer.content().toString(StandardCharsets.UTF_8);
                    }
                    ask(context);
                }

                private void ask(ChannelHandlerContext context) {
                    var _ = context.writeAndFlush(Unpooled.wrappedBuffer(request), context.voidPromise());
                }
            };
        }
    }
}
