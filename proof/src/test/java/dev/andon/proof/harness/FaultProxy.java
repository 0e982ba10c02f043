package dev.andon.proof.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A network that fails on command: it stands between a client and a server on the loopback interface and passes bytes
 * on, or does to them what networks do. Thread-safe.
 */
public final class FaultProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;

    /** What happens to connections, existing and new. */
    private enum Mode {
        FORWARD,
        /** Nothing moves in either direction and nobody is told: a cable pulled somewhere in the middle. */
        STALL,
        /** The client's side stays open, the server's is closed: a middle box that forgot to say so. */
        HALF_OPEN
    }

    /** Reads along with one direction of one connection. */
    public interface Reader {
        void read(byte[] bytes, int length);
    }

    private final InetSocketAddress target;
    private final Supplier<Reader> readers;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Mode mode = Mode.FORWARD;
    private boolean closed;
    private ServerSocket listener;
    private Thread acceptor;

    public FaultProxy(int targetPort) {
        this(targetPort, () -> (bytes, length) -> {});
    }

    /**
     * @param readers makes, for each connection, who reads along with what the client sends, before it is passed on
     */
    public FaultProxy(int targetPort, Supplier<Reader> readers) {
        this.readers = readers;
        target = new InetSocketAddress(InetAddress.getLoopbackAddress(), targetPort);
        port = Ports.free();
        listen();
    }

    public int port() {
        return port;
    }

    /** How many clients are connected. */
    public int connections() {
        return links.size();
    }

    /** Lets bytes pass, those that were held back included. */
    public void forward() {
        set(Mode.FORWARD);
    }

    public void stall() {
        set(Mode.STALL);
    }

    /** Resets every connection; new ones pass. */
    public void cut() {
        links.forEach(Link::reset);
    }

    /** Resets every connection, and nobody listens until {@link #accept}. */
    public void refuse() {
        closeQuietly(listener);
        try {
            // the port is closed once the thread that waits for connections has let go of it
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        cut();
    }

    public void accept() {
        listen();
    }

    /** Closes every connection towards the server, and keeps it open, but dead, towards the client. */
    public void halfOpen() {
        set(Mode.HALF_OPEN);
        links.forEach(link -> closeQuietly(link.server));
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        refuse();
    }

    private void set(Mode next) {
        lock.lock();
        try {
            mode = next;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void listen() {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1_024);
            listener = socket;
            acceptor = Thread.ofVirtual().name("proxy-" + port).start(() -> acceptAll(socket));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void acceptAll(ServerSocket socket) {
        try {
            while (true) {
                Link link = new Link(socket.accept(), new Socket());
                // before refuse() goes on to cut the links
                links.add(link);
                Thread.ofVirtual().name("proxy-link-" + port).start(() -> connect(link));
            }
        } catch (IOException e) {
            closeQuietly(socket);
        }
    }

    private void connect(Link link) {
        try {
            awaitPassage();
            link.server.connect(target);
            link.server.setTcpNoDelay(true);
            link.client.setTcpNoDelay(true);
            Thread.ofVirtual()
                    .name("proxy-answers-" + port)
                    .start(() -> pump(link, link.server, link.client, (bytes, length) -> {}));
            pump(link, link.client, link.server, readers.get());
        } catch (IOException e) {
            link.reset();
        }
    }

    private void pump(Link link, Socket from, Socket to, Reader reader) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            for (int n = from.getInputStream().read(buffer);
                    n >= 0;
                    n = from.getInputStream().read(buffer)) {
                awaitPassage();
                reader.read(buffer, n);
                to.getOutputStream().write(buffer, 0, n);
            }
            awaitPassage();
            link.end();
        } catch (IOException e) {
            endUnlessHalfOpen(link);
        }
    }

    private void endUnlessHalfOpen(Link link) {
        lock.lock();
        try {
            if (mode == Mode.HALF_OPEN && !closed) {
                return;
            }
        } finally {
            lock.unlock();
        }
        link.reset();
    }

    private void awaitPassage() throws IOException {
        lock.lock();
        try {
            while (mode == Mode.STALL && !closed) {
                changed.await();
            }
            if (mode == Mode.HALF_OPEN || closed) {
                throw new IOException("nothing passes here");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            lock.unlock();
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // it was to be gone, and it is
        }
    }

    private final class Link {
        private final Socket client;
        private final Socket server;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void end() {
            links.remove(this);
            closeQuietly(client);
            closeQuietly(server);
        }

        /** Closes both sides so that the peers see a reset and no orderly end. */
        void reset() {
            try {
                client.setSoLinger(true, 0);
                server.setSoLinger(true, 0);
            } catch (SocketException e) {
                // already closed
            }
            end();
        }
    }
}
