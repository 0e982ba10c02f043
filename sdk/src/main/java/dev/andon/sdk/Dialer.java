package dev.andon.sdk;

import dev.andon.core.stream.LinkInput;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Opens sockets to the server, through a proxy where there is one, with TLS and a check of the host's name where the
 * address asks for it. Thread-safe; blocks.
 *
 * <p>Not the JDK's HTTP client: {@code docs/decisions/0013-sdk-on-its-own-sockets.md} says why.
 */
final class Dialer {
    /** Below the link's own time for opening, so that an address that swallows packets is told from a blocked upgrade. */
    private static final int CONNECT_MS = 4_000;

    private static final int HANDSHAKE_MS = 4_000;
    private static final int HTTPS_PORT = 443;
    private static final int HTTP_PORT = 80;

    private final URI server;
    private final boolean tls;
    private final Optional<AndonOptions.Proxy> proxy;
    private final Optional<SSLContext> sslContext;

    /** @param server one of the options' */
    Dialer(URI server, AndonOptions options) {
        this.server = server;
        this.tls = server.getScheme().equals("https");
        this.proxy = options.proxy();
        this.sslContext = options.sslContext();
    }

    /** The server's name as a {@code Host} header has it. */
    String host() {
        return server.getRawAuthority();
    }

    /** A path of the server below the address that was given for it. */
    String path(String below) {
        String base = server.getRawPath();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + below;
    }

    private String name() {
        String host = server.getHost();
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private int port() {
        if (server.getPort() >= 0) {
            return server.getPort();
        }
        return tls ? HTTPS_PORT : HTTP_PORT;
    }

    /**
     * A socket that is ready for HTTP, and reads without a time limit.
     *
     * @param underway is given every socket before it is used, so that another thread can close it
     */
    Socket dial(Consumer<Socket> underway) throws IOException {
        Socket socket = connect(underway);
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            Socket ready = tls ? encrypt(socket) : socket;
            ready.setSoTimeout(0);
            return ready;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Socket connect(Consumer<Socket> underway) throws IOException {
        if (proxy.isPresent()) {
            AndonOptions.Proxy given = proxy.get();
            Socket socket = connect(given.host(), given.port(), underway);
            return tunnel(socket, given.credentials());
        }
        Proxy system = systemProxy();
        return switch (system.type()) {
            case DIRECT -> connect(name(), port(), underway);
            case HTTP -> tunnel(connect(system.address(), Proxy.NO_PROXY, underway), Optional.empty());
            case SOCKS -> connect(InetSocketAddress.createUnresolved(name(), port()), system, underway);
        };
    }

    /** What the JVM's settings say. */
    private Proxy systemProxy() {
        ProxySelector selector = ProxySelector.getDefault();
        List<Proxy> proxies = selector == null ? List.of() : selector.select(server);
        return proxies.isEmpty() ? Proxy.NO_PROXY : proxies.get(0);
    }

    /** Tries the name's addresses one after the other. */
    private static Socket connect(String host, int port, Consumer<Socket> underway) throws IOException {
        InetAddress[] addresses;
        try {
            addresses = InetAddress.getAllByName(host);
        } catch (UnknownHostException e) {
            throw new Failure(new LinkInput.Unreachable("no such host: " + host));
        }
        IOException last = new IOException("no address");
        for (InetAddress address : addresses) {
            try {
                return connect(new InetSocketAddress(address, port), Proxy.NO_PROXY, underway);
            } catch (IOException e) {
                last = e;
            }
        }
        throw last;
    }

    private static Socket connect(SocketAddress address, Proxy by, Consumer<Socket> underway) throws IOException {
        Socket socket = new Socket(by);
        try {
            underway.accept(socket);
            InetSocketAddress target = (InetSocketAddress) address;
            boolean resolve = target.isUnresolved() && by.type() == Proxy.Type.DIRECT;
            socket.connect(
                    resolve ? new InetSocketAddress(target.getHostString(), target.getPort()) : target, CONNECT_MS);
            return socket;
        } catch (IOException e) {
            socket.close();
            throw new Failure(new LinkInput.Unreachable(address + ": " + e.getMessage()));
        }
    }

    /** Asks a proxy for a way through (RFC 9110, 9.3.6). */
    private Socket tunnel(Socket socket, Optional<AndonOptions.Credentials> credentials) throws IOException {
        try {
            socket.setSoTimeout(HANDSHAKE_MS);
            String target = (name().contains(":") ? "[" + name() + "]" : name()) + ":" + port();
            StringBuilder request = new StringBuilder("CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n");
            credentials.ifPresent(given -> request.append("Proxy-Authorization: Basic ")
                    .append(Base64.getEncoder()
                            .encodeToString((given.user() + ":" + given.password()).getBytes(StandardCharsets.UTF_8)))
                    .append("\r\n"));
            socket.getOutputStream().write(request.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            HttpHead answer = HttpHead.read(in);
            if (!answer.successful()) {
                throw new Failure(answer.failure());
            }
            return socket;
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    private Socket encrypt(Socket socket) throws IOException {
        SocketFactory factory =
                sslContext.<SocketFactory>map(SSLContext::getSocketFactory).orElseGet(SSLSocketFactory::getDefault);
        SSLSocket secure = (SSLSocket) ((SSLSocketFactory) factory).createSocket(socket, name(), port(), true);
        SSLParameters parameters = secure.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        secure.setSSLParameters(parameters);
        secure.setSoTimeout(HANDSHAKE_MS);
        secure.startHandshake();
        return secure;
    }
}
