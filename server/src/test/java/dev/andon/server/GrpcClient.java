package dev.andon.server;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** gRPC's own client, with messages that it doesn't know. */
final class GrpcClient implements AutoCloseable {
    private static final int LEAST_WINDOW_BYTES = 65_535;

    private final ManagedChannel channel;

    private record Bytes() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private GrpcClient(ManagedChannel channel) {
        this.channel = channel;
    }

    static GrpcClient of(int port) {
        return new GrpcClient(builder(port).usePlaintext().build());
    }

    /** Whose connection takes no more than HTTP/2's least unread. */
    static GrpcClient reluctant(int port) {
        return new GrpcClient(builder(port)
                .usePlaintext()
                .flowControlWindow(LEAST_WINDOW_BYTES)
                .build());
    }

    static GrpcClient secure(int port, Path trusted) throws IOException {
        return new GrpcClient(builder(port)
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(trusted.toFile())
                        .build())
                .build());
    }

    private static NettyChannelBuilder builder(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(true)
                .maxInboundMessageSize(64 << 20);
    }

    private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.newBuilder(new Bytes(), new Bytes())
                .setFullMethodName(name)
                .setType(type)
                .build();
    }

    private io.grpc.Channel with(String... headers) {
        Metadata metadata = new Metadata();
        for (int i = 0; i < headers.length; i += 2) {
            metadata.put(Metadata.Key.of(headers[i], Metadata.ASCII_STRING_MARSHALLER), headers[i + 1]);
        }
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    byte[] call(String method, byte[] request, String... headers) {
        return ClientCalls.blockingUnaryCall(
                with(headers),
                method(method, MethodDescriptor.MethodType.UNARY),
                CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
                request);
    }

    <T> T call(String method, MessageLite request, Parser<T> parser, String... headers) throws IOException {
        return parser.parseFrom(call(method, request.toByteArray(), headers));
    }

    /** @param ahead how many messages the client takes before it reads the first; 0 for one that never reads */
    Stream stream(String method, MessageLite request, int ahead, String... headers) {
        Stream stream = new Stream(with(headers)
                .newCall(method(method, MethodDescriptor.MethodType.SERVER_STREAMING), CallOptions.DEFAULT));
        stream.start(request.toByteArray(), ahead);
        return stream;
    }

    /** What a server sends, one after the other. */
    static final class Stream implements AutoCloseable {
        private final ClientCall<byte[], byte[]> call;
        private final BlockingQueue<byte[]> messages = new LinkedBlockingQueue<>();
        private volatile @Nullable Status status;

        private Stream(ClientCall<byte[], byte[]> call) {
            this.call = call;
        }

        private void start(byte[] request, int ahead) {
            call.start(
                    new ClientCall.Listener<>() {
                        @Override
                        public void onMessage(byte[] message) {
                            messages.add(message);
                        }

                        @Override
                        public void onClose(Status closed, Metadata trailers) {
                            status = closed;
                        }
                    },
                    new Metadata());
            if (ahead > 0) {
                call.request(ahead);
            }
            call.sendMessage(request);
            call.halfClose();
        }

        /** Takes more. */
        void take(int more) {
            call.request(more);
        }

        byte @Nullable [] poll(int ms) throws InterruptedException {
            return messages.poll(ms, TimeUnit.MILLISECONDS);
        }

        <T> T next(Parser<T> parser) throws Exception {
            byte[] message = poll(60_000);
            if (message == null) {
                throw new AssertionError("no message (expected: one); status " + status);
            }
            return parser.parseFrom(message);
        }

        @Nullable
        Status status() {
            return status;
        }

        @Override
        public void close() {
            call.cancel("done", null);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
