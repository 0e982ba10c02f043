package dev.andon.server;

import dev.andon.core.image.Marks;
import dev.andon.core.json.Json;
import dev.andon.core.model.Kill;
import dev.andon.core.model.KillId;
import dev.andon.core.model.Node;
import dev.andon.core.model.Origin;
import dev.andon.core.model.SignedKill;
import dev.andon.core.model.Target;
import dev.andon.core.stream.Frame;
import dev.andon.core.stream.FrameCodec;
import dev.andon.core.stream.PeerEffect;
import dev.andon.core.stream.PeerInput;
import dev.andon.core.stream.PeerLink;
import dev.andon.core.stream.PeerProof;
import dev.andon.server.node.ControlPlane;
import dev.andon.server.peer.Peers;
import dev.andon.server.token.Secret;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A relay that says whatever a test likes: it has a key, and keeps to nothing. Thread-safe. */
final class HandMadeRelay implements AutoCloseable {
    final String id;
    private final KeyPair keys;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ScheduledExecutorService ticking = Executors.newSingleThreadScheduledExecutor();
    private final StringBuilder text = new StringBuilder();
    private Optional<PeerLink> link = Optional.empty();
    private Optional<WebSocket> socket = Optional.empty();
    private String ended = "";
    private final List<String> lost = new ArrayList<>();
    /** What its kills are named by. */
    String journal;

    int kills;

    /** A token of role relay, as it was issued or rotated. */
    record Token(String id, String secret) {
        static Token issued(ApiClient api, String name) {
            ApiClient.Answer answer = api.post("/api/v1/tokens", "{'name':'" + name + "','role':'relay','reason':'r'}");
            return new Token(answer.text("token.id"), answer.text("secret"));
        }

        Token rotated(ApiClient api) {
            ApiClient.Answer answer =
                    api.post("/api/v1/tokens/" + id + "/rotations", "{'overlapSeconds':0,'reason':'r'}");
            return new Token(id, answer.text("secret"));
        }

        String bearer() {
            return "Bearer " + secret;
        }

        Node.Joining joining(Optional<String> parent, long number) {
            return new Node.Joining(id, Secret.hash(secret), parent, number);
        }
    }

    HandMadeRelay(String id) throws GeneralSecurityException {
        this.id = id;
        this.journal = KillId.journalOf(id, "0".repeat(KillId.OWN_DIGITS));
        this.keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    String publicKey() {
        return Base64.getEncoder().encodeToString(keys.getPublic().getEncoded());
    }

    /** As a node keeps its identity. */
    String keyFile() {
        return Json.object()
                .put("id", id)
                .put("publicKey", publicKey())
                .put(
                        "privateKey",
                        Base64.getEncoder().encodeToString(keys.getPrivate().getEncoded()))
                .build()
                .text();
    }

    ApiClient.Answer joins(ApiClient at, Token token) {
        return joins(at, token, token.joining(Optional.empty(), 1));
    }

    /** @param shown the token that the request carries */
    ApiClient.Answer joins(ApiClient at, Token shown, Node.Joining joining) {
        return at.put("/api/v1/relay/nodes/" + id, request(ledger(at), joining), "Authorization", shown.bearer());
    }

    /** What it sends to join, signed. */
    String request(String ledger, Node.Joining joining) {
        return Json.object()
                .put("publicKey", publicKey())
                .put("region", "eu")
                .put("joining", joining.toJson())
                .put("signature", sign(joining.statement(ledger, id, "eu")))
                .build()
                .text();
    }

    static String ledger(ApiClient at) {
        return at.get("/health/ready").text("image.ledger");
    }

    String sign(String statement) {
        try {
            Signature signer = Signature.getInstance("Ed25519");
            signer.initSign(keys.getPrivate());
            signer.update(statement.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(signer.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    SignedKill kill(String flag) {
        kills++;
        Kill kill = new Kill(
                new KillId(journal, kills),
                "production",
                new Target.OneFlag(flag),
                new TreeSet<>(List.of(flag)),
                Optional.empty(),
                List.of(),
                List.of(),
                "by relay " + id,
                "ann",
                Origin.HUMAN,
                Instant.EPOCH,
                id,
                Optional.empty());
        return SignedKill.sign(kill, keys.getPrivate());
    }

    /** Opens its link. It is up when {@link #linked}. */
    synchronized HandMadeRelay links(URI server, ControlPlane at, Token token) {
        PeerLink.Self self = new PeerLink.Self(
                id,
                at.image().provenance().ledger(),
                node -> Optional.ofNullable(at.image().nodes().get(node)).map(known -> known.value()),
                this::sign,
                Node::signed,
                500);
        link = Optional.of(PeerLink.dialling(self, Optional.empty(), "7".repeat(PeerProof.NONCE_DIGITS), nowMs()));
        URI uri = URI.create(server.toString().replaceFirst("^http", "ws") + Peers.RELAYS);
        WebSocket opened = http.newWebSocketBuilder()
                .header("Authorization", token.bearer())
                .buildAsync(uri, new Listening())
                .join();
        socket = Optional.of(opened);
        carryOut(link.get().start());
        step(new PeerInput.Offered(at.image().provenance().epoch(), Marks.NONE, Map.of()));
        var _ = ticking.scheduleWithFixedDelay(() -> step(new PeerInput.Tick()), 100, 100, TimeUnit.MILLISECONDS);
        return this;
    }

    synchronized boolean linked() {
        return link.filter(PeerLink::linked).isPresent();
    }

    /** Why the link ended; empty as long as it stands. */
    synchronized String ended() {
        return ended;
    }

    /** The nodes of which it was told to tell anew, so far. */
    synchronized List<String> lost() {
        return List.copyOf(lost);
    }

    synchronized void tells(Frame frame) {
        step(new PeerInput.Tell(frame));
    }

    void carries(SignedKill... some) {
        tells(new Frame.Carry(List.of(some)));
    }

    /** That it has told all of a node, of itself or another one, with these clients. */
    void tellsOf(Optional<String> node, Json... clients) {
        tells(new Frame.Presence(node, "run-" + id, 1, true, true, List.of(clients), Map.of()));
    }

    private synchronized void step(PeerInput input) {
        link.ifPresent(one -> carryOut(one.step(input, nowMs())));
    }

    private void carryOut(List<PeerEffect> effects) {
        for (PeerEffect effect : effects) {
            if (effect instanceof PeerEffect.Send send) {
                socket.orElseThrow()
                        .sendText(new String(FrameCodec.encode(send.frame()), StandardCharsets.UTF_8), true)
                        .join();
            } else if (effect instanceof PeerEffect.Lost said) {
                lost.addAll(said.lost().nodes());
            } else if (effect instanceof PeerEffect.Close close) {
                ended = close.why();
            }
        }
    }

    private static long nowMs() {
        return System.nanoTime() / 1_000_000;
    }

    private final class Listening implements WebSocket.Listener {
        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            List<String> whole = new ArrayList<>();
            synchronized (text) {
                text.append(data);
                if (last) {
                    whole.add(text.toString());
                    text.setLength(0);
                }
            }
            whole.forEach(message -> step(new PeerInput.Received(
                    FrameCodec.decode(message.getBytes(StandardCharsets.UTF_8), FrameCodec.FROM_PEER))));
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }
    }

    @Override
    public void close() {
        ticking.shutdownNow();
        socket.ifPresent(WebSocket::abort);
        http.shutdownNow();
    }
}
