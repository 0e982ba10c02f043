package dev.andon.core.tls;

import dev.andon.core.json.InvalidInput;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Trust in the certificates of a PEM file, and in no others. */
public final class TrustedCertificates {
    private static final String EXPECTED = "a PEM file with at least one certificate, readable by this user";

    private TrustedCertificates() {}

    /** A file's bytes. */
    @FunctionalInterface
    public interface Source {
        byte[] read() throws IOException;
    }

    /**
     * What connections are made with that trust only these.
     *
     * @param option where the file is named, such as {@code --cacert}
     * @param file its path, for messages
     * @throws InvalidInput naming both, if it can't be read, or no certificate is in it
     */
    public static SSLContext sslContext(String option, Object file, Source source) {
        try {
            Collection<? extends Certificate> certificates = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(source.read()));
            if (certificates.isEmpty()) {
                throw new InvalidInput(option, file + ", without a certificate", EXPECTED);
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate certificate : certificates) {
                store.setCertificateEntry("trusted-" + number++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (IOException | GeneralSecurityException e) {
            throw new InvalidInput(option, file + ": " + e, EXPECTED);
        }
    }
}
