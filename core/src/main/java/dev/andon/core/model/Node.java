package dev.andon.core.model;

import dev.andon.core.json.Fields;
import dev.andon.core.json.InvalidInput;
import dev.andon.core.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A node of the control plane, as the ledger knows it.
 *
 * @param id random, made at the node's first start
 * @param publicKey Base64 of the X.509 form of its Ed25519 key
 * @param address where other nodes reach it, such as {@code https://andon-1.example:8080}; none if they don't
 * @param relay what there is to say of it as a relay, if it is one
 */
public record Node(String id, String publicKey, Optional<String> address, Optional<Relay> relay) {
    public static final int ADDRESS_CHARS = 300;

    /**
     * A node without a ledger of its own.
     *
     * @param region where it and its clients are
     * @param retired whether somebody has taken it off the list, as it is gone for good
     * @param joining by which token it is in the ledger; empty in entries from before that was kept
     */
    public record Relay(String region, boolean retired, Optional<Joining> joining) {
        public Relay {
            Keys.name("region", region);
        }

        private static Relay read(Fields fields) {
            return new Relay(
                    fields.text("region"),
                    fields.bool("retired", false),
                    fields.optionalObject("joining").map(Joining::read));
        }

        private Json toJson() {
            Json.Builder json = Json.object().put("region", region).put("retired", retired);
            joining.ifPresent(how -> json.put("joining", how.toJson()));
            return json.build();
        }
    }

    /**
     * How a relay has joined: what it signs counts for as long as that secret of that token is in force, and what
     * its parent signs counts.
     *
     * @param token the id of the token that it showed
     * @param secret lower-case hexadecimal SHA-256 of the secret that it showed
     * @param parent the relay that feeds it; empty if a node with a ledger does
     * @param number grows each time that it joins, so that an earlier joining can't be shown again
     * @param via what the relays showed that passed the joining on, each by itself: it counts no longer than theirs. The relay
     *     doesn't sign that
     */
    public record Joining(String token, String secret, Optional<String> parent, long number, List<Shown> via) {
        /** Begins what a relay signs to join, and nothing else that a node signs. */
        public static final String PREFIX = "andon relay joins ";

        private static final int MAX_VIA = 16;

        public Joining {
            new Shown(token, secret);
            via = List.copyOf(via);
            Keys.atMost("via", via.size(), MAX_VIA);
            parent.ifPresent(relay -> Keys.key("parent", relay));
            if (number < 1) {
                throw new InvalidInput("number", "" + number, "at least 1");
            }
        }

        /** One that no other relay has passed on. */
        public Joining(String token, String secret, Optional<String> parent, long number) {
            this(token, secret, parent, number, List.of());
        }

        /** The same, passed on last by a relay that showed this. */
        public Joining via(Shown other) {
            List<Shown> all = new ArrayList<>(via);
            all.remove(other);
            all.add(other);
            return new Joining(token, secret, parent, number, all);
        }

        /** The same, as the relay itself asks for it. */
        public Joining direct() {
            return new Joining(token, secret, parent, number);
        }

        /** The token by which it got to the ledger: that of the relay which passed it on last, or its own. */
        public String broughtInBy() {
            return via.isEmpty() ? token : via.get(via.size() - 1).token();
        }

        /** All that was shown for it. */
        public List<Shown> shown() {
            List<Shown> all = new ArrayList<>(List.of(new Shown(token, secret)));
            all.addAll(via);
            return all;
        }

        /**
         * What the relay signs with its key, so that nobody else can have it join, or move it.
         *
         * @param ledger the ledger's id
         * @param relay its id
         */
        public String statement(String ledger, String relay, String region) {
            return PREFIX
                    + Json.object()
                            .put("ledger", ledger)
                            .put("node", relay)
                            .put("region", region)
                            .put("token", token)
                            .put("secret", secret)
                            .put("parent", parent)
                            .put("number", number)
                            .build()
                            .text();
        }

        /** Refuses what can't be one with {@link InvalidInput}. */
        public static Joining read(Fields fields) {
            return new Joining(
                    fields.text("token"),
                    fields.text("secret"),
                    fields.optionalText("parent"),
                    fields.whole("number", 1, Long.MAX_VALUE),
                    fields.objects("via", Shown::read));
        }

        public Json toJson() {
            Json.Builder json = Json.object()
                    .put("token", token)
                    .put("secret", secret)
                    .put("parent", parent)
                    .put("number", number);
            if (!via.isEmpty()) {
                json.put("via", Json.array(via.stream().map(Shown::toJson).toList()));
            }
            return json.build();
        }
    }

    /**
     * A token and which of its secrets was shown.
     *
     * @param secret lower-case hexadecimal SHA-256
     */
    public record Shown(String token, String secret) {
        private static final int SECRET_CHARS = 64;

        public Shown {
            Keys.key("token", token);
            boolean digits = secret.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
            if (secret.length() != SECRET_CHARS || !digits) {
                throw new InvalidInput(
                        "secret", secret.length() + " characters", SECRET_CHARS + " lower-case hexadecimal digits");
            }
        }

        private static Shown read(Fields fields) {
            return new Shown(fields.text("token"), fields.text("secret"));
        }

        private Json toJson() {
            return Json.object().put("token", token).put("secret", secret).build();
        }
    }

    public Node {
        Keys.key("id", id);
        address.ifPresent(url -> address("address", url));
    }

    /** One that has a ledger. */
    public Node(String id, String publicKey, Optional<String> address) {
        this(id, publicKey, address, Optional.empty());
    }

    /** One that others don't reach. */
    public Node(String id, String publicKey) {
        this(id, publicKey, Optional.empty());
    }

    public Node reachedAt(Optional<String> newAddress) {
        return new Node(id, publicKey, newAddress, relay);
    }

    /** The same as a relay, which nobody dials. */
    public Node relayingIn(String region, Optional<Joining> joining) {
        return new Node(id, publicKey, Optional.empty(), Optional.of(new Relay(region, false, joining)));
    }

    /** How it has joined, if it is a relay of which that is known. */
    public Optional<Joining> joining() {
        return relay.flatMap(Relay::joining);
    }

    /** The same, off the list of those that are to be there. */
    public Node retired() {
        return new Node(
                id, publicKey, Optional.empty(), relay.map(known -> new Relay(known.region(), true, known.joining())));
    }

    /** Whether it is a relay that is to be there. */
    public boolean relays() {
        return relay.filter(known -> !known.retired()).isPresent();
    }

    /**
     * The address, if it can be a node's.
     *
     * @throws InvalidInput if it can't, naming {@code path}
     */
    public static String address(String path, String address) {
        if (address.length() > ADDRESS_CHARS || !isAddress(address)) {
            throw new InvalidInput(
                    path,
                    address.length() > ADDRESS_CHARS ? address.length() + " characters" : address,
                    "scheme, host and port, such as https://andon-1.example:8080, in at most " + ADDRESS_CHARS
                            + " characters");
        }
        return address;
    }

    private static boolean isAddress(String address) {
        try {
            URI uri = new URI(address);
            String scheme = uri.getScheme();
            boolean plain = isNothing(uri.getRawPath())
                    && uri.getRawQuery() == null
                    && uri.getRawFragment() == null
                    && uri.getRawUserInfo() == null;
            boolean port = uri.getPort() == -1 || (uri.getPort() > 0 && uri.getPort() <= 0xffff);
            return plain && port && uri.getHost() != null && ("http".equals(scheme) || "https".equals(scheme));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isNothing(@Nullable String part) {
        return part == null || part.isEmpty();
    }

    /**
     * Whether the node's key signed exactly this text.
     *
     * @param signature Base64 of the Ed25519 signature (RFC 8032) over the text's UTF-8 bytes
     */
    public boolean signed(String text, String signature) {
        try {
            Signature verifier = Signature.getInstance("Ed25519");
            verifier.initVerify(key());
            verifier.update(text.getBytes(StandardCharsets.UTF_8));
            return verifier.verify(Base64.getDecoder().decode(signature));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return false;
        }
    }

    private PublicKey key() throws GeneralSecurityException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(publicKey);
        } catch (IllegalArgumentException e) {
            throw new InvalidKeyException("not Base64: " + publicKey, e);
        }
        return KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(bytes));
    }

    public static Node read(Fields fields) {
        return new Node(
                fields.text("id"),
                fields.text("publicKey"),
                fields.optionalText("address"),
                fields.optionalObject("relay").map(Relay::read));
    }

    public Json toJson() {
        Json.Builder json =
                Json.object().put("id", id).put("publicKey", publicKey).put("address", address);
        relay.ifPresent(known -> json.put("relay", known.toJson()));
        return json.build();
    }
}
