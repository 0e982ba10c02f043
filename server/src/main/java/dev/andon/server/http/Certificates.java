package dev.andon.server.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's certificate chain and key, in two PEM files that are read again when they change. Open connections keep
 * what they have. When things go wrong:
 *
 * <ol>
 *   <li>At the start, files that can't be read or don't belong together are an error.
 *   <li>Later, the certificate in use stays in use, a warning says what is wrong, once for each content, and the files are
 *       read again. So it doesn't matter which of the two is replaced first.
 * </ol>
 *
 * Thread-safe.
 */
public final class Certificates implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Certificates.class);

    private final Vertx vertx;
    private final Path certificate;
    private final Path key;
    private final int everyMs;
    private Loaded loaded;
    private String warnedAbout = "";
    private final List<HttpServer> followers = new CopyOnWriteArrayList<>();
    private @Nullable Long timer;

    private record Loaded(byte[] chain, byte[] key, X509Certificate leaf) {
        byte[] both() {
            byte[] both = Arrays.copyOf(chain, chain.length + key.length);
            System.arraycopy(key, 0, both, chain.length, key.length);
            return both;
        }

        PemKeyCertOptions options() {
            return new PemKeyCertOptions()
                    .setCertValues(List.of(Buffer.buffer(chain)))
                    .setKeyValues(List.of(Buffer.buffer(key)));
        }
    }

    private Certificates(Vertx vertx, Path certificate, Path key, int everyMs, Loaded loaded) {
        this.vertx = vertx;
        this.certificate = certificate;
        this.key = key;
        this.everyMs = everyMs;
        this.loaded = loaded;
    }

    /**
     * Reads the files. Blocks.
     *
     * @param certificate the chain, leaf first
     * @param key the leaf's private key, PKCS#8 or PKCS#1, without a password
     * @param everyMs how often to look whether the files have changed
     * @throws CertificateProblem if they can't be used
     */
    public static Certificates read(Vertx vertx, Path certificate, Path key, int everyMs) {
        return new Certificates(vertx, certificate, key, everyMs, load(vertx, certificate, key));
    }

    synchronized PemKeyCertOptions current() {
        return loaded.options();
    }

    /** Gives the server new certificates from now on, like those that follow already. */
    synchronized void follow(HttpServer server) {
        followers.add(server);
        if (timer == null) {
            timer = vertx.setPeriodic(
                    everyMs,
                    tick -> vertx.executeBlocking(() -> {
                        reload();
                        return null;
                    }));
        }
    }

    @Override
    public synchronized void close() {
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }

    private synchronized void reload() {
        byte[] content = {};
        try {
            Loaded now = new Loaded(Files.readAllBytes(certificate), Files.readAllBytes(key), loaded.leaf());
            content = now.both();
            if (Arrays.equals(content, loaded.both())) {
                return;
            }
            Loaded next = load(vertx, certificate, key);
            ServerSSLOptions options = new ServerSSLOptions().setKeyCertOptions(next.options());
            options.setUseAlpn(true).setApplicationLayerProtocols(List.of("h2", "http/1.1"));
            for (HttpServer server : followers) {
                server.updateSSLOptions(options)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .join();
            }
            loaded = next;
            warnedAbout = "";
            log.info(
                    "certificate: now {} until {}",
                    next.leaf().getSubjectX500Principal(),
                    next.leaf().getNotAfter().toInstant());
        } catch (IOException | RuntimeException e) {
            String why = e instanceof CertificateProblem ? "" + e.getMessage() : e.toString();
            String about = why + Arrays.hashCode(content);
            if (!about.equals(warnedAbout)) {
                warnedAbout = about;
                log.warn(
                        "certificate: the new one can't be used, keeping that of {} until {}: {}",
                        loaded.leaf().getSubjectX500Principal(),
                        loaded.leaf().getNotAfter().toInstant(),
                        why);
            }
        }
    }

    private static Loaded load(Vertx vertx, Path certificate, Path key) {
        try {
            byte[] chain = Files.readAllBytes(certificate);
            byte[] keyBytes = Files.readAllBytes(key);
            X509Certificate leaf = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(chain));
            Loaded loaded = new Loaded(chain, keyBytes, leaf);
            requireBelongTogether(vertx, loaded, certificate, key);
            return loaded;
        } catch (IOException e) {
            throw new CertificateProblem(
                    why(e) + " (expected: the certificate and its key, in PEM files that this user may read)", e);
        } catch (GeneralSecurityException | ClassCastException e) {
            throw new CertificateProblem(
                    certificate + ": " + e.getMessage() + " (expected: X.509 certificates in PEM, leaf first)", e);
        }
    }

    private static String why(IOException e) {
        return switch (e) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file";
            case AccessDeniedException denied -> denied.getFile() + ": access denied";
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Signs with the key and verifies with the certificate. */
    private static void requireBelongTogether(Vertx vertx, Loaded loaded, Path certificate, Path keyFile) {
        boolean together;
        try {
            PublicKey publicKey = loaded.leaf().getPublicKey();
            String type = publicKey.getAlgorithm();
            X509KeyManager manager = (X509KeyManager)
                    loaded.options().getKeyManagerFactory(vertx).getKeyManagers()[0];
            String[] aliases = manager.getServerAliases(type, null);
            together = aliases != null && verifies(manager.getPrivateKey(aliases[0]), publicKey);
        } catch (Exception e) {
            throw new CertificateProblem(
                    keyFile + ": " + e.getMessage() + " (expected: the private key of the first certificate in "
                            + certificate + ", in PEM, without a password)",
                    e);
        }
        if (!together) {
            throw new CertificateProblem(
                    keyFile + ": the key of another certificate (expected: the key of the first one in " + certificate
                            + ")",
                    null);
        }
    }

    private static boolean verifies(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        String algorithm = switch (publicKey.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> publicKey.getAlgorithm();
        };
        byte[] probe = {1, 2, 3};
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(key);
        signer.update(probe);
        Signature verifier = Signature.getInstance(algorithm);
        verifier.initVerify(publicKey);
        verifier.update(probe);
        return verifier.verify(signer.sign());
    }
}
